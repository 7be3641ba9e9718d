#include "simulator/oracles/retry_storm.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

struct Storm : oracles::Stage {
  oracles::RetryStorm oracle;
  Storm() { watch(oracle); }

  void call(const std::string& target, int status, std::int64_t every_ms) {
    answer(send(target), status);
    wait(every_ms);
  }
  std::size_t found() { return violations("INV-Q9").size(); }
};

}  // namespace

TEST_CASE("INV-Q9 oracle: thirty repeats of failed calls a minute, and no more") {
  Storm storm;
  const std::string pull = storm.routes().pull;
  SECTION("one every two seconds is allowed") {
    for (int i = 0; i < 120; ++i) storm.call(pull, 500, 2'000);
    CHECK(storm.found() == 0);
  }
  SECTION("two a second are a storm, told once") {
    for (int i = 0; i < 120; ++i) storm.call(pull, 500, 500);
    CHECK(storm.found() == 1);
  }
  SECTION("of several calls together") {
    for (int i = 0; i < 60; ++i) {
      storm.call(pull, 503, 800);
      storm.call(storm.routes().push, 429, 800);
    }
    CHECK(storm.found() == 1);
  }
  SECTION("what succeeds may be repeated as often as somebody wants") {
    for (int i = 0; i < 120; ++i) storm.call(pull, 200, 100);
    CHECK(storm.found() == 0);
  }
  SECTION("an operation that its user has just made is no repeat, also from the next process") {
    const bool is_new = GENERATE(true, false);
    for (int i = 0; i < 60; ++i) {
      storm.answer(storm.push({is_new ? "op-" + std::to_string(i) : "op"}), 500);
      storm.wait(500);
      if (i == 10) storm.world.observe_crash(storm.phone, false);
    }
    CHECK(storm.found() == (is_new ? 0 : 1));
  }
  SECTION("a new one in the company of one that goes again is") {
    for (int i = 0; i < 60; ++i) {
      storm.answer(storm.push({"op", "op-" + std::to_string(i)}), 500);
      storm.wait(500);
    }
    CHECK(storm.found() == 1);
  }
  SECTION("silence is a failure") {
    for (int i = 0; i < 40; ++i) {
      storm.answer(storm.send(pull), http::TransportFailure::silent);
      storm.wait(1'000);
    }
    CHECK(storm.found() == 1);
  }
}
