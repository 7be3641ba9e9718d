#include "engine/attachments/progress_pace.hpp"

#include <cstdint>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::attachments;

namespace {

constexpr Instant kNow{1'800'000'000'000};
constexpr Duration kPace{limits::kTransferProgressMs};

Transfer moved(std::int64_t confirmed, std::uint8_t id = 1) {
  Transfer transfer;
  transfer.id = AttachmentId{{id}};
  transfer.bytes = 1'000;
  transfer.confirmed = confirmed;
  return transfer;
}

}  // namespace

TEST_CASE("bytes that moved are told twice a second, and each transfer by itself") {
  ProgressPace pace;
  CHECK(pace.on_change(moved(100), kNow));
  CHECK_FALSE(pace.on_change(moved(200), kNow + kPace - Duration{1}));
  CHECK(pace.on_change(moved(200, 2), kNow + kPace - Duration{1}));
  CHECK(pace.on_change(moved(300), kNow + kPace));
  CHECK_FALSE(pace.on_change(moved(400), kNow + kPace + Duration{1}));
}

TEST_CASE("whatever is more than bytes that moved is told at once") {
  ProgressPace pace;
  CHECK(pace.on_change(moved(100), kNow));
  Transfer waits = moved(100);
  waits.cause = "network.not_sent";
  CHECK(pace.on_change(waits, kNow));
  Transfer blocked = moved(100);
  blocked.state = State::blocked;
  CHECK(pace.on_change(blocked, kNow));
  CHECK(pace.on_change(moved(0), kNow));
  Transfer done = moved(1'000);
  done.state = State::done;
  CHECK(pace.on_change(done, kNow));
  // It is over: nothing is remembered of it.
  CHECK(pace.on_change(moved(100), kNow));
}

TEST_CASE("INV-T3: a clock that was set back keeps no bar standing") {
  ProgressPace pace;
  CHECK(pace.on_change(moved(100), kNow));
  CHECK(pace.on_change(moved(200), kNow - Duration{3'600'000}));
  CHECK_FALSE(pace.on_change(moved(300), kNow - Duration{3'600'000}));
}
