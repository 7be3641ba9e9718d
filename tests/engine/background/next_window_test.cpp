#include "engine/background/next_window.hpp"

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using background::is_due;
using background::next_window;
using background::Wishes;

namespace {

constexpr Instant kNow{1'767'583'800'000};

Instant in(std::int64_t ms) { return kNow + Duration{ms}; }

}  // namespace

TEST_CASE("an engine with nothing to do wants no window") {
  CHECK_FALSE(next_window({}, std::nullopt, kNow).has_value());
  CHECK_FALSE(is_due({}, kNow));
}

TEST_CASE("the first window is wanted when the first wish is due, and never in the past (P-27)") {
  CHECK(next_window({true, in(30'000), in(300'000), in(900'000)}, {}, kNow) == in(30'000));
  CHECK(next_window({true, in(900'000), in(300'000), in(600'000)}, {}, kNow) == in(300'000));
  CHECK(next_window({true, {}, {}, in(600'000)}, {}, kNow) == in(600'000));
  CHECK(next_window({true, Instant{}, {}, {}}, {}, kNow) == kNow);
  CHECK(next_window({true, {}, in(300'000), {}, in(60'000)}, {}, kNow) == in(60'000));
  CHECK_FALSE(next_window({false, {}, {}, {}, in(-1)}, {}, kNow).has_value());
  CHECK(next_window({true, {}, {}, in(-1)}, {}, kNow) == kNow);
}

TEST_CASE("without a session nothing is sent or pulled, and what is held is still shown (P-45)") {
  const Wishes wishes{false, in(-1), in(-1), in(600'000)};
  CHECK(next_window(wishes, {}, kNow) == in(600'000));
  CHECK_FALSE(is_due(wishes, kNow));
  CHECK(is_due(wishes, in(600'000)));
  CHECK_FALSE(next_window({false, in(-1), in(-1), {}}, {}, kNow).has_value());
}

TEST_CASE("what needs the network waits behind the last window; a notification does not") {
  const Instant last = in(-60'000);
  CHECK(next_window({true, kNow, {}, {}}, last, kNow) == last + Duration{limits::kWindowGapMs});
  CHECK(next_window({true, {}, kNow, {}}, last, kNow) == last + Duration{limits::kWindowPullGapMs});
  CHECK(next_window({true, kNow, kNow, in(1'000)}, last, kNow) == in(1'000));
  const Instant late = in(2 * limits::kWindowPullGapMs);
  CHECK(next_window({true, late, {}, {}}, last, kNow) == late);
}

TEST_CASE("another organisation's outbox of the user wishes for windows like the active one") {
  background::Wishes wishes{true, {}, {}, {}};
  wishes.visit = in(-1);
  CHECK(is_due(wishes, kNow));
  CHECK(next_window(wishes, {}, kNow) == kNow);
  const Instant last = in(-60'000);
  CHECK(next_window(wishes, last, kNow) == last + Duration{limits::kWindowGapMs});
  wishes.has_session = false;
  CHECK_FALSE(is_due(wishes, kNow));
  CHECK_FALSE(next_window(wishes, {}, kNow).has_value());
}

TEST_CASE("a wish is due when its instant has come") {
  CHECK(is_due({true, kNow, {}, {}}, kNow));
  CHECK_FALSE(is_due({true, in(1), in(1), in(1)}, kNow));
  CHECK(is_due({true, in(1), in(1), in(1)}, in(1)));
}
