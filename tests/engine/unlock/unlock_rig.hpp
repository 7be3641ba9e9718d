#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "engine/base/secure_random.hpp"
#include "engine/store/database.hpp"
#include "engine/store/sealer.hpp"
#include "engine/unlock/unlock.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/store/store_fixture.hpp"
#include "tests/engine/unlock/three_apps.hpp"

namespace landfall::test {

// A phone whose one owner uses one app, with the time as it really is beside the clock that
// somebody may have set. Nothing is asked of a host: hardware is one key, the worker is the caller.
class UnlockRig {
 public:
  explicit UnlockRig(Json unlock = almafrica_unlock())
      : UnlockRig(loaded(cheap(std::move(unlock)))) {}
  explicit UnlockRig(Profile profile) : profile_(std::move(profile)) { start(); }

  // --- the process

  // A new process, as after a kill: what was not committed is gone.
  void start(const std::optional<unlock::Remembered>& remembered = std::nullopt) {
    device_.reset();
    device_ = open_database(directory_.file("device.db"), "", schema::device_migrations());
    machine_.emplace(unlock::Unlock::Parts{profile_});
    if (!is_logged_in_) return;
    REQUIRE(device_->read([&](const store::Snapshot& device) {
      return machine_->on_open(device, key_, user(), remembered, reading());
    }));
  }
  // As the host suspends and resumes the engine.
  void live_on() {
    const auto remembered = machine_->remembered();
    start(remembered);
  }
  void boot_anew() {
    boot_ = "boot" + std::to_string(++boots_);
    booted_at_ = true_ms_;
  }

  // --- time

  void pass(Duration by) { true_ms_ += by.count(); }
  // A new process behind a wall clock that somebody has set; within one it cannot be set.
  void restart_with_clock(Duration off) {
    off_ms_ = off.count();
    start();
  }
  void has_boot_clock(bool has) { has_boot_clock_ = has; }
  [[nodiscard]] std::int64_t true_ms() const { return true_ms_; }

  [[nodiscard]] unlock::Reading reading() const {
    unlock::Reading reading{Instant{kStartMs + true_ms_ + off_ms_}, std::nullopt, server_time_};
    if (has_boot_clock_)
      reading.boot_time = unlock::BootTime{boot_, Duration{true_ms_ - booted_at_}};
    return reading;
  }
  void server_says_true_time() { server_time_ = Instant{kStartMs + true_ms_}; }

  // --- what the session does

  [[nodiscard]] Status write(const std::function<Status(store::Transaction&)>& step) {
    return device_->write("test.unlock", store::Durability::durable, step);
  }
  void login(const std::string& user_id = "u-1") {
    user_id_ = user_id;
    is_logged_in_ = true;
    REQUIRE(write(
        [&](store::Transaction& tx) { return machine_->on_login(tx, key_, user(), reading()); }));
  }
  Status set_pin(const std::string& digits, bool replaces = false) {
    const Secret<std::string> pin{digits};
    LANDFALL_TRY(machine_->may_set_pin(pin, "params.pin", replaces, reading()));
    auto made = unlock::make_verifier(pin, unlock::draw_salt(random_), machine_->kdf(), hardware(),
                                      random_);
    REQUIRE(made);
    return write(
        [&](store::Transaction& tx) { return machine_->on_pin_set(tx, *made, reading()); });
  }

  // A whole guess; `killed_before_check` ends the process once it is counted.
  struct Guess {
    std::string code;          // empty: it was right
    bool was_checked = false;  // somebody looked whether it is right
  };
  Guess guess(const std::string& digits, bool killed_before_check = false,
              const std::string& email = "") {
    const Secret<std::string> pin{digits};
    if (const auto may = machine_->may_guess(email, pin, reading()); !may)
      return {may.error().code, false};
    const auto counted =
        write([&](store::Transaction& tx) { return machine_->on_guess(tx, reading()); });
    if (!counted) return {counted.error().code, false};
    if (killed_before_check) {
      start();
      return {"killed", true};
    }
    const auto is_right = unlock::opens(machine_->verifier(), pin, hardware());
    REQUIRE(is_right);
    if (!*is_right) {
      machine_->on_wrong();
      return {"pin.wrong", true};
    }
    std::optional<unlock::PinVerifier> anew;
    if (unlock::is_outdated(machine_->verifier(), machine_->kdf())) {
      auto made = unlock::make_verifier(pin, machine_->verifier().salt, machine_->kdf(), hardware(),
                                        random_);
      REQUIRE(made);
      anew = std::move(*made);
    }
    REQUIRE(write([&](store::Transaction& tx) {
      return machine_->on_right(tx, std::move(anew), reading());
    }));
    return {"", true};
  }

  [[nodiscard]] unlock::Unlock& machine() { return *machine_; }
  [[nodiscard]] unlock::UnlockStatus status() { return machine_->status(reading()); }
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] store::Database& device() { return *device_; }
  [[nodiscard]] SeededSecureRandom& random() { return random_; }
  [[nodiscard]] std::string file() const { return directory_.file("device.db"); }
  [[nodiscard]] unlock::HardwareKey hardware() const {
    std::array<std::byte, store::kSecretKeyBytes> bytes{};
    bytes.fill(std::byte{9});
    return unlock::HardwareKey{bytes};
  }
  [[nodiscard]] auth::ActiveUser user() const {
    return {user_id_, "", user_id_ + "@example.com", auth::partition_id_for(user_id_, "")};
  }
  [[nodiscard]] store::Sealer& key() { return key_; }

 private:
  static constexpr std::int64_t kStartMs = 1'767'225'600'000;

  static Json cheap(Json unlock) {
    if (unlock.contains("pin")) unlock["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
    return profile_with(unlock);
  }

  Profile profile_;
  TemporaryDirectory directory_;
  SeededSecureRandom random_{std::array<std::byte, 32>{}};
  store::Sealer key_{store::SecretKey::generate(random_), 1, random_};
  std::unique_ptr<store::Database> device_;
  std::optional<unlock::Unlock> machine_;
  std::string user_id_ = "u-1";
  bool is_logged_in_ = false;
  std::int64_t true_ms_ = 0;
  std::int64_t off_ms_ = 0;
  std::int64_t booted_at_ = 0;
  std::string boot_ = "boot0";
  int boots_ = 0;
  bool has_boot_clock_ = true;
  std::optional<Instant> server_time_;
};

}  // namespace landfall::test
