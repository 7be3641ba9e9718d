#include "engine/store/log_move_plan.hpp"

#include <optional>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using store::LogMovePlan;

namespace {

constexpr Duration kQuiet{limits::kLogQuietMs};
constexpr std::int64_t kLong = limits::kLogBytesLong + 1;
constexpr std::int64_t kTooLong = limits::kLogBytesMax + 1;
constexpr Instant kStart{1'000'000};

}  // namespace

TEST_CASE("a short log stays where it is") {
  LogMovePlan plan;
  CHECK_FALSE(plan.move_at(0, 1, kStart, false));
  CHECK_FALSE(plan.move_at(limits::kLogBytesLong, 2, kStart, false));
}

TEST_CASE("a long log is moved when nobody has written for a moment") {
  LogMovePlan plan;
  CHECK(plan.move_at(kLong, 7, kStart, false) == kStart + kQuiet);
  CHECK(plan.move_at(kLong, 7, kStart + kQuiet, false) == kStart + kQuiet);
}

TEST_CASE("whoever writes puts the move off") {
  LogMovePlan plan;
  Instant now = kStart;
  for (std::uint64_t seq = 7; seq < 20; ++seq, now = now + kQuiet / 2)
    CHECK(plan.move_at(kLong, seq, now, false) == now + kQuiet);
  CHECK(plan.move_at(kLong, 19, now, false) == now + kQuiet / 2);
}

TEST_CASE("a log that is too long is moved however much is written") {
  LogMovePlan plan;
  CHECK(plan.move_at(kLong, 7, kStart, false) > kStart);
  CHECK(plan.move_at(kTooLong, 8, kStart, false) <= kStart);
}

TEST_CASE(
    "INV-S3: while the disk is low a log is moved long before it has the room of the ballast") {
  LogMovePlan plan;
  constexpr std::int64_t kLongOnLowDisk = limits::kLogBytesOnLowDisk + 1;
  CHECK_FALSE(plan.move_at(kLongOnLowDisk, 7, kStart, false));
  CHECK(plan.move_at(kLongOnLowDisk, 7, kStart, true) == kStart);
  CHECK_FALSE(plan.move_at(limits::kLogBytesOnLowDisk, 7, kStart, true));
  const Status full = failure(ErrorClass::storage_full, "storage.full", "no room");
  CHECK(LogMovePlan::look_again_at(kLongOnLowDisk, Status{}, kStart, true) == kStart + kQuiet);
  CHECK(LogMovePlan::look_again_at(kLongOnLowDisk, full, kStart, true) ==
        kStart + Duration{limits::kStorageRetryMs});
}

TEST_CASE("a log that became short meanwhile is waited for anew when it is long again") {
  LogMovePlan plan;
  (void)plan.move_at(kLong, 7, kStart, false);
  CHECK_FALSE(plan.move_at(0, 7, kStart + kQuiet, false));
  CHECK(plan.move_at(kLong, 7, kStart + kQuiet, false) == kStart + 2 * kQuiet);
}

TEST_CASE("what a move left of a long log is looked at again a moment later") {
  const Status busy = failure(ErrorClass::busy, "store.busy", "a reader");
  for (const Status& moved : {Status{}, busy}) {
    CHECK(LogMovePlan::look_again_at(kLong, moved, kStart, false) == kStart + kQuiet);
    CHECK(LogMovePlan::look_again_at(kTooLong, moved, kStart, false) == kStart + kQuiet);
    CHECK_FALSE(LogMovePlan::look_again_at(0, moved, kStart, false));
  }
}

TEST_CASE("a log that cannot be moved is not tried each second: a disk is full for minutes") {
  const Status full = failure(ErrorClass::storage_full, "storage.full", "no room");
  const Status broken = failure(ErrorClass::internal, "store.io", "a failed sync");
  for (const Status& moved : {full, broken}) {
    CHECK(LogMovePlan::look_again_at(kTooLong, moved, kStart, false) ==
          kStart + Duration{limits::kStorageRetryMs});
    CHECK_FALSE(LogMovePlan::look_again_at(0, moved, kStart, false));
  }
}

TEST_CASE("a clock that went back holds no move up for longer than a moment") {
  LogMovePlan plan;
  (void)plan.move_at(kLong, 7, kStart, false);
  const Instant before = kStart - Duration{3'600'000};
  CHECK(plan.move_at(kLong, 7, before, false) == before + kQuiet);
}
