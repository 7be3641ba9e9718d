#include "engine/http/pins.hpp"

#include <array>
#include <vector>

#include <catch2/catch.hpp>

using namespace landfall;
using http::judge_pins;
using http::PinVerdict;
using profile::KeyHash;

namespace {

constexpr Instant kExpires{1'800'000'000'000};
constexpr const char* kHost = "api.example.com";

KeyHash key(std::uint8_t fill) {
  KeyHash hash{};
  hash.fill(fill);
  return hash;
}

profile::TrustRules pinned() {
  return {profile::ChainJudge::system, {{kHost, {key(1), key(2)}, kExpires}}};
}

http::Response dated(const char* date) { return {200, {{"Date", date}}, ""}; }

}  // namespace

TEST_CASE("NETWORK-2: one pinned key anywhere in the chain is enough, the spare too") {
  const auto rules = pinned();
  const Instant now = kExpires - Duration{1};
  CHECK(judge_pins(rules, kHost, std::vector{key(7), key(1)}, now) == PinVerdict::matched);
  CHECK(judge_pins(rules, kHost, std::vector{key(2)}, now) == PinVerdict::matched);
}

TEST_CASE("NETWORK-2: a chain without a pinned key, and one without keys, is refused") {
  const auto rules = pinned();
  const Instant now = kExpires - Duration{1};
  CHECK(judge_pins(rules, kHost, std::vector{key(7), key(8)}, now) == PinVerdict::mismatched);
  CHECK(judge_pins(rules, kHost, {}, now) == PinVerdict::mismatched);
}

TEST_CASE("NETWORK-2: pins count for their host alone") {
  CHECK(judge_pins(pinned(), "example.com", std::vector{key(7)}, Instant{}) ==
        PinVerdict::unpinned);
  CHECK(judge_pins({}, kHost, std::vector{key(7)}, Instant{}) == PinVerdict::unpinned);
}

TEST_CASE("NETWORK-2: pins end at their time, whatever the chain, so that nobody is locked out") {
  const auto rules = pinned();
  CHECK(judge_pins(rules, kHost, std::vector{key(7)}, kExpires) == PinVerdict::expired);
  CHECK(judge_pins(rules, kHost, std::vector{key(1)}, kExpires) == PinVerdict::expired);
  CHECK(judge_pins(rules, kHost, std::vector{key(7)}, Instant{-1}) == PinVerdict::mismatched);
}

TEST_CASE("NETWORK-2 INV-A10: the server's clock corrects the device's, also one set far ahead") {
  http::DateClock clock;
  const Instant ahead{4'000'000'000'000};
  CHECK(clock.time_at(ahead) == ahead);
  clock.see(dated("Sun, 06 Nov 1994 08:49:37 GMT"), ahead);
  CHECK(clock.time_at(ahead) == Instant{784'111'777'000});
  CHECK(clock.time_at(ahead + Duration{5'000}) == Instant{784'111'782'000});
  for (const char* date : {"", "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
    clock.see(dated(date), ahead);
    CHECK(clock.time_at(ahead) == Instant{784'111'777'000});
  }
  clock.see({200, {}, ""}, ahead);
  CHECK(clock.time_at(ahead) == Instant{784'111'777'000});
}
