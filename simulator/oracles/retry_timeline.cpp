#include "simulator/oracles/retry_timeline.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

constexpr std::array<Duration, 3> kLadder{Duration{5'000}, Duration{30'000}, Duration{120'000}};
constexpr Duration kGap{5'000};
constexpr Duration kWaitUnnamed{30'000};  // 429 without a wait
constexpr Duration kWaitMin{2'000};

Duration delay_after(int failures) {
  const auto step = static_cast<std::size_t>(std::max(1, failures) - 1);
  return kLadder[std::min(step, kLadder.size() - 1)];
}

bool is_reachable(const std::string& state) { return state != "offline" && state != "captive"; }

// 429 and every 5xx or 408 that names a wait.
std::optional<Duration> wait_named(const http::Response& response) {
  const bool may_name =
      response.status == 408 || response.status == 429 || response.status / 100 == 5;
  if (!may_name) return std::nullopt;
  const auto asked = asked_wait(response);
  if (!asked && response.status == 429) return kWaitUnnamed;
  return asked;
}

bool is_refused_whole(int status) { return status == 400 || status == 413 || status == 422; }

// A verdict without the operation's own result in the answer: it may end as failed, where an
// earlier send may have been decided.
bool refuses_the_call(const OperationAnswer& answer) {
  return is_verdict(answer) && answer.by_status && answer.status != "applied";
}

// Blocked until somebody acts: nothing is repeated by time.
bool is_blocking(int status) {
  return status == 403 || status == 404 || status == 410 || status == 426;
}

}  // namespace

// --- what was sent
// -------------------------------------------------------------------------------------------------

void RetryTimeline::on_request(world::World& world, world::Phone& phone,
                               const http::Request& request,
                               const std::vector<world::SentOperation>& operations) {
  if (request.target == world.routes().health) note_probe(timelines_[&phone], world.now());
  if (operations.empty()) return;
  auto& timeline = timelines_[&phone];
  judge_early(world, phone, timeline);
  judge_quiet(world, phone, timeline, operations);
  Push push{request.body, false, request.gzip_body, {}};
  const auto replayed = find_replayable(timeline, request.body, operations);
  if (replayed != timeline.replayable.end()) {
    push.is_replay = true;
    push.before = std::move(replayed->before);
    timeline.replayable.erase(replayed);
    for (const auto& operation : operations) timeline.turns[operation.id].sent_at = world.now();
  } else {
    for (const auto& operation : operations) {
      judge_send(world, phone, timeline, operation.id);
      push.before.emplace_back(operation.id, timeline.turns[operation.id]);
      note_send(timeline, operation.id, world.now());
    }
  }
  timeline.open.insert_or_assign(http::header_text(request.headers, "X-Request-Id"),
                                 std::move(push));
}

// A call that was on its way when the server asked for quiet, waiting for a token, still leaves
// once that is there; one that the phone merely held ready does not.
void RetryTimeline::judge_quiet(world::World& world, const world::Phone& phone,
                                PhoneTimeline& timeline,
                                const std::vector<world::SentOperation>& operations) {
  const Instant now = world.now();
  if (now >= timeline.held_until) return;
  const bool may_have_waited = now > timeline.held_set_at || timeline.refreshed_at == now;
  for (const auto& operation : operations) {
    const auto& marked_at = timeline.turns[operation.id].marked_at;
    if (may_have_waited && marked_at && *marked_at <= timeline.held_set_at) continue;
    world.violate("INV-Q8", phone.name() + " pushes " + operation.id + " at " +
                                format_rfc3339(now) + ", the server asked for quiet until " +
                                format_rfc3339(timeline.held_until));
  }
}

// The same call once more: what it carries and what it says are equal.
std::vector<RetryTimeline::Push>::iterator RetryTimeline::find_replayable(
    PhoneTimeline& timeline, const std::string& body,
    const std::vector<world::SentOperation>& operations) {
  return std::find_if(
      timeline.replayable.begin(), timeline.replayable.end(), [&](const Push& push) {
        return push.body == body &&
               std::equal(push.before.begin(), push.before.end(), operations.begin(),
                          operations.end(), [](const auto& before, const auto& operation) {
                            return before.first == operation.id;
                          });
      });
}

void RetryTimeline::judge_send(world::World& world, const world::Phone& phone,
                               PhoneTimeline& timeline, const std::string& id) {
  const Turn& turn = timeline.turns[id];
  const Instant now = world.now();
  const std::string what = phone.name() + " sends " + id + " at " + format_rfc3339(now);
  if (turn.is_in_doubt) return;
  if (turn.over != Over::no) {
    const bool failed = turn.over == Over::failed;
    world.violate("INV-Q8", what + (failed ? ", whose retries are spent" : ", which is decided"));
  } else if (now < turn.due && !turn.ladder) {
    world.violate("INV-Q8",
                  what + ", the server asked to wait with it until " + format_rfc3339(turn.due));
  } else if (!turn.gap_exempt && turn.sent_at && now < *turn.sent_at + kGap) {
    world.violate("INV-Q8",
                  what + ", within 5 s of its last send at " + format_rfc3339(*turn.sent_at));
  } else if (now < turn.due) {
    timeline.early.push_back({id, now, turn.set_at, turn.due});
  }
}

void RetryTimeline::judge_early(world::World& world, const world::Phone& phone,
                                PhoneTimeline& timeline) {
  std::erase_if(timeline.early, [&](const Early& early) {
    const bool edge = timeline.edge_at && *timeline.edge_at >= early.set_at;
    if (edge) return true;
    if (early.at == world.now()) return false;
    world.violate("INV-Q8", phone.name() + " sends " + early.id + " at " +
                                format_rfc3339(early.at) + ", before it was due at " +
                                format_rfc3339(early.due));
    return true;
  });
}

void RetryTimeline::note_send(PhoneTimeline& timeline, const std::string& id, Instant now) {
  Turn& turn = timeline.turns[id];
  turn.sent_at = now;
  turn.failures += 1;
  turn.due = turn.due_as_sent = now + delay_after(turn.failures);
  turn.set_at = now;
  turn.ladder = true;
  turn.gap_exempt = false;
  turn.over = Over::no;
  turn.doubt_refuses = false;
}

// --- what came back
// ------------------------------------------------------------------------------------------------

void RetryTimeline::on_answer(world::World& world, world::Phone& phone,
                              const http::Request& request, const http::Answer& answer) {
  const Instant now = world.now();
  auto& timeline = timelines_[&phone];
  const auto route = world.route_of(request);
  if (route == backend::RouteId::refresh) timeline.refreshed_at = now;
  const auto answers = operation_answers(route, request, answer);
  if (route == backend::RouteId::receipts) {
    if (answers && !phone.has_room()) doubt_receipts(timeline, *answers);
    if (answers && phone.has_room()) note_receipts(timeline, *answers, now);
    return;
  }
  auto open = timeline.open.extract(http::header_text(request.headers, "X-Request-Id"));
  if (!open) return;
  if (!phone.has_room()) {
    doubt_call(timeline, open.mapped(), answer, answers);
  } else if (answers) {
    note_results(timeline, open.mapped(), *answers, now);
  } else {
    note_whole(timeline, open.mapped(), answer, now);
  }
}

void RetryTimeline::doubt_call(PhoneTimeline& timeline, const Push& push,
                               const http::Answer& answer,
                               const std::optional<std::vector<OperationAnswer>>& answers) {
  const bool alone = push.before.size() == 1;
  const bool is_refused =
      answers ? std::any_of(answers->begin(), answers->end(), refuses_the_call)
              : answer.response && is_refused_whole(answer.response->status) && alone;
  for (const auto& [id, before] : push.before) {
    Turn& turn = timeline.turns[id];
    turn.is_in_doubt = true;
    turn.doubt_refuses = is_refused;
  }
}

void RetryTimeline::doubt_receipts(PhoneTimeline& timeline,
                                   const std::vector<OperationAnswer>& receipts) {
  for (const auto& receipt : receipts) timeline.turns[receipt.id].is_in_doubt = true;
}

void RetryTimeline::note_receipts(PhoneTimeline& timeline,
                                  const std::vector<OperationAnswer>& receipts, Instant now) {
  for (const auto& receipt : receipts) {
    if (!is_verdict(receipt)) continue;
    auto& turn = timeline.turns[receipt.id];
    turn.over = Over::verdict;
    turn.set_at = now;
  }
}

void RetryTimeline::count_failure(Turn& turn, const Turn& before, bool alone, Instant now) {
  turn.failures = before.failures + 1;
  turn.due = now + delay_after(turn.failures);
  turn.set_at = now;
  turn.ladder = true;
  const bool spent = turn.failures > static_cast<int>(kLadder.size());
  if (spent && alone) turn.over = Over::failed;
}

void RetryTimeline::note_results(PhoneTimeline& timeline, const Push& push,
                                 const std::vector<OperationAnswer>& answers, Instant now) {
  const bool alone = push.before.size() == 1;
  for (const auto& [id, before] : push.before) {
    Turn& turn = timeline.turns[id];
    const auto answer = std::find_if(answers.begin(), answers.end(),
                                     [&, &wanted = id](const auto& a) { return a.id == wanted; });
    if (answer != answers.end()) {
      note_result(turn, before, *answer, now);
    } else {
      count_failure(turn, before, alone, now);
    }
    const bool is_busy = answer != answers.end() && turn.over == Over::no;
    if (is_busy && turn.ladder && turn.failures > static_cast<int>(kLadder.size()) && alone)
      turn.over = Over::failed;
  }
}

void RetryTimeline::note_result(Turn& turn, const Turn& before, const OperationAnswer& answer,
                                Instant now) {
  turn.set_at = now;
  if (is_verdict(answer)) {
    const bool is_refused = refuses_the_call(answer);
    turn.over = is_refused ? Over::refused : Over::verdict;
    if (is_refused) turn.failures = before.failures;
  } else if (answer.retry_after_s) {
    turn.failures = before.failures;
    turn.due = now + std::max(kWaitMin, Duration{*answer.retry_after_s * 1000});
    turn.ladder = false;
    turn.gap_exempt = true;
  } else if (answer.reason == "after_failed") {
    turn.failures = before.failures;
    turn.due = now;
    turn.ladder = false;
  } else {
    count_failure(turn, before, false, now);
  }
}

// The answer says nothing of single operations.
void RetryTimeline::note_whole(PhoneTimeline& timeline, const Push& push,
                               const http::Answer& answer, Instant now) {
  const bool alone = push.before.size() == 1;
  const int status = answer.response ? answer.response->status : 0;
  const auto wait = answer.response ? wait_named(*answer.response) : std::nullopt;
  const bool not_sent = answer.failure == http::TransportFailure::not_sent;
  // The same call once more, by another token or in clear.
  const bool goes_again = status == 401 || (status == 415 && push.is_gzip);
  if (wait) {
    timeline.held_until = std::max(timeline.held_until, now + *wait);
    timeline.held_set_at = now;
  }
  for (const auto& [id, before] : push.before) {
    Turn& turn = timeline.turns[id];
    const auto sent_at = turn.sent_at;
    const auto due_as_sent = turn.due_as_sent;
    const auto marked_at = turn.marked_at;  // may be told behind the call that it was told of
    if (not_sent || goes_again || is_refused_whole(status) || is_blocking(status) || wait) {
      turn = before;
      turn.due = std::min(before.due, now);  // its turn had come, by time or by an edge
      turn.set_at = now;
      turn.due_as_sent = due_as_sent;
      turn.marked_at = marked_at;
      if (!not_sent) turn.sent_at = sent_at;
      // The replay, a half, or a wait that the server named.
      turn.gap_exempt = goes_again || is_refused_whole(status) || wait.has_value() ||
                        (not_sent && push.is_replay);
      if (is_refused_whole(status) && alone) turn.over = Over::refused;
    } else {
      count_failure(turn, before, alone, now);
    }
  }
  if (goes_again && (status != 401 || !push.is_replay)) timeline.replayable.push_back(push);
}

// --- what changes the rules
// ----------------------------------------------------------------------------------------

void RetryTimeline::on_retried(world::World&, world::Phone& phone, const std::string& operation) {
  Turn& turn = timelines_[&phone].turns[operation];
  if (turn.over == Over::verdict) return;
  turn.over = Over::no;
  turn.failures = 0;
  turn.is_counted = false;
  turn.due = Instant{};
}

void RetryTimeline::on_event(world::World& world, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  auto& timeline = timelines_[&phone];
  if (event == "connectivity.changed") {
    const auto state = data.value("state", "");
    if (!is_reachable(timeline.connectivity) && state == "online") timeline.edge_at = world.now();
    timeline.connectivity = state;
    return;
  }
  if (event == "operation.changed") {
    const auto id = data.value("id", "");
    const auto [turn, is_new] = timeline.turns.try_emplace(id);
    // It was about to be sent when its process died: that cost an attempt, and nobody saw it leave.
    if (is_new) turn->second.is_counted = data.value("attempts", 0) == 0;
    // What was told before a call left may be heard after it.
    if (!is_in_flight(timeline, id)) judge_attempts(world, phone, turn->second, data);
    return note_told(timeline, data, world.now());
  }
  // A call that waits for a new token may be given back while nothing can be written.
  if (event == "storage.low" && data.value("low", false)) {
    for (const auto& push : timeline.replayable) {
      for (const auto& [id, before] : push.before) timeline.turns[id].is_in_doubt = true;
    }
  }
  // Where a session begins or ends, or a store is opened anew, what was on its way to the queue in
  // that instant is not heard.
  if (event == "session.status" || event == "engine.state") forget(timeline, world.now(), false);
  if (event == "engine.state") note_engine(timeline, data.value("state", ""), world.now());
}

bool RetryTimeline::is_in_flight(const PhoneTimeline& timeline, const std::string& id) {
  return std::any_of(timeline.open.begin(), timeline.open.end(), [&](const auto& call) {
    return std::any_of(call.second.before.begin(), call.second.before.end(),
                       [&](const auto& before) { return before.first == id; });
  });
}

void RetryTimeline::judge_attempts(world::World& world, const world::Phone& phone, Turn& turn,
                                   const nlohmann::json& data) {
  const auto state = data.value("state", "");
  const bool waits =
      state == "queued" || state == "unknown" || state == "blocked" || state == "failed";
  if (!waits || !data.contains("attempts")) return;
  const auto attempts = data["attempts"].get<int>();
  if (turn.is_in_doubt) {
    Turn told;
    told.sent_at = turn.sent_at;
    told.failures = attempts;
    told.gap_exempt = true;
    // It may be told once more, as when a receipt says that the server knows nothing of it.
    const bool is_refused = turn.doubt_refuses || turn.over == Over::refused;
    if (state == "failed" && is_refused) told.over = Over::refused;
    turn = told;
    return;
  }
  const std::string what = phone.name() + " tells " + std::to_string(attempts) + " attempts of " +
                           data.value("id", "") + " (" + state + ") at " +
                           format_rfc3339(world.now());
  if (turn.is_counted && attempts != turn.failures) {
    world.violate("INV-Q7", what + ", where " + std::to_string(turn.failures) + " counted");
  } else if (turn.is_counted && state == "failed" && turn.over != Over::refused &&
             attempts <= static_cast<int>(kLadder.size())) {
    world.violate("INV-Q7", what + ", and has retries left");
  }
  turn.is_counted = attempts == turn.failures;
}

// Marked as sending, it is on its way; anything else, and the call that carried it is over.
void RetryTimeline::note_told(PhoneTimeline& timeline, const nlohmann::json& data, Instant now) {
  const auto id = data.value("id", "");
  if (data.value("state", "") == "sending") {
    timeline.turns[id].marked_at = now;
    return;
  }
  timeline.turns[id].marked_at.reset();
  std::erase_if(timeline.replayable, [&](const Push& push) {
    return std::any_of(push.before.begin(), push.before.end(),
                       [&](const auto& before) { return before.first == id; });
  });
}

void RetryTimeline::on_crash(world::World& world, world::Phone& phone, bool power) {
  auto& timeline = timelines_[&phone];
  judge_early(world, phone, timeline);
  timeline.early.clear();
  timeline.open.clear();
  timeline.replayable.clear();
  forget(timeline, world.now(), power);
}

void RetryTimeline::on_boot(world::World&, world::Phone& phone) {
  timelines_[&phone].connectivity = "offline";
}

// An engine that begins anew as a whole is locked behind it and looks at once who is there: it
// knows of no network yet, and its first contact is an edge. One that opens its partition alone is
// ready behind it, or locked where its session ends meanwhile, and knows the network as before.
void RetryTimeline::note_engine(PhoneTimeline& timeline, const std::string& state, Instant now) {
  if (timeline.engine == "opening" && state == "locked") timeline.locked_at = now;
  timeline.engine = state;
  note_anew(timeline);
}

void RetryTimeline::note_probe(PhoneTimeline& timeline, Instant now) {
  timeline.probed_at = now;
  note_anew(timeline);
}

// Both in one instant, in either order.
void RetryTimeline::note_anew(PhoneTimeline& timeline) {
  if (!timeline.locked_at || timeline.probed_at != timeline.locked_at) return;
  timeline.locked_at.reset();
  timeline.connectivity = "offline";
}

void RetryTimeline::forget(PhoneTimeline& timeline, Instant now, bool all) {
  for (auto& [id, turn] : timeline.turns) {
    turn.is_counted = false;
    if (!all && turn.set_at != now) continue;
    turn.over = Over::no;
    turn.due = std::min(turn.due, turn.due_as_sent);
    turn.ladder = true;
  }
  if (all || timeline.held_set_at == now) timeline.held_until = Instant{};
}

void RetryTimeline::on_end(world::World& world) {
  for (auto& [phone, timeline] : timelines_) {
    for (const auto& early : timeline.early) {
      if (timeline.edge_at && *timeline.edge_at >= early.set_at) continue;
      world.violate("INV-Q8", phone->name() + " sends " + early.id + " at " +
                                  format_rfc3339(early.at) + ", before it was due at " +
                                  format_rfc3339(early.due));
    }
    timeline.early.clear();
  }
}

}  // namespace landfall::oracles
