#pragma once

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

namespace landfall::test {

// The shipped profile with another app's word on unlocking: the seeds' three policies.
inline Json profile_with(const Json& unlock) {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["unlock"] = unlock;
  profile["endpoints"]["me"] = {{"method", "GET"},
                                {"path", "/auth/me"},
                                {"auth", "jwt"},
                                {"offline", "no"},
                                {"replay", true}};
  return profile;
}

inline Profile loaded(const Json& profile) {
  auto loaded = Profile::load(dump_json(profile));
  if (!loaded) FAIL(loaded.error().code << " " << loaded.error().field.value_or(""));
  return std::move(*loaded);
}

// A-50 to A-57: a PIN of 4 to 6 digits for thirty days without the server.
inline Json almafrica_unlock() {
  return Json::parse(R"({
    "at_start": true, "offline_hours": 720,
    "pin": {"digits_min": 4, "digits_max": 6,
            "lockout": {"steps": [{"at": 5, "wait_s": 30}, {"at": 6, "wait_s": 60},
                                  {"at": 7, "wait_s": 300}, {"at": 8, "wait_s": 900}],
                        "hard_at": 10},
            "kdf": {"memory_kib": 65536, "passes": 3}}})");
}

// I-17 to I-25: no PIN, biometrics before the one refresh token, logout after thirty minutes.
inline Json ims_unlock() {
  return Json::parse(R"({
    "at_start": true, "offline_hours": 0,
    "biometric": {"mode": "sealed_refresh", "failures_max": 3, "valid_days": 30,
                  "on_failed": "password", "on_cancelled": "password"},
    "idle": {"after_s": 1800, "then": "logout"}})");
}

inline Json prokure_unlock() { return Json::parse(*schema::profile("prokure")).at("unlock"); }

}  // namespace landfall::test
