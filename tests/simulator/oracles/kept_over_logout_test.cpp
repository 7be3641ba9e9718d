#include "simulator/oracles/kept_over_logout.hpp"

#include <set>
#include <string>

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

// The phone of this stage never boots and lists nothing: it is the moment of the end and the fate
// of each operation that is looked at.
struct Waits : oracles::TokenStage {
  oracles::KeptOverLogout oracle{book};
  Waits() {
    watch(oracle);
    log_in(1);
    accept("o1", 1);
  }
  // What the oracle says of an outbox with these operations in it.
  std::size_t lost(const std::set<std::string>& listed = {}) {
    return oracle.lost(world, phone, listed).size();
  }
};

}  // namespace

TEST_CASE("INV-A12 oracle: what waited when the session ended, and is nowhere, is named") {
  Waits stage;
  CHECK(stage.lost() == 0);
  stage.tell_status(GENERATE("unauthenticated", "reauthRequired", "locked"));
  CHECK(stage.lost() == 1);
  CHECK(stage.lost({"o1"}) == 0);
}

TEST_CASE("INV-A12 oracle: what had its verdict before or since is over") {
  Waits stage;
  SECTION("before") {
    stage.answer_results(stage.push({"o1"}), {{"o1", "applied"}});
    stage.tell_status("unauthenticated");
  }
  SECTION("since") {
    stage.tell_status("unauthenticated");
    stage.answer_results(stage.push({"o1"}), {{"o1", "rejected"}});
  }
  CHECK(stage.lost() == 0);
}

TEST_CASE("INV-A12 oracle: what its user gave up is over, by name or with everything else") {
  Waits stage;
  stage.tell_status("unauthenticated");
  SECTION("by name") { stage.world.observe_discarded(stage.phone, "o1"); }
  SECTION("by notice") { stage.world.observe_lost(stage.phone, "o1"); }
  SECTION("with everything") { stage.world.observe_erase(stage.phone); }
  CHECK(stage.lost() == 0);
}
