#include "engine/store/file_check_plan.hpp"

#include <cstdint>
#include <optional>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using store::FileCheckPlan;

namespace {

constexpr Duration kDay{limits::kFileCheckIntervalMs};
constexpr Duration kQuiet{limits::kFileCheckQuietMs};
constexpr Duration kPause{limits::kFileCheckPauseMs};
constexpr Instant kStart{1'800'000'000'000};
constexpr std::uint64_t kSeq = 7;

}  // namespace

TEST_CASE("a file that was never looked through is, when nobody has written for a while") {
  FileCheckPlan plan(std::nullopt, 0, kStart);
  CHECK(plan.next_at(kSeq, kStart) == kStart + kQuiet);
  CHECK(plan.next_at(kSeq + 1, kStart + kQuiet) == kStart + 2 * kQuiet);
  CHECK(plan.next_at(kSeq + 1, kStart + 2 * kQuiet) == kStart + 2 * kQuiet);
}

TEST_CASE("a table comes behind the other, and the next round a day later") {
  FileCheckPlan plan(std::nullopt, 0, kStart);
  Instant now = plan.next_at(kSeq, kStart);
  CHECK(plan.next_at(kSeq, now) == now);
  CHECK(plan.table() == 0);
  CHECK_FALSE(plan.on_sound(2, now));
  CHECK(plan.table() == 1);
  CHECK(plan.next_at(kSeq, now) == now + kPause);
  now = now + kPause;
  CHECK(plan.next_at(kSeq, now) <= now);
  // Whoever writes in between is waited for.
  CHECK(plan.next_at(kSeq + 1, now) == now + kQuiet);
  now = now + kQuiet;
  CHECK(plan.on_sound(2, now));
  CHECK(plan.table() == 0);
  CHECK(plan.next_at(kSeq + 1, now) == now + kDay);
}

TEST_CASE("a file is looked through a day behind the last time, whatever a clock says") {
  FileCheckPlan recent(kStart - Duration{3'600'000}, 0, kStart);
  CHECK(recent.next_at(kSeq, kStart) == kStart - Duration{3'600'000} + kDay);
  FileCheckPlan set_back(kStart + 30 * kDay, 0, kStart);
  CHECK(set_back.next_at(kSeq, kStart) == kStart + kDay);
  FileCheckPlan old(kStart - 30 * kDay, 0, kStart);
  CHECK(old.next_at(kSeq, kStart) == kStart + kQuiet);
}

TEST_CASE(
    "a process goes on where the one before came to, also in a file that has fewer tables now") {
  FileCheckPlan plan(std::nullopt, 3, kStart);
  const Instant now = plan.next_at(kSeq, kStart);
  CHECK(plan.table() == 3);
  CHECK_FALSE(plan.on_sound(5, now));
  CHECK(plan.table() == 4);
  CHECK(plan.on_sound(2, now));
  CHECK(plan.table() == 0);
}

TEST_CASE("what cannot be read now has its turn again a little later") {
  FileCheckPlan plan(std::nullopt, 0, kStart);
  const Instant now = plan.next_at(kSeq, kStart);
  (void)plan.next_at(kSeq, now);
  plan.on_failed(now);
  CHECK(plan.table() == 0);
  CHECK(plan.next_at(kSeq, now) == now + Duration{limits::kStorageRetryMs});
}
