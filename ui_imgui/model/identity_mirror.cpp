#include "ui_imgui/model/identity_mirror.hpp"

#include <utility>

#include "simulator/world/world.hpp"
#include "ui_imgui/model/phone_screen.hpp"
#include "ui_imgui/model/read_identity.hpp"
#include "ui_imgui/model/read_reply.hpp"

namespace landfall::ui {
namespace {

using nlohmann::json;

// While it is locked a wait comes to its end by itself.
constexpr std::int64_t kAskEveryMs = 1'000;

// They are in: what was said and asked on the way is over.
void enter(IdentityView& view) {
  view.wants_login = view.is_registering = false;
  view.said.clear();
}

// What an app entered is left with its session.
bool is_out(const std::string& status) {
  return status == "unauthenticated" || status == "twoFactor" || status == "organizationSelect";
}

// A try that opened nothing says why.
void on_unlock(IdentityView& view, const std::string& request, const json& result,
               std::int64_t now_ms) {
  view.lock = lock_of(result, now_ms);
  if (request == "unlock.biometric_enrol") view.offers_biometric = false;
  const std::string code = text_at(result, "code");
  if (!code.empty()) view.refusal = RefusalView{request, "", code, text_at(result, "message")};
}

}  // namespace

bool IdentityMirror::is_due(const State& state, std::int64_t now_ms) {
  const bool counts_down = state.view.lock.is_locked && now_ms >= state.asked_ms + kAskEveryMs;
  return state.is_stale || counts_down;
}

void IdentityMirror::refresh(world::World& world, world::Phone& phone, Snapshot& snapshot) {
  State& state = states_[&phone];
  if (!app_) app_ = app_of(world.profile());
  const bool can_ask = phone.is_running() && !phone.is_away() && phone.engine_state() != "opening";
  if (can_ask && is_due(state, world.now().unix_ms)) ask(world, phone, state);
  read_codes(world, state);
  IdentityView& view = state.view;
  view.app = *app_;
  view.owner_email = phone.account().email;
  view.owner_password = phone.account().password;
  view.screen = screen_of(view, phone.is_running(), phone.engine_state());
  view.supports_biometric = supports_biometric(view);
  view.may_leave_dashboard = may_leave_dashboard(view);
  view.asks_for_biometric = may_offer_biometric(view);
  snapshot.identity = view;
}

void IdentityMirror::ask(world::World& world, world::Phone& phone, State& state) {
  state.is_stale = false;
  state.asked_ms = world.now().unix_ms;
  phone.request("unlock.status", json::object(), [&world, &state](const json& message) {
    if (message.contains("result"))
      state.view.lock = lock_of(message["result"], world.now().unix_ms);
  });
  if (world.profile().contains("routing") && std::exchange(state.needs_route, false)) {
    phone.request("routing.start", json::object(), [&state](const json& message) {
      if (message.contains("result")) state.view.route = route_of(message["result"]);
    });
  }
  world.settle();
}

void IdentityMirror::read_codes(world::World& world, State& state) {
  if (!state.has_authenticator) return;
  const auto now = world.now();
  state.view.authenticator_code =
      state.authenticator.code(scenario::CodeOf::totp, now).value_or("");
  const std::string& number = state.authenticator.phone_number();
  if (number.empty()) return;
  world.with_backend([&](backend::Backend& backend, Instant) {
    const auto sms = backend.last_sms(number);
    state.view.text_message_code = sms ? sms->code : "";
  });
}

// --- what the engine tells

void IdentityMirror::on_boot(world::World&, world::Phone& phone) {
  State& state = states_[&phone];
  IdentityView view;
  view.finger = std::move(state.view.finger);
  state.view = std::move(view);
  state.is_stale = state.needs_route = true;
  state.settled_status.clear();
}

void IdentityMirror::on_event(world::World&, world::Phone& phone, const std::string& event,
                              const json& data) {
  State& state = states_[&phone];
  IdentityView& view = state.view;
  if (event == "session.status") {
    on_session(state, data);
  } else if (event == "update.changed") {
    view.update = update_of(data);
  } else if (event == "routing.changed") {
    view.route = route_of(data);
    if (data.contains("message")) view.said = text_at(data, "message");
  } else if (event == "permissions.revoked") {
    view.said = text_at(data, "message");
  } else if (event == "connectivity.changed") {
    view.banner.reset();
    if (const auto banner = data.find("banner"); banner != data.end())
      view.banner = BannerView{text_at(*banner, "message"), text_at(*banner, "background")};
  }
}

// While something is under way the screen stays, and with it what it says.
void IdentityMirror::on_session(State& state, const json& data) {
  state.is_stale = true;
  state.view.session = session_of(data);
  const std::string& status = state.view.session.status;
  if (status == "loading" || status == state.settled_status) return;
  state.settled_status = status;
  state.view.refusal.reset();
  if (status == "authenticated") enter(state.view);
  if (is_out(status)) state.view.entered_role.clear();
}

// --- what it answers

void IdentityMirror::on_reply(const world::World& world, const world::Phone& phone,
                              const std::string& request, const json& params, const json& reply) {
  State& state = states_[&phone];
  state.is_stale = true;
  state.view.refusal.reset();
  if (request == "routing.set_role") state.view.entering_role.clear();
  if (reply.contains("error")) {
    state.view.refusal = refusal_of(request, reply["error"]);
  } else if (reply.contains("result")) {
    on_result(world, state, request, params, reply["result"]);
  }
}

void IdentityMirror::on_result(const world::World& world, State& state, const std::string& request,
                               const json& params, const json& result) {
  IdentityView& view = state.view;
  if (request == "session.login") view.offers_biometric = true;
  if (request == "session.register") view.is_registering = false;
  if (request == "onboarding.done") state.needs_route = true;
  if (request == "routing.set_role" && result.value("accepted", false))
    view.entered_role = text_at(result, "active_role");
  if (request.starts_with("unlock.")) on_unlock(view, request, result, world.now().unix_ms);
  if (!request.starts_with("second_factor.")) return;
  state.authenticator.hear(request, params, result);
  if (request == "second_factor.setup") {
    state.has_authenticator = true;
    view.set_up = SetUpView{text_at(result, "manual_key"), {}};
  }
  if (request == "second_factor.verify" || request == "second_factor.backup_codes")
    view.set_up = SetUpView{"", result.value("backup_codes", std::vector<std::string>{})};
  if (request == "second_factor.disable") view.set_up = SetUpView{};
}

}  // namespace landfall::ui
