#include "simulator/oracles/no_lost_operation.hpp"

#include <set>
#include <string>
#include <vector>

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

// The phone of this stage never boots and lists nothing: what it lists at the end, and what the
// server did, is said by the test.
struct Ledger : oracles::Stage {
  oracles::NoLostOperation oracle;
  Ledger() {
    watch(oracle);
    accept("o1", 1);
  }
  std::vector<std::string> problems(const oracles::NoLostOperation::States& listed,
                                    const std::set<std::string>& effects = {}) {
    return oracle.problems(phone, listed, [&](const auto& id) { return effects.contains(id); });
  }
};

}  // namespace

TEST_CASE("INV-Q1 oracle: what was acknowledged and is nowhere is named") {
  Ledger stage;
  CHECK(stage.problems({}) ==
        std::vector<std::string>{"phone1 lost the acknowledged operation o1"});
  CHECK(stage.problems({{"o2", "queued"}}).size() == 1);
}

TEST_CASE("INV-Q1 oracle: what had its effect, or stands where its user sees it, is not lost") {
  Ledger stage;
  CHECK(stage.problems({}, {"o1"}).empty());
  CHECK(stage.problems({{"o1", GENERATE("queued", "failed", "rejected", "conflict")}}).empty());
  CHECK(stage.problems({{"o1", "applied"}}, {"o1"}).empty());
}

TEST_CASE("INV-Q1 oracle: what is called applied and never had an effect is named") {
  Ledger stage;
  CHECK(stage.problems({{"o1", "applied"}}) ==
        std::vector<std::string>{"phone1 calls o1 applied, the server never did it"});
}

TEST_CASE("INV-Q1 oracle: what its user gave up is over, by name or with everything else") {
  Ledger stage;
  SECTION("by name") { stage.world.observe_discarded(stage.phone, "o1"); }
  SECTION("by notice") { stage.world.observe_lost(stage.phone, "o1"); }
  SECTION("with everything") { stage.world.observe_erase(stage.phone); }
  CHECK(stage.problems({}).empty());
}

TEST_CASE("INV-Q1 oracle: what was handed in and never acknowledged may be gone") {
  Ledger stage;
  stage.hand_in("o2");
  CHECK(stage.problems({{"o1", "queued"}}).empty());
}
