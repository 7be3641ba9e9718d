#include "simulator/oracles/ended_by_verdict.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {
namespace {

bool can_refresh(const world::World& world) {
  return world.profile()["endpoints"].contains("refresh");
}

std::string in_words(const http::Answer& answer) {
  if (!answer.response) return "silence";
  return "status " + std::to_string(answer.response->status);
}

}  // namespace

void EndedByVerdict::on_answer(world::World& world, world::Phone& phone,
                               const http::Request& request, const http::Answer& answer) {
  Session& session = sessions_[&phone];
  if (pair_in(world, request, answer) && !is_farewell(world, request)) {
    // It says so once, until something finds room again.
    const bool may_be_unsaved = session.is_unsaved && !phone.has_room();
    if (is_refresh(world, request)) session = {.is_unsaved = may_be_unsaved};
    session.has_offer = true;
    session.is_offer_unsaved = may_be_unsaved;
  }
  if (is_refresh(world, request)) {
    session.last_answer = in_words(answer);
    if (is_verdict(world, answer)) session.has_verdict = true;
  }
  const bool is_refused = answer.response && answer.response->status == 401;
  if (!can_refresh(world) && is_refused && !bearer_of(request).empty()) session.has_verdict = true;
}

void EndedByVerdict::on_event(world::World& world, world::Phone& phone, const std::string& event,
                              const nlohmann::json& data) {
  Session& session = sessions_[&phone];
  if (event == "session.not_saved") session.is_unsaved = session.is_offer_unsaved = true;
  if (event != "session.status") return;
  const std::string status = data.value("status", "");
  // A login that could not be kept (the keychain is locked, say) leaves the refused session as it
  // was.
  const bool has_begun = std::exchange(session.has_offer, session.has_offer && status == "loading");
  if (has_begun && status == "authenticated") session = {.is_unsaved = session.is_offer_unsaved};
  if (status != "reauthRequired" || session.is_unsaved) return;
  if (session.has_verdict || std::exchange(session.is_over, true)) return;
  world.violate("INV-A6", phone.name() + "'s session ended at " + format_rfc3339(world.now()) +
                              " without a definitive refusal; the last answer to a refresh was " +
                              (session.last_answer.empty() ? "none" : session.last_answer));
}

}  // namespace landfall::oracles
