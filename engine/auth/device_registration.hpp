#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/auth/device_record.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/http/repeated_call.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

enum class RegistrationState {
  waiting,     // the server is still to be told, or to answer
  registered,  // it knows the phone as it is now
  refused      // it will not have it; something must change first
};

[[nodiscard]] std::string_view to_string(RegistrationState state) noexcept;

// The call that registers the phone, with the number that pairs it with its answer.
struct RegisterCall {
  std::uint64_t number = 0;
  http::ApiCall call;
};

// What a step asks of the outside, to be carried out after its commit.
struct RegistrationEffects {
  std::optional<RegisterCall> call;
  std::optional<Instant> wake_at;  // replaces the machine's one timer
  bool changed = false;            // the host is told state and refusal anew
};

// Registers this phone with one user's server (P-19, P-21, P-90): after their login, and again when
// its push token, name, biometrics or versions are others than the server was told last. The
// intent is what is stored: as long as the server has not answered for the phone as it is, it is
// told again, also by the next process. A definitive refusal stands until what is said changes or
// the user logs in anew, so that somebody who has removed another phone gets in. Nothing waits for
// it: the session goes on whatever comes of it.
//
// A step that fails leaves the machine unusable. One thread.
class DeviceRegistration final {
 public:
  // What the engine itself knows of the phone.
  struct Installation {
    std::string device_id;
    std::string platform;
    std::string os_version;
    std::string app_version;
    std::string device_name;
  };
  struct Parts {
    const Profile& profile;  // has the section `devices`
    store::Sealer& token_key;
    std::string user_id;
    Installation installation;
    http::RepeatLedger& repeats;  // of the device; outlives the machine
    // In base64, of what its user signs here (C-25); nothing: there is none.
    std::optional<std::string> attestation_key = std::nullopt;
  };

  explicit DeviceRegistration(Parts parts)
      : parts_(std::move(parts)), calls_(parts_.repeats, http::RepeatRank::news) {}

  // `told`: what the host said in this process. A record that cannot be read is forgotten: the
  // server is told once more, which changes nothing there. Durable.
  [[nodiscard]] Result<RegistrationEffects> on_open(store::Transaction& device,
                                                    const DeviceFacts& told, bool by_login,
                                                    Instant now);
  // What the host says now; what it does not name stays. Durable.
  [[nodiscard]] Result<RegistrationEffects> on_facts(store::Transaction& device,
                                                     const DeviceFacts& told, Instant now);
  // The key is another one now, or gone; as news as what the host says. Durable.
  [[nodiscard]] Result<RegistrationEffects> on_attestation_key(store::Transaction& device,
                                                               std::optional<std::string> key,
                                                               Instant now);
  // Durable.
  [[nodiscard]] Result<RegistrationEffects> on_answer(store::Transaction& device,
                                                      std::uint64_t number,
                                                      const http::Answer& answer, Instant now);
  // A network that came back ends a wait, but none that the server asked for.
  [[nodiscard]] RegistrationEffects on_ready(bool reachable, bool authenticated, Instant now);
  [[nodiscard]] RegistrationEffects on_wake(Instant now);

  [[nodiscard]] RegistrationState state() const;
  // Of `refused`.
  [[nodiscard]] const DeviceRefusal* refusal() const;

 private:
  [[nodiscard]] Result<std::string> body() const;
  [[nodiscard]] Result<RegistrationEffects> keep(store::Transaction& device, Instant now);
  [[nodiscard]] RegistrationEffects proceed(Instant now);
  void take_verdict(const http::Answer& answer, Instant now);
  void try_later(std::optional<Duration> asked, Instant now);

  Parts parts_;
  DeviceRecord record_;
  std::optional<DeviceRecord> stored_;
  std::string wanted_;  // the body that says what the phone is now
  std::optional<RegistrationState> told_;
  bool reachable_ = false;
  bool authenticated_ = false;
  std::optional<std::uint64_t> asked_;
  std::string asked_body_;
  std::uint64_t asks_ = 0;
  Instant due_at_;
  Instant held_until_;  // by the server's own word
  std::size_t failures_ = 0;
  http::RepeatedCall calls_;
};

// Each fact that `told` has replaces the one there.
[[nodiscard]] DeviceFacts merged(DeviceFacts facts, const DeviceFacts& told);

}  // namespace landfall::auth
