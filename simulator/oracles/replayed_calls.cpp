#include "simulator/oracles/replayed_calls.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// A replay leaves in the instant in which the pair has come.
constexpr Duration kSoon{1'000};

std::string call_of(const http::Request& request) {
  return request.method + " " + request.target + "\n" + request.body;
}

std::string id_of(const http::Request& request) {
  return http::header_text(request.headers, "X-Request-Id");
}

// A locked app and a login under way leave the session, and what waits for its token, as they are.
bool is_end(const nlohmann::json& status) {
  const std::string name = status.value("status", "");
  if (name == "locked") return status.value("code", "") != "session.locked";
  return name != "authenticated" && (name != "loading" || !status.contains("busy"));
}

}  // namespace

// Whether the profile has the call sent again. A path with a variable in it is not looked at: which
// of several endpoints it is of would be a guess.
bool ReplayedCalls::is_replayed(world::World& world, const http::Request& request) {
  const auto [known, is_new] = replayed_.emplace(request.method + " " + request.target, false);
  if (!is_new) return known->second;
  for (const auto& endpoint : world.profile()["endpoints"]) {
    if (endpoint.value("path", "") == request.target &&
        endpoint.value("method", "") == request.method)
      known->second = endpoint.value("replay", false) && endpoint.value("auth", "") == "jwt";
  }
  return known->second;
}

void ReplayedCalls::on_request(world::World& world, world::Phone& phone,
                               const http::Request& request,
                               const std::vector<world::SentOperation>&) {
  Calls& calls = phones_[&phone];
  judge(world, phone, calls);
  if (is_farewell(world, request)) return;
  if (is_refresh(world, request)) note_refresh(world, calls, request);
  const std::string bearer = bearer_of(request);
  if (bearer.empty()) return;
  if (bearer == calls.offered) begin_session(calls, world.now());
  const bool goes_in_clear = calls.in_clear.erase(id_of(request)) > 0;
  const auto refused = calls.refused.find(bearer);
  if (!goes_in_clear && refused != calls.refused.end() &&
      world.now() > refused->second + world.lag())
    world.violate("INV-A2", phone.name() + " calls " + request.target + " at " +
                                format_rfc3339(world.now()) +
                                " with a token that the server refused at " +
                                format_rfc3339(refused->second));
  std::erase_if(calls.doubtful, [&](const Waiting& waiting) {
    return waiting.refused_at + world.lag() < world.now();
  });
  if (take(calls.due, request) || take(calls.doubtful, request))
    calls.replays.insert(id_of(request));
}

// Whether the request is one of the list, sent again with another token; then it leaves the list.
bool ReplayedCalls::take(std::vector<Waiting>& list, const http::Request& request) {
  const std::string call = call_of(request);
  const std::string bearer = bearer_of(request);
  const auto found = std::find_if(list.begin(), list.end(), [&](const Waiting& waiting) {
    return waiting.call == call && waiting.bearer != bearer;
  });
  if (found == list.end()) return false;
  list.erase(found);
  return true;
}

void ReplayedCalls::on_answer(world::World& world, world::Phone& phone,
                              const http::Request& request, const http::Answer& answer) {
  Calls& calls = phones_[&phone];
  judge(world, phone, calls);
  if (is_farewell(world, request)) return;
  const auto pair = pair_in(world, request, answer);
  if (is_refresh(world, request)) {
    // Another one may be that of a session that was replaced.
    if (id_of(request) == calls.refresh_request)
      note_refresh_answer(calls, pair ? pair->access : "", world.now());
  } else if (pair) {
    calls.offered = pair->access;
  }
  if (answer.response && answer.response->status == 415 && request.gzip_body)
    calls.in_clear.insert(id_of(request));
  // By its status, whatever became of its words on the way.
  if (!bearer_of(request).empty() && answer.response && answer.response->status == 401)
    note_refused(world, calls, request);
}

// Who was refused before, and saw no refresh leave then, was told that there is no token for now.
void ReplayedCalls::note_refresh(world::World& world, Calls& calls, const http::Request& request) {
  calls.refresh_request = id_of(request);
  if (!std::exchange(calls.is_refreshing, true)) {
    std::erase_if(calls.waiting, [&](const Waiting& waiting) {
      return waiting.refused_at + world.lag() < world.now();
    });
  }
}

// A straggler, whose token was replaced already, goes again at once. While nothing refreshes and
// the newest token is refused itself, there is none to be had and nothing to wait for.
void ReplayedCalls::note_refused(world::World& world, Calls& calls, const http::Request& request) {
  const std::string bearer = bearer_of(request);
  const bool is_straggler = !calls.access.empty() && bearer != calls.access;
  calls.refused.emplace(bearer, world.now());
  if (calls.replays.erase(id_of(request)) > 0 || !is_replayed(world, request)) return;
  Waiting waiting{call_of(request), request.target, bearer, world.now()};
  const bool has_token =
      !calls.is_refreshing && !calls.is_given_up && !calls.refused.contains(calls.access);
  if (is_straggler && has_token) {
    if (world.now() > calls.came_at) calls.came_at = world.now();
    calls.due.push_back(std::move(waiting));
  } else if (!calls.is_given_up) {
    calls.waiting.push_back(std::move(waiting));
  } else if (!calls.offered.empty()) {
    calls.doubtful.push_back(std::move(waiting));
  }
}

// `access`: of the pair that it brought, empty when it brought none.
void ReplayedCalls::note_refresh_answer(Calls& calls, const std::string& access, Instant now) {
  calls.is_refreshing = false;
  calls.refresh_request.clear();
  calls.is_given_up = access.empty();
  if (!access.empty()) {
    calls.due.insert(calls.due.end(), calls.waiting.begin(), calls.waiting.end());
    calls.access = access;
    calls.came_at = now;
    calls.refused.erase(access);
  }
  calls.waiting.clear();
}

// Whoever waited for a refresh of the session before gets the login's token. Who was refused while
// none was in flight was told that there is no token, unless the login's pair was stored by then:
// nobody sees when, before a first call leaves with it. Who goes again in that instant need not
// have done so, and is no longer waited for, but it was its one time.
void ReplayedCalls::begin_session(Calls& calls, Instant now) {
  if (!calls.is_refreshing) {
    calls.doubtful.insert(calls.doubtful.end(), calls.waiting.begin(), calls.waiting.end());
    calls.waiting.clear();
  }
  const std::string access = std::exchange(calls.offered, "");
  note_refresh_answer(calls, access, now);
}

// Nobody waits for what an engine knew that is no more. What was sent again is not a third time.
void ReplayedCalls::release(Calls& calls) {
  auto replays = std::move(calls.replays);
  auto offered = std::move(calls.offered);
  calls = {};
  calls.replays = std::move(replays);
  calls.offered = std::move(offered);
}

void ReplayedCalls::judge(world::World& world, const world::Phone& phone, Calls& calls) {
  if (calls.due.empty() || world.now() <= calls.came_at + kSoon + world.lag()) return;
  for (const auto& due : std::exchange(calls.due, {})) {
    world.violate("INV-A2", phone.name() + " never sent its call of " + due.target +
                                " again, which was refused at " + format_rfc3339(due.refused_at) +
                                "; the new pair came at " + format_rfc3339(calls.came_at));
  }
}

void ReplayedCalls::on_event(world::World&, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  const bool begins_again = event == "engine.state" && data.value("state", "") != "ready";
  const bool has_ended = event == "session.status" && is_end(data);
  if (begins_again || has_ended) release(phones_[&phone]);
}

void ReplayedCalls::on_crash(world::World&, world::Phone& phone, bool) { release(phones_[&phone]); }

void ReplayedCalls::on_suspend(world::World&, world::Phone& phone) { release(phones_[&phone]); }

void ReplayedCalls::on_erase(world::World&, world::Phone& phone) { release(phones_[&phone]); }

void ReplayedCalls::on_step(world::VirtualWorld& world, world::VirtualPhone& phone) {
  const auto known = phones_.find(&phone);
  if (known != phones_.end()) judge(world, phone, known->second);
}

void ReplayedCalls::on_end(world::World& world) {
  for (auto& [phone, calls] : phones_) judge(world, *phone, calls);
}

}  // namespace landfall::oracles
