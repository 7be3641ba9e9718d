#include "simulator/oracles/exactly_once.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

struct Play : oracles::Stage {
  explicit Play(bool keeps_rows = true) : oracle(keeps_rows) { watch(oracle); }
  [[nodiscard]] std::size_t faults(const std::vector<Json>& outbox) {
    oracle.judge_made_here(world, phone, outbox);
    return violations("INV-Q2").size();
  }

  oracles::ExactlyOnce oracle;
};

Json row(const std::string& id, const std::string& supersedes = "") {
  Json json{{"id", id}};
  if (!supersedes.empty()) json["supersedes"] = supersedes;
  return json;
}

}  // namespace

TEST_CASE("INV-Q2 oracle: what a merge made goes back to something that was handed in") {
  Play play;
  play.hand_in("mine");
  play.push({"mine"});
  play.push({"heir"});
  CHECK(play.faults({row("mine"), row("heir", "mine")}) == 0);
  play.push({"second"});
  // The one in between never left.
  CHECK(play.faults({row("mine"), row("heir", "mine"), row("between", "heir"),
                     row("second", "between")}) == 0);
}

TEST_CASE("INV-Q2 oracle: what was sent and goes back to nothing is named") {
  Play play;
  play.hand_in("mine");
  play.push({"stranger"});
  SECTION("it supersedes nothing") { CHECK(play.faults({row("mine"), row("stranger")}) == 1); }
  SECTION("it supersedes what nobody handed in") {
    CHECK(play.faults({row("mine"), row("other"), row("stranger", "other")}) == 1);
  }
  SECTION("the outbox knows nothing of it") { CHECK(play.faults({row("mine")}) == 1); }
}

TEST_CASE("INV-Q2 oracle: where rows may be lost, only one that is there must name its origin") {
  Play play(false);
  play.hand_in("mine");
  play.push({"stranger"});
  CHECK(play.faults({row("mine")}) == 0);
  CHECK(play.faults({row("mine"), row("stranger")}) == 1);
}
