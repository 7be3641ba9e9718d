#pragma once

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "engine/auth/session.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/phone.hpp"
#include "tests/engine/store/store_fixture.hpp"

namespace landfall::test {

inline const Secret<std::string> kPassword{"password-marker"};

// A session over a real device.db, with a process that can be another one at any time.
struct SessionWorld {
  explicit SessionWorld(Profile rules)
      : profile(std::move(rules)),
        device(open_database(directory.file("device.db"), "", schema::device_migrations())) {
    restart();
  }

  void restart() {
    session = std::make_unique<auth::Session>(auth::Session::Parts{profile, "device-1", "ANDROID"});
    REQUIRE(
        device->read([&](const store::Snapshot& snapshot) { return session->on_open(snapshot); }));
  }

  // What comes of a login with this answer.
  Result<auth::LoggedIn> login(const http::Answer& answer, const auth::RememberWish& wish = {},
                               const std::string& email = "ann@example.com") {
    REQUIRE(session->on_login(email, kPassword, kStart, wish));
    CHECK(session->status() == auth::AuthStatus::loading);
    return session->on_login_answer(answer, kStart);
  }

  void open(const auth::ActiveUser& user) {
    REQUIRE(device->write("test.opened", store::Durability::durable, [&](store::Transaction& tx) {
      return session->on_opened(tx, user, kStart);
    }));
  }

  void log_out() {
    REQUIRE(device->write("test.logout", store::Durability::durable,
                          [&](store::Transaction& tx) { return session->on_logged_out(tx); }));
  }

  Profile profile;
  TemporaryDirectory directory;
  std::unique_ptr<store::Database> device;
  std::unique_ptr<auth::Session> session;
};

}  // namespace landfall::test
