#include "engine/http/repeat_budget.hpp"

#include <array>
#include <deque>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "engine/http/repeated_call.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::http;
using namespace std::chrono_literals;

namespace {

constexpr std::array<RepeatRank, 3> kRanks{RepeatRank::news, RepeatRank::accepted,
                                           RepeatRank::probe};
const Instant kStart{1'000'000};

Answer status(int code) { return {Response{code, {}, {}}, std::nullopt}; }

void repeat(RepeatLedger& device, std::size_t times, Instant at = kStart) {
  for (std::size_t i = 0; i < times; ++i) device.on_repeat(at);
}

}  // namespace

TEST_CASE("INV-Q9: however all parts of a device ask, no minute has more than thirty repeats") {
  Random random(11);
  RepeatBudget device;
  std::deque<Instant> sent;
  std::deque<Instant> unasked;  // refreshes and replays, as few as there can be
  std::array<std::size_t, kRanks.size()> sent_by{};
  Instant now = kStart;
  for (int i = 0; i < 50'000; ++i) {
    now = now + Duration{random.between(0, 500)};
    while (!sent.empty() && now - sent.front() >= 60s) sent.pop_front();
    while (!unasked.empty() && now - unasked.front() >= 60s) unasked.pop_front();
    const std::size_t part = random.below(kRanks.size() + 1);
    if (part == kRanks.size()) {
      if (unasked.size() >= limits::kRepeatsPerMinuteMax - limits::kRepeatsForProbesMax) continue;
      unasked.push_back(now);
    } else if (device.free_at(kRanks[part]) > now) {
      continue;
    } else {
      ++sent_by[part];
    }
    device.on_repeat(now);
    sent.push_back(now);
    REQUIRE(sent.size() <= limits::kRepeatsPerMinuteMax);
  }
  for (const std::size_t count : sent_by) CHECK(count > 0);
}

TEST_CASE("INV-Q9: what was handed in goes before news, and probes before both") {
  RepeatBudget device;
  repeat(device, limits::kRepeatsForNewsMax);
  CHECK(device.free_at(RepeatRank::news) == kStart + 60s);
  CHECK(device.free_at(RepeatRank::accepted) <= kStart);
  repeat(device, limits::kRepeatsForAcceptedMax - limits::kRepeatsForNewsMax);
  CHECK(device.free_at(RepeatRank::accepted) == kStart + 60s);
  CHECK(device.free_at(RepeatRank::probe) <= kStart);
  repeat(device, limits::kRepeatsForProbesMax - limits::kRepeatsForAcceptedMax);
  CHECK(device.free_at(RepeatRank::probe) == kStart + 60s);
}

// Nothing that was handed in starves: probes and news leave pushes what pushes may have.
TEST_CASE("INV-Q9: pushes get their ten a minute beside any news and as many probes as there are") {
  RepeatBudget device;
  std::size_t pushes = 0;
  const Instant settled = kStart + 10min;  // the news that left before a push waited is long past
  for (Instant now = kStart; now < settled + 10min; now = now + 500ms) {
    if (now == settled) pushes = 0;
    const bool is_probe_due = (now - kStart) % (60s / limits::kProbesPerMinuteMax) == 0s;
    if (is_probe_due && device.free_at(RepeatRank::probe) <= now) device.on_repeat(now);
    // Whoever asks for news is always the first to ask.
    while (device.free_at(RepeatRank::news) <= now) device.on_repeat(now);
    const bool is_push_due = (now - kStart) % (60s / limits::kPushRepeatsPerMinuteMax) == 0s;
    if (!is_push_due || device.free_at(RepeatRank::accepted) > now) continue;
    device.on_repeat(now);
    ++pushes;
  }
  CHECK(pushes == 10 * limits::kPushRepeatsPerMinuteMax);
}

TEST_CASE("INV-Q9: repeats that are chosen together count for each other, on the device as well") {
  RepeatBudget device;
  for (std::size_t i = 0; i < limits::kRepeatsForAcceptedMax - 1; ++i)
    device.on_repeat(kStart + Duration{1'000 * static_cast<std::int64_t>(i)});
  CHECK(device.free_at(RepeatRank::accepted) <= kStart);
  CHECK(device.free_at(RepeatRank::accepted, 1) == kStart + 60s);
  CHECK(device.free_at(RepeatRank::accepted, 2) == kStart + 61s);
}

TEST_CASE("INV-Q9: a call is a repeat behind one that failed, and none behind one that did not") {
  RepeatBudget device;
  RepeatedCall call(device, RepeatRank::news);
  repeat(device, limits::kRepeatsForNewsMax - 1);
  call.on_sent(kStart);
  CHECK(call.held_until() <= kStart);
  const bool is_silent = GENERATE(true, false);
  call.on_answer(is_silent ? Answer{std::nullopt, TransportFailure::silent} : status(503));
  CHECK(call.held_until() <= kStart);
  call.on_sent(kStart);
  CHECK(call.held_until() == kStart + 60s);
  call.on_answer(status(204));
  CHECK(call.held_until() <= kStart);
}
