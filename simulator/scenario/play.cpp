#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/json.hpp"
#include "simulator/real/real_phone.hpp"
#include "simulator/scenario/stage.hpp"
#include "simulator/world/virtual_phone.hpp"

// How each step is done.
namespace landfall::scenario {
namespace {

using Outcome = std::optional<Mismatch>;

constexpr Duration kBootMax{std::chrono::seconds{10}};
constexpr Duration kSuspendMax{std::chrono::seconds{1}};
constexpr Duration kNextNear{std::chrono::seconds{2}};
constexpr Duration kSessionMax{std::chrono::seconds{60}};
constexpr int kLooks = 25;  // at an expectation that has not come true yet

std::string state_of(const world::Phone& phone) {
  return "session " + phone.session_status() + ", engine " + phone.engine_state();
}

// Whether a process that began, or began again, waits for nothing but its user. In virtual time one
// that is locked is given as long as it may take, which costs nothing there.
bool is_up(Stage& stage, const world::Phone& phone) {
  static const std::set<std::string> waiting = {"locked", "biometricPrompt", "twoFactor",
                                                "organizationSelect"};
  return phone.is_ready() || phone.session_status() == "unauthenticated" || !phone.is_running() ||
         (stage.virtual_world() == nullptr && waiting.contains(phone.session_status()));
}

Outcome is_off(const world::Phone& phone) {
  return Mismatch{phone.name() + " is running", "it is off"};
}

Outcome do_step(Stage& stage, const Boot& step) {
  auto& phone = stage.phone(step.phone);
  if (phone.is_running()) return Mismatch{phone.name() + " is off", "it is running"};
  phone.boot();
  if (stage.crasher() != nullptr && stage.crasher()->finish_opening(phone)) return std::nullopt;
  if (!phone.is_running()) return Mismatch{phone.name() + " opens", "it does not"};
  (void)stage.world().run_until(kBootMax, [&] { return is_up(stage, phone); });
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Login& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  phone.login();
  const bool done = stage.world().run_until(
      kSessionMax, [&] { return phone.session_status() == "authenticated" && phone.is_ready(); });
  if (done) return std::nullopt;
  return Mismatch{"session authenticated, engine ready", state_of(phone)};
}

Outcome do_step(Stage& stage, const Logout& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  phone.logout();
  // A crash that the scenario armed may end the process in the middle of it.
  const bool done = stage.world().run_until(kSessionMax, [&] {
    return phone.session_status() == "unauthenticated" || !phone.is_running();
  });
  if (done) return std::nullopt;
  return Mismatch{"session unauthenticated", state_of(phone)};
}

Outcome check_next_window(Stage& stage, const world::Phone& phone,
                          const std::optional<NextWindow>& expected) {
  if (!expected) return std::nullopt;
  const auto at = phone.next_window();
  const auto in_words = [](std::optional<Duration> in) {
    return in ? "a window in " + std::to_string(in->count()) + " ms" : std::string{"no window"};
  };
  const auto in = at ? std::optional(*at - stage.world().now()) : std::nullopt;
  const bool fits = in.has_value() == expected->in.has_value() &&
                    (!in || (*in >= *expected->in - kNextNear - stage.world().lag() &&
                             *in <= *expected->in + kNextNear));
  if (fits) return std::nullopt;
  return Mismatch{in_words(expected->in), in_words(in)};
}

Outcome do_step(Stage& stage, const Suspend& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  if (phone.is_away()) return Mismatch{phone.name() + " runs", "it is suspended"};
  phone.suspend();
  // A crash that the scenario armed may end the process in the middle of it.
  const bool done = stage.world().run_until(
      kSuspendMax, [&] { return phone.engine_state() == "suspended" || !phone.is_running(); });
  if (!done) return Mismatch{"engine suspended", state_of(phone)};
  return check_next_window(stage, phone, step.next);
}

Outcome do_step(Stage& stage, const Window& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  phone.run_window(step.budget);
  const bool done = stage.world().run_until(step.budget + kSuspendMax, [&] {
    return !phone.window_report().is_null() || !phone.is_running();
  });
  if (!done) return Mismatch{"the window is over within its budget", "it is not"};
  if (auto mismatch = match(step.finished, phone.window_report(), "finished")) return mismatch;
  return check_next_window(stage, phone, step.next);
}

Outcome do_step(Stage& stage, const Resume& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  if (!phone.is_away()) return Mismatch{phone.name() + " is suspended", "it is not"};
  phone.resume();
  (void)stage.world().run_until(kBootMax, [&] { return is_up(stage, phone); });
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Run& step) {
  stage.world().run_for(stage.virtual_world() != nullptr ? step.span : step.real_span);
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Network& step) {
  stage.phone(step.phone).set_network(step.up, step.told);
  stage.world().settle();
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Disk& step) {
  if (stage.crasher() == nullptr) return Mismatch{"a disk that can be filled", "it is a real one"};
  stage.crasher()->fill_disk(stage.phone(step.phone), step.full);
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Damage& step) {
  if (stage.crasher() == nullptr) return Mismatch{"a disk that can be damaged", "it is a real one"};
  auto& phone = stage.phone(step.phone);
  if (phone.is_running()) return Mismatch{phone.name() + " is off", "it is running"};
  if (stage.crasher()->damage(phone, step.table)) return std::nullopt;
  return Mismatch{"a partition with a table " + step.table, "there is none"};
}

Outcome do_step(Stage& stage, const InZone& step) {
  stage.phone(step.phone).set_zone(step.zone);
  stage.world().settle();
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Fault& step) {
  stage.phone(step.phone).script(step.scripted);
  return std::nullopt;
}

Outcome quit(world::Phone& phone, const Crash& step) {
  auto* const real_phone = dynamic_cast<world::RealPhone*>(&phone);
  if (real_phone == nullptr || !step.closes_really)
    return Mismatch{"a disk that can be crashed", "it is a real one"};
  if (!phone.is_running()) return is_off(phone);
  real_phone->quit();
  return std::nullopt;
}

Outcome do_step(Stage& stage, const Crash& step) {
  auto& phone = stage.phone(step.phone);
  if (stage.crasher() == nullptr) return quit(phone, step);
  if (step.at == CrashAt::now) {
    if (!phone.is_running()) return is_off(phone);
    stage.crasher()->crash_now(phone, step.power);
  } else if (stage.crasher()->is_armed()) {
    return Mismatch{"the crash before this one has happened", "it has not"};
  } else {
    stage.crasher()->arm(phone, step);
  }
  return std::nullopt;
}

// The same operation handed in twice gets the same place in the outbox.
Outcome check_repeated(const std::vector<Json>& acknowledgements) {
  const auto& first = acknowledgements.front();
  const auto& last = acknowledgements.back();
  if (first["id"] == last["id"] && first["seq"] == last["seq"]) return std::nullopt;
  return Mismatch{"the acknowledgement " + dump_json(first), dump_json(last)};
}

// An operation that was attested has its id already.
void name_once(Stage& stage, world::Phone& phone, const std::string& name) {
  if (!stage.names().has_operation(name)) stage.names().name_operation(name, phone.make_id());
}

Outcome do_step(Stage& stage, const Enqueue& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  name_once(stage, phone, step.name);
  const std::string id = stage.names().operation(step.name);
  const auto before = stage.recorder().acknowledgements(id).size();
  Json extra = stage.names().resolve(step.extra);
  if (!step.proof.empty()) extra["attestation"] = stage.proof(step.proof);
  phone.enqueue({id, stage.names().entity(step.entity, phone), step.action,
                 dump_json(stage.names().resolve(step.payload)), phone.user_id()},
                std::move(extra));
  stage.world().settle();
  const auto acknowledgements = stage.recorder().acknowledgements(id);
  if (!step.refused.empty()) {
    if (stage.recorder().refusal(id) == step.refused) return std::nullopt;
    return Mismatch{"refused with " + step.refused, acknowledgements.size() > before
                                                        ? "acknowledged"
                                                        : stage.recorder().refusal(id)};
  }
  if (acknowledgements.size() > before) return check_repeated(acknowledgements);
  if (!phone.is_running()) return std::nullopt;  // it died first, as it was asked to
  return Mismatch{"acknowledged", "refused with \"" + stage.recorder().refusal(id) + "\""};
}

Outcome do_step(Stage& stage, const Photo& step) {
  auto* const phone = dynamic_cast<world::VirtualPhone*>(&stage.phone(step.phone));
  if (phone == nullptr) return Mismatch{"a simulated disk", "it is a real one"};
  std::vector<std::uint8_t> content{0xFF, 0xD8, 0xFF};
  while (content.size() < step.bytes)
    content.push_back(static_cast<std::uint8_t>(content.size() * 31 % 251));
  phone->disk().write_file(step.path, content);
  return std::nullopt;
}

void create_by_other(Stage& stage, backend::Backend& backend, const Other& step, Instant now) {
  const auto& user = stage.world().phones().front()->user_id();
  stage.names().name_entity(step.entity.text, {"approval", backend.create_approval(now, user)});
}

Outcome change_by_other(Stage& stage, backend::Backend& backend, const Other& step, Instant now) {
  const auto key = stage.names().find_entity(step.entity.text);
  if (!key) return Mismatch{"the backend has " + step.entity.text, "it has not"};
  const auto changed = step.action == "approve" ? backend.approve_as_other(key->id, now)
                       : step.action == "edit"
                           ? backend.edit_as_other(*key, stage.names().resolve(step.data), now)
                           : backend.delete_as_other(*key, now);
  if (changed) return std::nullopt;
  return Mismatch{"somebody else can " + step.action + " it", changed.error().message};
}

Outcome do_step(Stage& stage, const Other& step) {
  Outcome outcome;
  stage.world().with_backend([&](backend::Backend& backend, Instant now) {
    if (step.action == "create") return create_by_other(stage, backend, step, now);
    outcome = change_by_other(stage, backend, step, now);
  });
  return outcome;
}

void change_server(Stage& stage, backend::Backend& backend, const Server& step, Instant now) {
  if (step.action == "revoke_tokens") {
    backend.revoke_access_tokens(stage.phone(step.phone).user_id());
  } else if (step.action == "purge_history") {
    backend.purge_history();
  } else if (step.action == "revoke_right") {
    backend.revoke(step.role, step.right, now);
  } else if (step.action == "grant_right") {
    backend.grant(step.role, step.right, now);
  } else if (step.action == "close_hub") {
    backend.send_away(stage.phone(step.phone).user_id(), step.allow_reconnect);
  } else if (step.action == "recommended_version") {
    backend.set_recommended_app_version(step.version);
  } else {
    backend.set_minimum_app_version(step.version);
  }
}

Outcome forget_device(Stage& stage, backend::Backend& backend, const Server& step) {
  const auto& phone = stage.phone(step.phone);
  const auto device = stage.recorder().of(phone).device_id;
  if (backend.forget_device(phone.user_id(), device)) return std::nullopt;
  return Mismatch{"the server knows the phone " + step.phone, "it does not"};
}

Outcome do_step(Stage& stage, const Server& step) {
  Outcome outcome;
  stage.world().with_backend([&](backend::Backend& backend, Instant now) {
    if (step.action == "forget_device") {
      outcome = forget_device(stage, backend, step);
    } else {
      change_server(stage, backend, step, now);
    }
  });
  return outcome;
}

// Oracles must know what the user gave up or sent again by name.
void tell_oracles(Stage& stage, world::Phone& phone, const std::string& request,
                  const Json& params) {
  if (!params.contains("id") || !params["id"].is_string()) return;
  const auto id = params["id"].get<std::string>();
  if (request == "operations.discard") stage.world().observe_discarded(phone, id);
  if (request == "operations.retry") stage.world().observe_retried(phone, id);
}

Outcome do_step(Stage& stage, const Request& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  const Json params = stage.names().resolve(step.params);
  tell_oracles(stage, phone, step.name, params);
  const auto reply = stage.ask(phone, step.name, params, step.within);
  if (!reply) return Mismatch{"a reply to " + step.name, "none"};
  if (!step.error.empty()) {
    const Json code = reply->contains("error") ? (*reply)["error"]["code"] : Json{};
    return match(step.error, code, "error");
  }
  if (!reply->contains("result")) return Mismatch{"a result", dump_json(*reply)};
  if (step.name == "attachments.add") stage.world().observe_attached(phone, (*reply)["result"]);
  stage.authenticator(step.phone).hear(step.name, params, (*reply)["result"]);
  if (step.result.is_null()) return std::nullopt;
  return match(stage.names().resolve(step.result), (*reply)["result"], "result");
}

Outcome do_step(Stage& stage, const AttestTo& step) {
  auto& phone = stage.phone(step.phone);
  if (!phone.is_running()) return is_off(phone);
  Json operations = Json::array();
  for (const Decision& decision : step.decisions) {
    name_once(stage, phone, decision.name);
    const EntityKey entity = stage.names().entity(decision.entity, phone);
    operations.push_back({{"id", stage.names().operation(decision.name)},
                          {"entity_type", entity.type},
                          {"entity_id", entity.id},
                          {"action", decision.action},
                          {"payload", stage.names().resolve(decision.payload)}});
  }
  Json params{{"operations", std::move(operations)}};
  if (!step.pin.empty()) params["pin"] = step.pin;
  const auto reply = stage.ask(phone, "operations.attest", params, kSessionMax);
  if (!reply) return Mismatch{"a reply to operations.attest", "none"};
  if (!step.error.empty()) {
    const Json code = reply->contains("error") ? (*reply)["error"]["code"] : Json{};
    return match(step.error, code, "error");
  }
  if (!reply->contains("result")) return Mismatch{"a result", dump_json(*reply)};
  const Json& result = (*reply)["result"];
  if (result.contains("attestation")) stage.proof(step.name) = result["attestation"];
  if (!step.result.is_null()) return match(step.result, result, "result");
  if (result.contains("attestation")) return std::nullopt;
  return Mismatch{"an attestation", dump_json(result)};
}

std::optional<std::string> code_of(Stage& stage, const SecondFactor& step) {
  auto& authenticator = stage.authenticator(step.phone);
  if (step.code == CodeOf::text) return step.text;
  if (step.code != CodeOf::sms) return authenticator.code(step.code, stage.world().now());
  const auto sms = stage.world().ask_backend(
      [&](auto& backend) { return backend.last_sms(authenticator.phone_number()); });
  if (!sms) return std::nullopt;
  authenticator.note(sms->code);
  return sms->code;
}

Outcome do_step(Stage& stage, const SecondFactor& step) {
  const auto code = code_of(stage, step);
  if (!code) return Mismatch{"a code that " + step.phone + "'s user has", "they have none"};
  Request request{step.phone,  step.request, {{"code", *code}},
                  step.result, step.error,   kSessionMax};
  if (step.request == "session.second_factor") request.params["method"] = step.method;
  return do_step(stage, request);
}

Outcome do_step(Stage& stage, const Mark& step) {
  stage.recorder().mark(stage.phone(step.phone));
  return std::nullopt;
}

// What is there late by no more than the world's lag is there in time.
Outcome do_step(Stage& stage, const Expect& step) {
  auto& world = stage.world();
  const Instant end = world.now() + world.lag();
  auto mismatch = compare(stage, step);
  while (mismatch && world.now() < end) {
    world.run_for(world.lag() / kLooks);
    mismatch = compare(stage, step);
  }
  return mismatch;
}

}  // namespace

std::optional<Mismatch> play(Stage& stage, const Action& action) {
  return std::visit([&](const auto& step) { return do_step(stage, step); }, action);
}

}  // namespace landfall::scenario
