#include "simulator/oracles/own_conflict.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

backend::ConflictRecord conflict(const std::string& loser, const std::string& winner,
                                 const std::string& winners_device = "d1") {
  backend::ConflictRecord record;
  record.operation_id = loser;
  record.entity = {"approval", "a1"};
  record.device_id = "d1";
  record.produced_by = winner;
  record.produced_by_device = winners_device;
  return record;
}

}  // namespace

TEST_CASE("INV-Q16 oracle: a conflict with an earlier operation of the own lane is named") {
  oracles::Stage stage;
  oracles::OwnConflict oracle(stage.book);
  stage.accept("first", 1);
  stage.accept("second", 2);
  stage.accept("elsewhere", 3, "approve", "a2");
  CHECK(oracle.is_own(conflict("second", "first")));
  CHECK_FALSE(oracle.is_own(conflict("first", "second")));
  CHECK_FALSE(oracle.is_own(conflict("second", "elsewhere")));
  CHECK_FALSE(oracle.is_own(conflict("second", "first", "d2")));
  backend::ConflictRecord by_nobody = conflict("second", "first");
  by_nobody.produced_by.reset();
  CHECK_FALSE(oracle.is_own(by_nobody));
}

TEST_CASE("INV-Q16 oracle: an earlier operation that its user retried had left its place") {
  oracles::Stage stage;
  oracles::OwnConflict oracle(stage.book);
  stage.accept("first", 1);
  stage.accept("second", 2);
  stage.world.observe_retried(stage.phone, "first");
  CHECK_FALSE(oracle.is_own(conflict("second", "first")));
}
