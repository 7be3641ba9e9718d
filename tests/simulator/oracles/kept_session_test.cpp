#include "simulator/oracles/kept_session.hpp"

#include "tests/simulator/oracles/session_stage.hpp"

using namespace landfall;
using backend::RefreshMode;
using backend::RefreshOutcome;
using oracles::KeptSession;

namespace {

constexpr Instant kNow{1'767'583'800'000};

backend::RefreshDecision decision(RefreshMode mode, RefreshOutcome outcome,
                                  const std::string& reason, std::int64_t at_s) {
  backend::RefreshDecision made;
  made.family_id = "f";
  made.generation = 2;
  made.device_id = "d1";
  made.mode = mode;
  made.outcome = outcome;
  made.reason = reason;
  made.at = kNow + Duration{at_s * 1'000};
  return made;
}

// A token is exchanged, and presented again after so many seconds as theft.
std::string judge_reuse(RefreshMode mode, std::int64_t after_s) {
  backend::Ledger ledger(100);
  ledger.add(decision(mode, RefreshOutcome::rotated, "rotated", 0));
  ledger.add(decision(mode, RefreshOutcome::refused, "reuse", after_s));
  return KeptSession::unfounded(ledger, "d1");
}

struct Session : oracles::SessionStage {
  KeptSession oracle;
  Session() { watch(oracle); }

  std::size_t found() { return violations("INV-A3").size(); }
};

}  // namespace

TEST_CASE("INV-A3 oracle: who may refuse a token that was presented again") {
  CHECK(judge_reuse(RefreshMode::strict, 1).empty());
  CHECK(judge_reuse(RefreshMode::grace, 31).empty());
  CHECK_FALSE(judge_reuse(RefreshMode::grace, 29).empty());
  CHECK_FALSE(judge_reuse(RefreshMode::until_used, 3'600).empty());
}

TEST_CASE("INV-A3 oracle: a refresh that was not saved may come late and look like theft") {
  Session stage;
  backend::Ledger ledger(100);
  const auto mode = GENERATE(RefreshMode::grace, RefreshMode::until_used);
  const auto refreshed = [&](RefreshOutcome outcome, const std::string& reason,
                             const std::string& id) {
    auto made = decision(mode, outcome, reason, 0);
    made.refresh_id = id;
    ledger.add(made);
  };
  refreshed(RefreshOutcome::rotated, "rotated", "i2");
  refreshed(RefreshOutcome::refused, "reuse", "i1");
  oracles::UnsavedRefreshes unsaved;
  const Instant later = kNow + Duration{1'000};
  SECTION("its host was told, and the next process asked anew") {
    unsaved.on_sent(stage.phone, "i1", kNow);
    unsaved.on_told(stage.phone, kNow);
    unsaved.on_sent(stage.phone, "i2", later);
    CHECK(KeptSession::unfounded(ledger, "d1", unsaved).empty());
  }
  SECTION("the process died before its host could be told") {
    unsaved.on_sent(stage.phone, "i1", kNow);
    const bool has_room = GENERATE(true, false);
    unsaved.on_died(stage.phone, kNow, has_room);
    unsaved.on_sent(stage.phone, "i2", later);
    CHECK(KeptSession::unfounded(ledger, "d1", unsaved).empty() == !has_room);
  }
  SECTION("it was saved") {
    unsaved.on_sent(stage.phone, "i1", kNow);
    unsaved.on_sent(stage.phone, "i2", later);
    CHECK_FALSE(KeptSession::unfounded(ledger, "d1", unsaved).empty());
  }
  SECTION("it was the second one") {
    unsaved.on_sent(stage.phone, "i2", kNow);
    unsaved.on_sent(stage.phone, "i1", later);
    unsaved.on_told(stage.phone, later);
    CHECK_FALSE(KeptSession::unfounded(ledger, "d1", unsaved).empty());
  }
}

TEST_CASE("INV-A3 oracle: a refusal needs a cause in the ledger") {
  backend::Ledger ledger(100);
  CHECK_FALSE(KeptSession::unfounded(ledger, "d1").empty());
  SECTION("somebody ended the family") {
    ledger.add(backend::Revocation{"f", "u", "d1", "administrator", kNow});
    ledger.add(decision(RefreshMode::until_used, RefreshOutcome::refused, "revoked", 1));
    CHECK(KeptSession::unfounded(ledger, "d1").empty());
    CHECK_FALSE(KeptSession::unfounded(ledger, "d2").empty());
  }
  SECTION("a token that the server never made") {
    ledger.add(decision(RefreshMode::strict, RefreshOutcome::refused, "unknown", 1));
    CHECK_FALSE(KeptSession::unfounded(ledger, "d1").empty());
  }
}

TEST_CASE("INV-A3 oracle: a session that ends without a refusal or its user's word is named") {
  Session stage;
  stage.tell_status("authenticated");
  SECTION("by itself") {
    stage.tell_status("reauthRequired");
    CHECK(stage.found() == 1);
  }
  SECTION("gone after a crash") {
    stage.world.observe_crash(stage.phone, false);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 1);
  }
  SECTION("by logout") {
    stage.phone.set_wants_session(false);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
  SECTION("a failed login of one who had none") {
    stage.leave_and_fail_to_return();
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("I-24 INV-A3 oracle: who did nothing for too long is left by the profile's word") {
  Session stage;
  stage.tell_status("authenticated");
  stage.tell_left("session.idle");
  CHECK(stage.found() == 0);
}

TEST_CASE("I-15 INV-A3 oracle: a session that expired has left its user out, behind a refusal") {
  Session stage;
  stage.tell_status("authenticated");
  stage.tell_left("session.expired");
  CHECK(stage.found() == 1);
}

TEST_CASE(
    "INV-A3 oracle: who has everything erased has left, and whose erase was refused has not") {
  Session stage;
  stage.tell_status("authenticated");
  stage.world.observe_erase(stage.phone);
  SECTION("it is under way") {
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
  SECTION("it was refused, and later the session is gone") {
    stage.world.observe_erase_refused(stage.phone);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 1);
  }
  SECTION("the session was over before it was refused") {
    stage.tell_status("unauthenticated");
    stage.world.observe_erase_refused(stage.phone);
    CHECK(stage.found() == 0);
  }
  SECTION("its user had left all the same") {
    stage.phone.set_wants_session(false);
    stage.world.observe_erase_refused(stage.phone);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-A3 oracle: a session that its phone could not save may end with the process") {
  Session stage;
  stage.tell_status("authenticated");
  stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
  stage.tell_status("reauthRequired");
  CHECK(stage.found() == 0);
}
