#include "engine/background/window.hpp"

#include <optional>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using auth::AuthStatus;
using background::Facts;
using background::Why;
using background::Window;

namespace {

constexpr Instant kBegin{1'767'583'800'000};
constexpr Duration kBudget{30'000};

Instant after(std::int64_t ms) { return kBegin + Duration{ms}; }

// Everything was sent and pulled.
Facts idle() {
  Facts facts;
  facts.engine = Facts::Engine::open;
  facts.session = AuthStatus::authenticated;
  facts.reachable = true;
  facts.unreachable_since = kBegin;
  facts.queue_known = true;
  facts.wants_pull = true;
  facts.pulled = true;
  return facts;
}

}  // namespace

TEST_CASE("a window is over as soon as everything was sent and pulled once (P-27, P-28)") {
  const Window window(kBegin, kBudget);
  CHECK(window.verdict(idle(), kBegin) == Why::done);
  Facts facts = idle();
  SECTION("not while calls are under way") { facts.sending = true; }
  SECTION("not while something is due within it") { facts.next_send_at = after(20'000); }
  SECTION("not while a file is on its way") { facts.moving_files = true; }
  SECTION("not while a file is due within it") { facts.next_transfer_at = after(20'000); }
  SECTION("not while another organisation's outbox is sent") { facts.visiting = true; }
  SECTION("not while one is due within it") { facts.next_visit_at = after(20'000); }
  SECTION("not before they were heard") { facts.visits_unknown = true; }
  SECTION("not before the pull") { facts.pulled = false; }
  SECTION("not while a page more is wanted") { facts.pulling = true; }
  SECTION("not before the queue was looked at") { facts.queue_known = false; }
  SECTION("not while the engine opens") { facts.engine = Facts::Engine::opening; }
  CHECK_FALSE(window.verdict(facts, kBegin).has_value());
  CHECK(window.verdict(facts, window.ends_at()) == Why::budget);
}

TEST_CASE("C-4: a session that is kept behind its refusal is none that a window can send with") {
  using background::session_for_window;
  CHECK(session_for_window(AuthStatus::authenticated, true) == AuthStatus::reauth_required);
  CHECK(session_for_window(AuthStatus::authenticated, false) == AuthStatus::authenticated);
  CHECK(session_for_window(AuthStatus::locked, true) == AuthStatus::locked);
  CHECK(session_for_window(AuthStatus::unauthenticated, true) == AuthStatus::unauthenticated);
}

TEST_CASE("a retry beyond the window and a pull that failed do not keep it open") {
  const Window window(kBegin, kBudget);
  Facts facts = idle();
  facts.next_send_at = after(120'000);
  facts.next_transfer_at = after(120'000);
  CHECK(window.verdict(facts, kBegin) == Why::done);
  // Another organisation's outbox waits until the active one is empty, which is beyond it too.
  facts.next_visit_at = kBegin;
  CHECK(window.verdict(facts, kBegin) == Why::done);
  facts.pulled = false;
  facts.pulling = true;
  facts.pull_failed = true;
  CHECK(window.verdict(facts, kBegin) == Why::done);
  facts = idle();
  facts.pulled = false;
  facts.wants_pull = false;
  CHECK(window.verdict(facts, kBegin) == Why::done);
}

TEST_CASE("a server out of reach is waited for a while, and looked at again when that is over") {
  const Window window(kBegin, kBudget);
  Facts facts = idle();
  facts.reachable = false;
  facts.next_send_at = kBegin;
  CHECK_FALSE(window.verdict(facts, kBegin).has_value());
  const Instant given_up = after(limits::kWindowOfflineMs);
  CHECK(window.look_again_at(facts, kBegin) == given_up);
  CHECK(window.verdict(facts, given_up) == Why::offline);
  facts.reachable = true;
  CHECK(window.look_again_at(facts, kBegin) == window.ends_at());
}

TEST_CASE("what stands in the way ends it at once") {
  const Window window(kBegin, kBudget);
  Facts facts = idle();
  std::optional<Why> why;
  SECTION("nobody is logged in") {
    facts.session = AuthStatus::unauthenticated;
    why = Why::no_session;
  }
  SECTION("the keys are locked (INV-A7)") {
    facts.session = AuthStatus::locked;
    why = Why::locked;
  }
  SECTION("the session is over") {
    facts.session = AuthStatus::reauth_required;
    facts.next_send_at = kBegin;
    why = Why::reauth;
  }
  SECTION("the engine has failed") {
    facts.engine = Facts::Engine::failed;
    why = Why::failed;
  }
  CHECK(window.verdict(facts, kBegin) == why);
}

TEST_CASE("while the documents' key is locked a window lasts for as long as outboxes can be sent") {
  const Window window(kBegin, kBudget);
  Facts facts;
  facts.engine = Facts::Engine::outboxes;
  facts.session = AuthStatus::locked;
  facts.unreachable_since = kBegin;
  facts.wants_pull = true;
  CHECK(window.verdict(facts, kBegin) == Why::locked);
  facts.visits_unknown = true;
  CHECK_FALSE(window.verdict(facts, kBegin));
  facts.visits_unknown = false;
  facts.visiting = true;
  CHECK_FALSE(window.verdict(facts, kBegin));
  CHECK(window.verdict(facts, after(limits::kWindowOfflineMs)) == Why::offline);
  facts.reachable = true;
  CHECK_FALSE(window.verdict(facts, after(limits::kWindowOfflineMs)));
  CHECK(window.verdict(facts, window.ends_at()) == Why::budget);
  facts.visiting = false;
  facts.next_visit_at = after(10'000);
  CHECK_FALSE(window.verdict(facts, kBegin));
  facts.next_visit_at = after(40'000);
  CHECK(window.verdict(facts, kBegin) == Why::locked);
  facts.session = AuthStatus::unauthenticated;
  CHECK(window.verdict(facts, kBegin) == Why::no_session);
}

TEST_CASE("a part of the budget is left for the suspension behind it") {
  CHECK(Window(kBegin, kBudget).ends_at() == after(30'000 - limits::kWindowReserveMs));
  CHECK(Window(kBegin, Duration{400}).ends_at() == after(300));
}
