#include "simulator/world/colleague.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::world {
namespace {

constexpr Duration kVisitEvery{std::chrono::minutes{25}};
constexpr Duration kSoon{5'000};

}  // namespace

Colleague::Colleague(VirtualWorld& world, Phone& phone, Account account)
    : world_(world),
      phone_(phone),
      account_(std::move(account)),
      random_(Random::stream(world.seed(), "colleague/" + phone.name())) {}

void Colleague::start() {
  is_running_ = true;
  schedule_visit();
}

void Colleague::stop() { is_running_ = false; }

void Colleague::schedule_visit() {
  world_.after(Duration{random_.between(60'000, 2 * kVisitEvery.count())}, [this] {
    if (!is_running_) return;
    const bool is_there = phone_.is_ready() && !phone_.is_away() && phone_.wants_session() &&
                          phone_.session_status() == "authenticated";
    is_there ? arrive() : schedule_visit();
  });
}

void Colleague::arrive() {
  phone_.set_wants_session(false);
  phone_.set_lent(true);
  const bool over_the_session = random_.chance(0.5);
  if (!over_the_session) phone_.logout();
  world_.after(over_the_session ? Duration{1} : kSoon, [this] { log_in(); });
  for (int look = 0; look < 3; ++look)
    world_.after(Duration{random_.between(8'000, 120'000)}, [this] { look_around(); });
  world_.after(Duration{random_.between(121'000, 400'000)}, [this] { give_back(); });
}

void Colleague::log_in() {
  phone_.request("session.login", {{"email", account_.email}, {"password", account_.password}});
}

void Colleague::look_around() {
  if (!phone_.is_lent() || !phone_.is_ready() || phone_.is_away()) return;
  look("documents.query", {{"type", "approval"}, {"limit", 100}});
  look("documents.query", {{"type", "pr"}, {"limit", 100}});
  look("operations.list", {{"settled", true}, {"limit", 100}});
  look("conflicts.list", {{"limit", 20}});
  look("notices.list", nlohmann::json::object());
}

void Colleague::look(const char* request, const nlohmann::json& params) {
  phone_.request(request, params, [this, params](const nlohmann::json& message) {
    if (message.contains("result")) world_.observe_view(phone_, params, message["result"]);
  });
}

// It is back with its owner when nobody is logged in; a phone that is off or asleep is asked again.
void Colleague::give_back() {
  if (phone_.is_running() && !phone_.is_away() && phone_.session_status() == "unauthenticated") {
    phone_.set_lent(false);
    phone_.set_wants_session(true);
    phone_.login();
    return schedule_visit();
  }
  if (phone_.is_running() && !phone_.is_away()) phone_.logout();
  world_.after(kSoon, [this] { give_back(); });
}

}  // namespace landfall::world
