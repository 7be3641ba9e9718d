#include "simulator/oracles/notified_once.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/notify/settings.hpp"
#include "simulator/world/world.hpp"
#include "simulator/zones/desktop_zone.hpp"

namespace landfall::oracles {
namespace {

// A host takes a moment to name the new zone, and a push a moment to be read.
constexpr Duration kGrace{5'000};
constexpr Duration kDeliveryMax{600'000};
constexpr std::size_t kLargePush = 5 * 1024;

const Json& data_of(const Json& payload) {
  const auto data = payload.find("data");
  return data != payload.end() && data->is_object() ? *data : payload;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool stands_in(int minute, int start, int end) {
  if (start == end) return false;
  return start < end ? start <= minute && minute < end : minute >= start || minute < end;
}

int minute_at(const Json& settings, const char* key, int otherwise) {
  const auto parsed = notify::parse_minute_of_day(text_at(settings, key));
  return parsed ? parsed->minutes : otherwise;
}

}  // namespace

int NotifiedOnce::local_minute(const world::Phone& phone, Instant now) {
  auto found = zones_.find(phone.zone());
  if (found == zones_.end()) {
    auto zone = zones::desktop_zone(phone.zone());
    found = zones_.emplace(phone.zone(), zone ? std::move(*zone) : Zone::utc()).first;
  }
  return static_cast<int>(found->second.local_at(now).ms_of_day() / 60'000);
}

std::vector<NotifiedOnce::Window>& NotifiedOnce::windows_of(const std::string& user) {
  auto& windows = windows_[user];
  if (windows.empty()) windows.emplace_back();
  return windows;
}

bool NotifiedOnce::must_be_quiet(const world::Phone& phone, const std::string& type, Instant now) {
  const int minute = local_minute(phone, now);
  const auto& windows = windows_of(phone.user_id());
  return std::all_of(windows.begin(), windows.end(), [&](const Window& window) {
    return stands_in(minute, window.start, window.end) && !window.overrides.contains(type);
  });
}

bool NotifiedOnce::may_be_quiet(const world::Phone& phone, const std::string& type, Instant now) {
  const int minute = local_minute(phone, now);
  const auto& windows = windows_of(phone.user_id());
  return std::any_of(windows.begin(), windows.end(), [&](const Window& window) {
    return stands_in(minute, window.start, window.end) && !window.overrides.contains(type);
  });
}

void NotifiedOnce::on_intent(world::World&, world::Phone& phone, const world::Intent& intent) {
  if (intent.entity.type != "user_profile") return;
  const Json payload = Json::parse(intent.payload, nullptr, false);
  if (!payload.is_object() || !payload.contains("mobile_settings")) return;
  const Json& settings = payload["mobile_settings"];
  Window window;
  window.start = minute_at(settings, "quiet_hours_start", window.start);
  window.end = minute_at(settings, "quiet_hours_end", window.end);
  if (settings.contains("quiet_hours_override"))
    window.overrides = settings["quiet_hours_override"].get<std::set<std::string>>();
  windows_of(phone.user_id()).push_back(std::move(window));
}

void NotifiedOnce::on_push(world::World& world, world::Phone& phone, const Json& payload) {
  const Json& data = data_of(payload);
  Told& told = told_[{&phone, text_at(data, "notification_id")}];
  told.type = text_at(data, "type");
  ++told.pushes;
  told.user = data.contains("user_id") ? text_at(data, "user_id") : phone.user_id();
  const std::string ttl = text_at(data, "ttl_s");
  if (!ttl.empty() && !told.promised)
    told.expires_at = world.now() + Duration{std::stoll(ttl) * 1'000};
}

void NotifiedOnce::on_push_decided(world::World& world, world::Phone& phone, const Json& payload,
                                   const Json& result) {
  if (result.value("decision", "") == "drop") return judge_drop(world, phone, payload, result);
  // What nobody named has a name of the engine's.
  const Told& pushed = told_[{&phone, text_at(data_of(payload), "notification_id")}];
  told_.try_emplace({&phone, result.value("id", "")}, pushed).first->second.promised = true;
}

// A push that was dropped has what it was dropped for.
void NotifiedOnce::judge_drop(world::World& world, const world::Phone& phone, const Json& payload,
                              const Json& result) {
  const Json& data = data_of(payload);
  const auto reason = result.value("reason", "");
  const Told& told = told_[{&phone, text_at(data, "notification_id")}];
  const bool was_changed = windows_of(phone.user_id()).size() > 1;
  const bool is_right =
      (reason == "other_user" && told.user != phone.user_id()) ||
      (reason == "expired" && told.expires_at) ||
      (reason == "push.too_large" && dump_json(payload).size() > kLargePush) ||
      ((reason == "push_disabled" || reason == "channel_disabled") && was_changed) ||
      (reason == "duplicate" && told.pushes > 1) || reason == "too_many_held" ||
      reason == "unknown_type" || reason == "nothing_to_show";
  if (is_right) return;
  world.violate("INV-T2", phone.name() + " drops a push as " + reason + ", which it is not, at " +
                              format_rfc3339(world.now()));
}

void NotifiedOnce::judge_time(world::World& world, const world::Phone& phone, const Json& data,
                              const Told& told) {
  const std::string what = phone.name() + " shows " + data.value("id", "");
  const std::string when = " at " + format_rfc3339(world.now());
  const auto moved = moved_at_.find(&phone);
  const bool has_just_moved = moved != moved_at_.end() && world.now() - moved->second < kGrace;
  const std::string type = data.value("type", "");
  if (!has_just_moved && must_be_quiet(phone, type, world.now()) &&
      must_be_quiet(phone, type, world.now() - world.lag()))
    world.violate("INV-T2", what + " in the quiet hours of " + phone.zone() + when);
  if (told.expires_at && world.now() > *told.expires_at + kGrace + world.lag())
    world.violate("INV-T2", what + " after it expired" + when);
}

void NotifiedOnce::on_asked_to_show(world::World& world, world::Phone& phone, const Json& data) {
  const std::string id = data.value("id", "");
  const std::string what = phone.name() + " shows " + id;
  const std::string when = " at " + format_rfc3339(world.now());
  const auto found = told_.find({&phone, id});
  if (found == told_.end())
    return world.violate("INV-T2", what + ", which was never pushed" + when);
  Told& told = found->second;
  if (told.user != phone.user_id()) world.violate("INV-T2", what + " of another user" + when);
  if (told.dropped) world.violate("INV-T2", what + " although it was dropped" + when);
  if (told.asked > 0 && !data.value("again", false))
    world.violate("INV-T2", what + " a second time as if it were the first" + when);
  if (told.answered)
    world.violate("INV-T2", what + " again although it was told that it is" + when);
  ++told.asked;
  judge_time(world, phone, data, told);
}

void NotifiedOnce::on_shown(world::World&, world::Phone& phone, const Json& data) {
  Told& told = told_[{&phone, data.value("id", "")}];
  told.shown = true;
  told.answered = true;
}

// Whoever opens anew may not have heard the last answers.
void NotifiedOnce::forget_answers(const world::Phone& phone) {
  for (auto& [key, told] : told_) {
    if (key.first == &phone) told.answered = false;
  }
}

void NotifiedOnce::on_event(world::World&, world::Phone& phone, const std::string& event,
                            const Json& data) {
  if (event == "engine.state") forget_answers(phone);
  if (event == "notification.dropped") told_[{&phone, data.value("id", "")}].dropped = true;
}

void NotifiedOnce::on_zone(world::World& world, world::Phone& phone, const std::string&) {
  moved_at_[&phone] = world.now();
}

void NotifiedOnce::on_crash(world::World&, world::Phone& phone, bool) { forget_answers(phone); }

// Promises that are due and were not kept.
std::vector<std::string> NotifiedOnce::unkept(world::World& world) {
  std::vector<std::string> found;
  for (const auto& phone : world.phones()) {
    if (!phone->is_ready() || phone->session_status() != "authenticated") continue;
    for (const auto& [key, told] : told_) {
      if (key.first != phone.get() || !told.promised || told.shown || told.dropped) continue;
      if (told.expires_at && world.now() >= *told.expires_at) continue;
      if (may_be_quiet(*phone, told.type, world.now())) continue;
      found.push_back(phone->name() + " never shows " + key.second);
    }
  }
  return found;
}

void NotifiedOnce::on_end(world::World& world) {
  (void)world.run_until(kDeliveryMax, [&] { return unkept(world).empty(); });
  for (const auto& problem : unkept(world)) {
    world.violate("INV-T2", problem + ", until " + format_rfc3339(world.now()));
  }
}

}  // namespace landfall::oracles
