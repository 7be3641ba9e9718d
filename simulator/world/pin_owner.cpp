#include "simulator/world/pin_owner.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::world {
namespace {

constexpr const char* kWrongPin = "481628";
// What developers leave behind opens nothing (INV-A15).
constexpr const char* kOneDigit = "000000";
constexpr double kWrongShare = 0.4;
// Of the wrong guesses, those behind which the app is ended, as whoever guesses may try.
constexpr double kStartOverShare = 0.2;

}  // namespace

PinOwner::PinOwner(VirtualWorld& world, VirtualPhone& phone)
    : world_(world), phone_(phone), random_(Random::stream(world.seed(), "pin/" + phone.name())) {}

bool PinOwner::is_locked() const {
  return phone_.session_status() == "locked" && phone_.is_ready();
}

void PinOwner::on_event(World&, Phone& phone, const std::string& event,
                        const nlohmann::json& data) {
  if (&phone != &phone_ || event != "session.status") return;
  if (data.value("code", "") == "session.locked") return open_soon(Duration{500});
  if (data.value("status", "") == "authenticated" && !has_pin_) set_pin_soon();
}

// Whatever was under way has no answer any more.
void PinOwner::on_boot(World&, Phone& phone) {
  if (&phone != &phone_) return;
  is_asking_ = false;
  ++life_;
}

void PinOwner::on_erased(World&, Phone& phone) {
  if (&phone == &phone_) has_pin_ = false;
}

// The try that was planned went with the life before, and an engine that was awake already tells
// nobody anew that it is locked.
void PinOwner::on_resume(World& world, Phone& phone) {
  on_boot(world, phone);
  if (&phone == &phone_ && is_locked()) open_soon(Duration{500});
}

void PinOwner::set_pin_soon() {
  world_.after(Duration{random_.between(1'000, 60'000)}, [this] {
    if (has_pin_ || phone_.session_status() != "authenticated") return;
    phone_.request("unlock.set_pin", {{"pin", kOwnersPin}}, [this](const nlohmann::json& message) {
      const bool is_set = message.contains("result");
      const bool was_set = !is_set && message["error"].value("code", "") == "pin.already_set";
      has_pin_ = has_pin_ || is_set || was_set;
      if (is_set) world_.observe_protected(phone_);
    });
  });
}

// One try at a time is planned, whatever the phone says meanwhile.
void PinOwner::open_soon(Duration least) {
  if (planned_in_ == life_) return;
  planned_in_ = life_;
  const Duration in = least + Duration{random_.between(0, 20'000)};
  world_.after(in, [this, life = life_] {
    if (planned_in_ == life) planned_in_.reset();
    if (life == life_ && is_locked() && !phone_.is_away()) try_to_open();
  });
}

void PinOwner::start_over() {
  world_.after(Duration{random_.between(50, 2'000)}, [this, life = life_] {
    if (life == life_ && !phone_.is_away()) world_.end_app(phone_);
  });
  open_soon(Duration{2'000});
}

void PinOwner::try_to_open() {
  if (is_asking_) return;
  is_asking_ = true;
  const bool is_right = is_healed_ || !random_.chance(kWrongShare);
  world_.observe_guess(phone_, is_right);
  const char* wrong = ++tries_ % 2 == 0 ? kOneDigit : kWrongPin;
  phone_.request("unlock.pin", {{"pin", is_right ? kOwnersPin : wrong}},
                 [this, is_right](const nlohmann::json& message) {
                   is_asking_ = false;
                   on_tried(is_right, message);
                 });
}

void PinOwner::on_tried(bool is_right, const nlohmann::json& message) {
  if (message.contains("result")) {
    world_.observe_guess_answered(phone_, is_right, message["result"]);
    if (!message["result"].value("locked", true)) return;
    return random_.chance(kStartOverShare) ? start_over() : open_soon(Duration{200});
  }
  const auto code = message["error"].value("code", "");
  const bool needs_login = code == "pin.hard_locked" || code == "unlock.offline_expired" ||
                           code == "pin.not_configured" || code == "hardware.lost";
  if (needs_login) {
    phone_.login();
    return open_soon(Duration{30'000});
  }
  open_soon(code == "pin.wait" ? Duration{15'000} : Duration{1'000});
}

void PinOwner::touch() {
  world_.observe_touch(phone_);
  phone_.request("activity.touch", nlohmann::json::object());
}

void PinOwner::on_intent(World&, Phone& phone, const Intent&) {
  if (&phone == &phone_ && !phone_.is_away()) touch();
}

void PinOwner::on_healed(World&) {
  is_healed_ = true;
  is_asking_ = false;
  keep_open();
}

void PinOwner::keep_open() {
  if (is_locked()) open_soon(Duration{0});
  if (phone_.session_status() == "authenticated") touch();
  world_.after(Duration{120'000}, [this] { keep_open(); });
}

}  // namespace landfall::world
