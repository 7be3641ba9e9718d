#include "engine/auth/auth_status.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace landfall;
using namespace landfall::auth;

namespace {

constexpr std::array kOutside{AuthStatus::initial,
                              AuthStatus::loading,
                              AuthStatus::unauthenticated,
                              AuthStatus::biometric_prompt,
                              AuthStatus::organization_select,
                              AuthStatus::locked,
                              AuthStatus::two_factor};

}  // namespace

TEST_CASE("whoever has to log in again is still inside (C-4)") {
  CHECK(is_inside(AuthStatus::authenticated));
  CHECK(is_inside(AuthStatus::reauth_required));
  for (const auto status : kOutside) CHECK_FALSE(is_inside(status));
}

TEST_CASE("I-30: whoever is inside may switch, unless something else is under way") {
  for (const auto status : {AuthStatus::authenticated, AuthStatus::reauth_required}) {
    CHECK(may_begin_switch(status, false, false));
    const Status busy = may_begin_switch(status, true, false);
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == "session.busy");
  }
}

TEST_CASE("I-30: behind a lock nobody switches, and hears that the lock is why") {
  for (const auto status : {AuthStatus::locked, AuthStatus::biometric_prompt}) {
    const Status barred = may_begin_switch(status, false, true);
    REQUIRE_FALSE(barred);
    CHECK(barred.error().code == "session.locked");
    CHECK(may_begin_switch(status, true, true).error().code == "session.busy");
  }
  // The data's keys cannot be read: that is no lock of the app's, and it passes.
  CHECK(may_begin_switch(AuthStatus::locked, false, false).error().code == "session.busy");
}

TEST_CASE("INV-A7: what the phone could not do now is tried again, what cannot get better is not") {
  const auto is_tried = [](ErrorClass kind, const char* code) {
    return may_pass(Error{kind, code, "text"});
  };
  CHECK(is_tried(ErrorClass::transient, "keys.locked"));
  CHECK(is_tried(ErrorClass::busy, "session.busy"));
  CHECK(is_tried(ErrorClass::storage_full, "storage.full"));
  CHECK(is_tried(ErrorClass::internal, "store.io"));
  CHECK_FALSE(is_tried(ErrorClass::internal, "store.misuse"));
  CHECK_FALSE(is_tried(ErrorClass::corrupt, "keys.lost"));
  CHECK_FALSE(is_tried(ErrorClass::corrupt, "keys.invalid"));
  CHECK_FALSE(is_tried(ErrorClass::refused, "store.newer"));
}
