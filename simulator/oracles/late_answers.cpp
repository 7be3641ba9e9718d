#include "simulator/oracles/late_answers.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {
namespace {

std::string id_of(const http::Request& request) {
  return http::header_text(request.headers, "X-Request-Id");
}

}  // namespace

void LateAnswers::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                             const std::vector<world::SentOperation>&) {
  const std::string access = bearer_of(request);
  if (access.empty()) return;
  Session& session = sessions_[&phone];
  if (is_farewell(world, request)) return;
  session.open[id_of(request)] = request.target;
  const auto ended = session.ended.find(access);
  if (ended == session.ended.end() || world.now() <= ended->second + world.lag()) return;
  world.violate("INV-A14",
                phone.name() + " calls " + request.target + " at " + format_rfc3339(world.now()) +
                    " with a token of the session that ended at " + format_rfc3339(ended->second));
}

void LateAnswers::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                            const http::Answer& answer) {
  Session& session = sessions_[&phone];
  const auto pair = is_farewell(world, request) ? std::nullopt : pair_in(world, request, answer);
  if (pair) session.came[pair->access] = world.now();
  const std::string id = id_of(request);
  session.open.erase(id);
  if (session.stale.erase(id) == 0 || world.now() <= session.ended_at + world.lag()) return;
  world.violate("INV-A14", phone.name() + " hears at " + format_rfc3339(world.now()) +
                               " the answer to " + request.target +
                               " of the session that ended at " + format_rfc3339(session.ended_at));
}

// Tokens that came within this very instant are the next session's.
void LateAnswers::end(Session& session, Instant now) {
  session.stale.merge(session.open);
  session.open.clear();
  for (auto token = session.came.begin(); token != session.came.end();) {
    if (token->second == now) {
      ++token;
      continue;
    }
    session.ended.emplace(token->first, now);
    token = session.came.erase(token);
  }
  session.ended_at = now;
}

void LateAnswers::on_event(world::World& world, world::Phone& phone, const std::string& event,
                           const nlohmann::json& data) {
  if (event == "session.status" && data.value("status", "") == "unauthenticated")
    end(sessions_[&phone], world.now());
}

void LateAnswers::on_crash(world::World&, world::Phone& phone, bool) {
  Session& session = sessions_[&phone];
  session.open.clear();
  session.stale.clear();
}

}  // namespace landfall::oracles
