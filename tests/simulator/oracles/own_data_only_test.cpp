#include "simulator/oracles/own_data_only.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Users : oracles::TokenStage {
  oracles::OwnDataOnly oracle;
  const std::string asha = phone.user_id();
  Users() {
    watch(oracle);
    log_in_as(asha, 1);
    accept("o1", 1);
  }
  void log_in_as(const std::string& user, int pair) {
    Json welcome = body(pair);
    welcome["user"] = {{"id", user}};
    answer(send(routes().login), 200, welcome);
    tell_status("authenticated", user);
  }
  void push_with(int pair) {
    send(routes().push,
         Json{{"operations", Json::array({Json{{"id", "o1"},
                                               {"entity_type", "approval"},
                                               {"entity_id", "a1"},
                                               {"payload", Json::object()}}})}},
         bearer(pair));
  }
  std::size_t found() { return violations("INV-A13").size(); }
};

}  // namespace

TEST_CASE("INV-A13 oracle: an owner sends, hears of and sees what is theirs") {
  Users stage;
  stage.push_with(1);
  stage.answer_pair(stage.refresh(1), 2);
  stage.push_with(2);
  stage.tell("o1", "sending");
  stage.world.observe_view(stage.phone, Json::object(),
                           Json{{"operations", Json::array({Json{{"id", "o1"}}})}});
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A13 oracle: an operation that leaves with another user's token is named") {
  Users stage;
  stage.log_in_as("ravi", 5);
  SECTION("of the login") { stage.push_with(5); }
  SECTION("of a refresh behind it") {
    stage.answer_pair(stage.refresh(5), 6);
    stage.push_with(6);
  }
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A13 oracle: what one user did is neither told nor shown to the next") {
  Users stage;
  stage.log_in_as("ravi", 5);
  SECTION("told") { stage.tell("o1", "queued"); }
  SECTION("shown, however deep it stands") {
    stage.world.observe_view(
        stage.phone, Json::object(),
        Json{{"documents", Json::array({Json{{"pending", Json::array({"o1"})}}})}});
  }
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A13 oracle: while nobody is logged in, and once the owner is back, it may be told") {
  Users stage;
  SECTION("nobody") { stage.tell_status("unauthenticated"); }
  SECTION("the owner again") {
    stage.log_in_as("ravi", 5);
    stage.log_in_as(stage.asha, 6);
    stage.push_with(6);
  }
  stage.tell("o1", "queued");
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A13 oracle: an operation leaves in the name of the organisation it was made in") {
  oracles::TokenStage stage("ims");
  oracles::OwnDataOnly oracle;
  stage.watch(oracle);
  const auto work_in = [&](const char* organisation) {
    stage.world.observe_event(stage.phone, "session.status",
                              Json{{"status", "authenticated"},
                                   {"user_id", stage.phone.user_id()},
                                   {"organisation", {{"id", organisation}}}});
  };
  const auto push_for = [&](const char* organisation) {
    stage.send(stage.routes().push, Json{{"operations", Json::array({Json{{"id", "o1"}}})}},
               {{"X-Organization-Id", organisation}});
  };
  work_in("north");
  stage.accept("o1", 1);
  work_in("south");
  SECTION("its own, wherever its user is") {
    push_for("north");
    CHECK(stage.violations("INV-A13").empty());
  }
  SECTION("the active one") {
    push_for("south");
    CHECK(stage.violations("INV-A13").size() == 1);
  }
}
