#include "simulator/world/phone.hpp"

#include <array>
#include <utility>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "simulator/phone/secure_hardware.hpp"
#include "simulator/world/world.hpp"
#include "simulator/zones/desktop_zone.hpp"

namespace landfall::world {
namespace {

// What a system leaves an app between its word and the freeze.
constexpr int kSuspendMs = 5'000;

std::array<std::byte, 32> secret_seed(std::uint64_t seed, const std::string& name) {
  Random random = Random::stream(seed, "secure/" + name);
  std::array<std::byte, 32> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

// The refusals that come before anything was begun. What else fails may be begun and go on.
bool is_erase_refused(const Json& message) {
  if (!message.contains("error")) return false;
  const std::string code = message["error"].value("code", "");
  return code == "partition.pending" || code == "partition.none" || code == "session.busy";
}

// Where the profile asks for the app's word the app has looked at its user (P-58).
bool wants_word(const Json& profile, const Intent& intent) {
  const Json::json_pointer attest("/entities/" + intent.entity.type + "/actions/" + intent.action +
                                  "/attest");
  return profile.contains(attest) && profile[attest] == "bool";
}

}  // namespace

Phone::Phone(World& world, std::string name, Account account, std::uint64_t seed)
    : world_(world),
      name_(std::move(name)),
      account_(std::move(account)),
      random_(Random::stream(seed, "host/" + name_)),
      secure_random_(secret_seed(seed, name_)) {}

std::string Phone::make_id() {
  return to_text(landfall::make_id<OperationId>(world_.now(), secure_random_));
}

// --- the process

Json Phone::config(const Json& profile, const std::string& directory) const {
  return Json{{"directory", directory}, {"profile", profile}, {"app_version", "1.0.0"},
              {"platform", "ANDROID"},  {"os_version", "14"}, {"device_name", name_},
              {"locale", "en-IN"},      {"zone", zone_}};
}

void Phone::begin_life() {
  ++life_;
  is_away_ = false;
  engine_state_ = "opening";
  session_status_ = "initial";
  login_asked_ = false;
  login_planned_ = false;
  was_told_offline_ = false;
}

void Phone::on_opened(landfall_engine* engine) {
  engine_ = engine;
  world_.observe_boot(*this);
  for (const auto& [id, open] : open_intents_) {
    at_life(Duration{random_.between(500, 5'000)}, [this, intent = id] { send_intent(intent); });
  }
}

landfall_engine* Phone::end_life(const std::string& state) {
  ++life_;
  replies_.clear();
  engine_state_ = state;
  connectivity_.clear();
  is_away_ = false;
  missed_.clear();
  return std::exchange(engine_, nullptr);
}

void Phone::at_life(Duration delay, std::function<void()> then) {
  world_.after(delay, [this, life = life_, then = std::move(then)] { do_at_life(life, then); });
}

// What was due while the process stood still is done when it runs again.
void Phone::do_at_life(std::uint64_t life, const std::function<void()>& then) {
  if (life != life_ || !is_running()) return;
  if (!is_frozen()) return then();
  missed_.emplace_back(life, then);
}

// --- suspension

void Phone::suspend() {
  if (!is_running() || std::exchange(is_away_, true)) return;
  world_.observe_suspend(*this);
  (void)landfall_suspend(engine_, kSuspendMs);
}

// The engine will know as little as at a start.
void Phone::run_again() {
  thaw();
  was_told_offline_ = false;
  login_asked_ = false;
  session_status_ = "initial";
  connectivity_.clear();
}

void Phone::do_what_was_missed() {
  for (const auto& [life, missed] : std::exchange(missed_, {})) do_at_life(life, missed);
}

// In the middle of a window the engine runs already, and what it told stands.
void Phone::resume() {
  if (!is_running() || !std::exchange(is_away_, false)) return;
  if (engine_state_ == "suspended") run_again();
  world_.observe_resume(*this);
  if (landfall_resume(engine_) != LANDFALL_OK) world_.violate("boot", name_ + " does not resume");
  do_what_was_missed();
}

void Phone::run_window(Duration budget) {
  if (!is_running()) return;
  window_report_ = nullptr;
  if (is_away_) {
    run_again();
    world_.observe_window(*this, budget);
  }
  if (landfall_run_window(engine_, static_cast<int>(budget.count())) != LANDFALL_OK)
    world_.violate("window", name_ + " opens no window");
  do_what_was_missed();
}

std::optional<Instant> Phone::next_window() const {
  const std::int64_t at_ms = is_running() ? landfall_next_window(engine_) : 0;
  return at_ms > 0 ? std::optional(Instant{at_ms}) : std::nullopt;
}

// --- messages

void Phone::on_message(const std::string& text) {
  const Json message = Json::parse(text);
  if (message.contains("reply")) {
    if (message["reply"].is_null())
      return world_.violate("host", "a request was malformed: " + text);
    const auto found = replies_.find(message["reply"].get<std::int64_t>());
    if (found == replies_.end()) return world_.violate("host", "a reply came twice: " + text);
    const Reply reply = std::move(found->second);
    replies_.erase(found);
    if (reply) reply(message);
  } else if (message.contains("question")) {
    on_question(message["question"].get<std::int64_t>(), message["port"].get<std::string>(),
                message["data"]);
  } else if (message.contains("event")) {
    on_event(message["event"].get<std::string>(), message["data"]);
  }
}

void Phone::on_question(std::int64_t question, const std::string& port, const Json& data) {
  if (port == "notification.show") world_.observe_asked_to_show(*this, data);
  at_life(Duration{random_.between(1, 200)}, [this, question, port, data] {
    const Json result = answer_port(port, data);
    world_.observe_port_answered(*this, port, data, result);
    const Json answer{{"answer", question}, {"result", result}};
    (void)landfall_send(engine_, dump_json(answer).c_str());
    if (port == "notification.show") world_.observe_shown(*this, data);
  });
}

Json Phone::answer_port(const std::string& port, const Json& data) {
  const auto key = data.value("name", "");
  if (port == "secret.write") {
    keychain_[key] = data.value("value", "");
    return Json::object();
  }
  if (port == "secret.remove") {
    keychain_.erase(key);
    return Json::object();
  }
  if (port.starts_with("biometric.") && finger_ != "good") return Json{{"status", finger_}};
  const phone::Vault vault{[this](const std::string& name) -> std::optional<std::string> {
                             const auto kept = keychain_.find(name);
                             if (kept == keychain_.end()) return std::nullopt;
                             return kept->second;
                           },
                           [this](const std::string& name, const std::string& value) {
                             keychain_[name] = value;
                             return true;
                           }};
  if (const auto result = phone::answer_hardware(port, data, vault, secure_random_)) return *result;
  if (port == "zone.read") {
    const auto zone = zones::desktop_zone(zone_);
    return zone ? zone->to_json() : Json::object();
  }
  if (port != "secret.read") return Json::object();
  if (keys_are_locked()) return Json{{"status", "locked"}};
  const auto found = keychain_.find(key);
  if (found == keychain_.end()) return Json{{"status", "absent"}};
  return Json{{"status", "value"}, {"value", found->second}};
}

void Phone::on_event(const std::string& event, const Json& data) {
  world_.trace(*this, event, dump_json(data));
  if (event == "engine.state") {
    engine_state_ = data.value("state", "");
    if (engine_state_ == "suspended") world_.observe_suspended(*this);
  }
  if (event == "window.finished") window_report_ = data;
  if (event == "connectivity.changed") connectivity_ = data.value("state", "");
  if (event == "session.status") {
    session_status_ = data.value("status", "");
    if (session_status_ == "unauthenticated" || session_status_ == "reauthRequired") login_soon();
  }
  world_.observe_event(*this, event, data);
}

void Phone::request(const std::string& name, Json params, Reply reply) {
  if (!is_running() || is_frozen()) return;
  if (name == "push.received") reply = watch_push(params["payload"], std::move(reply));
  if (name == "partition.erase") reply = watch_erase(std::move(reply));
  const std::int64_t id = ++last_request_;
  replies_[id] = std::move(reply);
  const Json message{{"id", id}, {"request", name}, {"params", std::move(params)}};
  if (landfall_send(engine_, dump_json(message).c_str()) != LANDFALL_OK) replies_.erase(id);
}

// --- session

void Phone::login_soon() {
  if (!wants_session_ || login_asked_ || std::exchange(login_planned_, true)) return;
  at_life(Duration{random_.between(500, 20'000)}, [this] {
    login_planned_ = false;
    login();
  });
}

void Phone::login() {
  login_asked_ = true;
  request("session.login", Json{{"email", account_.email}, {"password", account_.password}},
          [this](const Json& message) {
            login_asked_ = false;
            if (message.contains("error")) login_soon();
          });
}

void Phone::logout() { request("session.logout", Json::object()); }

// What is given up is counted before; what comes in between is refused, and the user asks again.
void Phone::erase() {
  request("operations.counts", Json::object(), [this](const Json& message) {
    if (!message.contains("result")) return;
    const Json& counts = message["result"];
    const auto waiting =
        counts.value("pending", 0) + counts.value("processing", 0) + counts.value("spent", 0);
    request("partition.erase", {{"discard_pending", waiting}});
  });
}

// However it is asked for, the world hears of it.
Phone::Reply Phone::watch_erase(Reply then) {
  world_.observe_erase(*this);
  return [this, then = std::move(then)](const Json& message) {
    if (message.contains("result")) world_.observe_erased(*this);
    if (is_erase_refused(message)) world_.observe_erase_refused(*this);
    if (then) then(message);
  };
}

void Phone::set_network(bool up, bool tell_engine) {
  if (network_is_up() == up) return;
  change_network(up);
  world_.observe_network(*this, up);
  if (!tell_engine) return;
  was_told_offline_ = is_running() && !is_away_ && !up;
  request("network.hint", Json{{"up", up}});
}

// --- notifications

void Phone::push(Json payload) { request("push.received", Json{{"payload", std::move(payload)}}); }

// However it is asked for, the world hears of a push and of what the engine decides.
Phone::Reply Phone::watch_push(Json payload, Reply then) {
  world_.observe_push(*this, payload);
  return [this, payload = std::move(payload), then = std::move(then)](const Json& message) {
    if (message.contains("result")) world_.observe_push_decided(*this, payload, message["result"]);
    if (then) then(message);
  };
}

void Phone::set_zone(std::string zone) {
  zone_ = std::move(zone);
  world_.observe_zone(*this, zone_);
  request("zone.changed", Json::object());
}

// --- operations

void Phone::enqueue(Intent intent, Json extra, Reply then) {
  const std::string id = intent.id;
  open_intents_.emplace(id, OpenIntent{std::move(intent), std::move(extra), std::move(then)});
  send_intent(id);
}

void Phone::send_intent(const std::string& id) {
  const auto found = open_intents_.find(id);
  if (found == open_intents_.end()) return;
  if (is_lent_) return at_life(Duration{10'000}, [this, id] { send_intent(id); });
  const Intent& intent = found->second.intent;
  Json params{{"id", intent.id},
              {"entity_type", intent.entity.type},
              {"entity_id", intent.entity.id},
              {"action", intent.action},
              {"payload", Json::parse(intent.payload)}};
  if (wants_word(world_.profile(), intent)) params["attestation"] = {{"biometric_verified", true}};
  if (found->second.extra.is_object()) params.update(found->second.extra);
  world_.observe_intent(*this, intent);
  request("operations.enqueue", std::move(params),
          [this, id](const Json& message) { on_acknowledgement(id, message); });
}

void Phone::on_acknowledgement(const std::string& id, const Json& message) {
  const auto found = open_intents_.find(id);
  if (found == open_intents_.end()) return;
  const Intent intent = found->second.intent;
  if (message.contains("result")) {
    const Reply then = std::move(found->second.then);
    open_intents_.erase(found);
    world_.observe_acknowledged(*this, intent, message["result"]);
    if (then) then(message["result"]);
    return;
  }
  const auto code = message["error"].value("code", "");
  world_.observe_refused(*this, intent, code);
  const bool again = code == "engine.restarted" || code == "engine.locked" ||
                     code == "engine.opening" || code == "engine.suspended" ||
                     code == "session.locked";
  if (!again) {
    open_intents_.erase(found);
  } else {
    at_life(Duration{random_.between(1'000, 10'000)}, [this, id] { send_intent(id); });
  }
}

}  // namespace landfall::world
