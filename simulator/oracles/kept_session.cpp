#include "simulator/oracles/kept_session.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

using backend::RefreshDecision;
using backend::RefreshMode;
using backend::RefreshOutcome;

constexpr Duration kHeardAgainMax{300'000};

// The first refusal after the last refresh that was granted: later ones follow from it.
const RefreshDecision* first_refusal(const backend::Ledger& ledger, const std::string& device_id) {
  const RefreshDecision* first = nullptr;
  for (const auto& decision : ledger.refreshes()) {
    if (decision.device_id != device_id) continue;
    if (decision.outcome != RefreshOutcome::refused) {
      first = nullptr;
    } else if (first == nullptr) {
      first = &decision;
    }
  }
  return first;
}

// The exchange of the token for its successor; null when it never was exchanged.
const RefreshDecision* rotation_of(const backend::Ledger& ledger, const RefreshDecision& refusal) {
  for (const auto& decision : ledger.refreshes()) {
    const bool same = decision.family_id == refusal.family_id &&
                      decision.generation == refusal.generation &&
                      decision.outcome == RefreshOutcome::rotated;
    if (same) return &decision;
  }
  return nullptr;
}

std::string unfounded_reuse(const backend::Ledger& ledger, const RefreshDecision& refusal,
                            const UnsavedRefreshes& unsaved) {
  if (refusal.mode == RefreshMode::strict) return {};
  const RefreshDecision* rotation = rotation_of(ledger, refusal);
  if (rotation != nullptr && unsaved.lost_and_earlier(refusal.refresh_id, rotation->refresh_id))
    return {};
  if (refusal.mode == RefreshMode::until_used)
    return "it presented a token whose successor it had used";
  if (rotation != nullptr && refusal.at - rotation->at > backend::kGraceWindow) return {};
  return "its retry came within the grace and was no repetition";
}

std::string cause_of_revocation(const backend::Ledger& ledger, const std::string& family_id) {
  for (const auto& revocation : ledger.revocations()) {
    if (revocation.family_id == family_id) return revocation.cause;
  }
  return {};
}

}  // namespace

std::string KeptSession::unfounded(const backend::Ledger& ledger, const std::string& device_id,
                                   const UnsavedRefreshes& unsaved) {
  const RefreshDecision* refusal = first_refusal(ledger, device_id);
  if (refusal == nullptr) return "the server refused nothing";
  if (refusal->reason == "expired") return {};
  if (refusal->reason == "reuse") return unfounded_reuse(ledger, *refusal, unsaved);
  if (refusal->reason == "revoked") {
    // Theft that the server saw in a duplicate is judged by the mode; somebody's word is a cause.
    const auto cause = cause_of_revocation(ledger, refusal->family_id);
    return cause == "reuse" ? unfounded_reuse(ledger, *refusal, unsaved) : std::string{};
  }
  return "it presented a token that the server calls " + refusal->reason;
}

void KeptSession::on_step(world::VirtualWorld&, world::VirtualPhone& phone) {
  if (!phone.wants_session()) sessions_[&phone].user_left = true;
}

// Who has everything forgotten is logged out, also where no server hears of it.
void KeptSession::on_erase(world::World&, world::Phone& phone) { ++sessions_[&phone].erases; }

void KeptSession::on_erase_refused(world::World&, world::Phone& phone) {
  int& erases = sessions_[&phone].erases;
  erases = std::max(erases - 1, 0);
}

void KeptSession::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                             const std::vector<world::SentOperation>&) {
  if (const auto device = http::find_header(request.headers, "X-Device-Id"))
    sessions_[&phone].device_id = *device;
  if (is_refresh(world, request) && !is_farewell(world, request))
    unsaved_.on_sent(phone, refresh_id_of(world, request), world.now());
}

void KeptSession::on_crash(world::World& world, world::Phone& phone, bool) {
  unsaved_.on_died(phone, world.now(), phone.has_room());
}

void KeptSession::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                            const http::Answer& answer) {
  if (!answer.response) return;
  const auto& routes = world.routes();
  const int status = answer.response->status;
  auto& session = sessions_[&phone];
  if (pair_in(world, request, answer)) session.is_unsaved = false;
  if (request.target == routes.refresh) {
    session.refused = status == 400 || status == 401 || (session.refused && status / 100 != 2);
  }
  const bool stamped = http::find_header(request.headers, "Authorization").has_value();
  if (stamped && status / 100 == 2) ++session.accepted;
}

void KeptSession::on_event(world::World& world, world::Phone& phone, const std::string& event,
                           const nlohmann::json& data) {
  auto& session = sessions_[&phone];
  // Its host was told that the tokens are not on the disk (`session.not_saved`).
  if (event == "session.not_saved") {
    session.is_unsaved = true;
    unsaved_.on_told(phone, world.now());
  }
  // A right was taken away, and the profile ends the session for it.
  if (event == "permissions.revoked" && data.value("ends_session", false)) session.user_left = true;
  if (event != "session.status") return;
  const auto status = data.value("status", "");
  const auto code = data.value("code", "");
  // The app is not for users of these roles.
  if (code == "routing.web_only") session.user_left = true;
  // Nobody used it for as long as the profile allows (I-24); IdleLock judges the time.
  if (code == "session.idle") session.user_left = true;
  if (!phone.wants_session()) session.user_left = true;
  if (status == "authenticated") {
    // The same session said again, as when its view changes, takes back nobody's word.
    if (phone.wants_session() && !session.has_session) {
      session.user_left = false;
      session.erases = 0;
    }
    session.has_session = true;
    return;
  }
  if (status != "reauthRequired" && status != "unauthenticated") return;
  if (session.has_session) judge_end_of_session(world, phone, session, data);
  session.has_session = false;
  session.refused = false;
}

void KeptSession::judge_end_of_session(world::World& world, const world::Phone& phone,
                                       PhoneSession& session, const nlohmann::json& data) {
  if (session.user_left || session.erases > 0 || session.is_unsaved) return;
  const auto status = data.value("status", "");
  // A profile may say that the refusal logs the user out (C-4).
  const bool is_told_why =
      status == "reauthRequired" || data.value("code", "") == "session.expired";
  const std::string what =
      phone.name() + "'s session became " + status + " at " + format_rfc3339(world.now());
  if (!session.refused || !is_told_why) {
    world.violate("INV-A3", what + ", and no refusal had reached it");
    return;
  }
  const auto why = world.ask_backend([&](const auto& backend) {
    return unfounded(backend.ledger(), session.device_id, unsaved_);
  });
  if (!why.empty()) world.violate("INV-A3", what + "; " + why);
}

void KeptSession::on_healed(world::World&) {
  for (auto& [phone, session] : sessions_) session.accepted = 0;
}

void KeptSession::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    auto& session = sessions_[phone.get()];
    if (!phone->is_ready() || phone->session_status() != "authenticated") continue;
    if (session.accepted == 0) phone->request("sync.now", nlohmann::json::object());
    if (world.run_until(kHeardAgainMax, [&] { return session.accepted > 0; })) continue;
    world.violate("INV-A3", phone->name() + " calls itself logged in, but since all is well no " +
                                "call of its session was accepted, until " +
                                format_rfc3339(world.now()));
  }
}

}  // namespace landfall::oracles
