#include "simulator/oracles/signed_decisions.hpp"

#include <string>

#include "engine/attest/attestation.hpp"
#include "tests/engine/attest/attest_fixture.hpp"
#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

const std::string kId = to_text(test::attested_id(1));

// A world whose server wants approvals signed.
struct SignedStage {
  SignedStage()
      : world({.profile = "prokure", .backend = options()}),
        phone(world.add_phone("phone1", {backend::Backend::seed_users()[0].id, "", ""})),
        oracle(book) {
    world.add_observer(book);
    world.add_observer(oracle);
    world.observe_intent(phone, {kId, {"approval", "a1"}, "approve", "{}", phone.user_id()});
  }

  static backend::BackendOptions options() {
    backend::BackendOptions options;
    options.attested = {"approval/approve"};
    return options;
  }
  [[nodiscard]] Json proof(const std::string& payload = "{}", const std::string& user = "") const {
    auto statement =
        test::statement_of({{test::attested_id(1), {"approval", "a1"}, "approve", payload}});
    statement.user_id = user.empty() ? phone.user_id() : user;
    return attest::to_json(attest::make(statement, test::seed(1)), {});
  }
  // A push of the one operation leaves; how many violations there are now.
  std::size_t push(const Json& attestation) {
    Json operation{{"id", kId},
                   {"entity_type", "approval"},
                   {"entity_id", "a1"},
                   {"action", "approve"},
                   {"payload", Json::object()}};
    if (!attestation.is_null()) operation["attestation"] = attestation;
    const Json body{{"operations", Json::array({operation})}};
    return send(world.routes().push, body);
  }
  std::size_t send(const std::string& target, const Json& body) {
    world.observe_request(phone, {"POST", target, {}, dump_json(body)});
    return world.violations().size();
  }

  world::VirtualWorld world;
  world::VirtualPhone& phone;
  oracles::OperationBook book;
  oracles::SignedDecisions oracle;
};

}  // namespace

TEST_CASE("C-25 oracle: what is signed is in order, by itself and in a group") {
  SignedStage stage;
  CHECK(stage.push(stage.proof()) == 0);
  const Json operation{{"id", kId},
                       {"entity_type", "approval"},
                       {"entity_id", "a1"},
                       {"action", "approve"},
                       {"payload", Json::object()}};
  CHECK(stage.send(stage.world.routes().bulk, {{"operations", Json::array({operation})},
                                               {"attestation", stage.proof()}}) == 0);
}

TEST_CASE("C-25 oracle: what is not proven, or not this, is named") {
  SignedStage stage;
  CHECK(stage.push(nullptr) == 1);
  CHECK(stage.push({{"biometric_verified", true}}) == 2);
  CHECK(stage.push(stage.proof(R"({"comment":"x"})")) == 3);
  CHECK(stage.push(stage.proof("{}", "somebody")) == 4);
  Json altered = stage.proof();
  altered["elapsed_ms"] = 1;
  CHECK(stage.push(altered) == 5);
  for (const auto& violation : stage.world.violations()) CHECK(violation.oracle == "C-25");
}
