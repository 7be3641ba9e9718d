#include "engine/sync/retry_schedule.hpp"

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::sync;

namespace {

const profile::RetryRules kRules{{Duration{5'000}, Duration{30'000}, Duration{120'000}}};
constexpr Instant kNow{1'000'000'000};

}  // namespace

TEST_CASE("P-31 C-19 the ladder is exactly 5, 30 and 120 s, then its last step again") {
  CHECK(delay_after(kRules, 1).count() == 5'000);
  CHECK(delay_after(kRules, 2).count() == 30'000);
  CHECK(delay_after(kRules, 3).count() == 120'000);
  CHECK(delay_after(kRules, 4).count() == 120'000);
  CHECK(delay_after(kRules, 90).count() == 120'000);
  CHECK_FALSE(is_spent(kRules, 3));
  CHECK(is_spent(kRules, 4));
}

TEST_CASE("a wait that the server names is believed between 2 s and the profile's longest") {
  const Duration longest{3'600'000};
  CHECK(server_wait(30, longest).count() == 30'000);
  CHECK(server_wait(0, longest).count() == limits::kRetryAfterMsMin);
  CHECK(server_wait(-5, longest).count() == limits::kRetryAfterMsMin);
  CHECK(server_wait(INT64_MAX, longest) == longest);
  CHECK(server_wait(INT64_MIN, longest).count() == limits::kRetryAfterMsMin);
}

TEST_CASE(
    "INV-Q8 the edge shortens a ladder wait but never below 5 s after the last send, and no "
    "server's wait") {
  Operation operation;
  operation.wait = Wait::ladder;
  operation.due_at = kNow + Duration{120'000};
  CHECK(rearmed_at(operation, kNow) == kNow);
  operation.last_sent_at = kNow - Duration{1'000};
  CHECK(rearmed_at(operation, kNow) == kNow + Duration{4'000});
  operation.due_at = kNow + Duration{2'000};
  CHECK(rearmed_at(operation, kNow) == kNow + Duration{2'000});  // never later than before
  operation.wait = Wait::server;
  operation.due_at = kNow + Duration{120'000};
  CHECK(rearmed_at(operation, kNow) == operation.due_at);
}

TEST_CASE("INV-Q8 the spread of an edge stays within 0 to 2 s and is the seed's") {
  Random jitter(3);
  Random again(3);
  for (int i = 0; i < 200; ++i) {
    const Instant at = edge_send_at(jitter, Duration{2'000}, kNow);
    CHECK((at >= kNow && at <= kNow + Duration{2'000}));
    CHECK(at == edge_send_at(again, Duration{2'000}, kNow));
  }
  CHECK(edge_send_at(jitter, Duration{0}, kNow) == kNow);
}
