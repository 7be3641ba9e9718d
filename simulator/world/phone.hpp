#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "mobile_glue/c/landfall.h"
#include "simulator/faults/scripted_fault.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::world {

struct Account {
  std::string user_id;
  std::string email;
  std::string password;
};

// One simulated phone: a keychain that outlives its process, the engine behind the C interface, and
// a host that does what an app does: answers questions, logs in when asked to, hands operations in
// and reads them back. Disk, network and process are those of its world. The world's thread.
class Phone {
 public:
  using Reply =
      std::function<void(const nlohmann::json& message)>;  // the whole reply: result or error

  virtual ~Phone() = default;
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;

  // --- the process

  virtual void boot() = 0;
  [[nodiscard]] bool is_running() const { return engine_ != nullptr; }

  // --- suspension

  // The system is about to freeze the process: the host suspends the engine. From here on the phone
  // is away, until `resume`. Nothing when it is off or away.
  void suspend();
  // The process runs again: the host resumes the engine, and catches up on what it meant to do.
  void resume();
  [[nodiscard]] bool is_away() const { return is_away_; }
  // The system lets the process run in the background. What the engine said when it was over is
  // window_report, null until then.
  void run_window(Duration budget);
  [[nodiscard]] const nlohmann::json& window_report() const { return window_report_; }
  // When the engine would like one; nothing when it needs none.
  [[nodiscard]] std::optional<Instant> next_window() const;

  // --- the network

  void set_network(bool up, bool tell_engine);
  // The last that the platform told the engine of it.
  [[nodiscard]] bool was_told_offline() const { return was_told_offline_; }
  // Faults of one path strike in the order in which they were scripted; a call has at most one.
  virtual void script(faults::ScriptedFault fault) = 0;
  // Scripted strikes that are still to come.
  [[nodiscard]] virtual int scripted() const = 0;

  // --- the host's words

  void request(const std::string& name, nlohmann::json params, Reply reply = {});
  // Hands an operation in; an acknowledgement that stays unknown is asked for again with the same
  // id. `then` gets the acknowledgement's result.
  void enqueue(Intent intent, nlohmann::json extra = {}, Reply then = {});
  void login();
  void logout();
  // Forgets everything of its user on this phone, what waits included.
  void erase();
  // A push reached the platform, which wakes the host; lost when the phone is off. An engine that
  // is not ready refuses it, and that is the end of it, as on a real phone.
  void push(nlohmann::json payload);
  // What a look at the user's finger finds from now on: "good", or what the host answers otherwise
  // (schema/api.json, biometric.read).
  void set_finger(std::string finger) { finger_ = std::move(finger); }
  // The phone is carried into another zone.
  void set_zone(std::string zone);

  // --- what it knows

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& user_id() const { return account_.user_id; }
  [[nodiscard]] const Account& account() const { return account_; }
  [[nodiscard]] const std::string& zone() const { return zone_; }
  // What the engine keeps in the device's secure storage, by name.
  [[nodiscard]] const std::map<std::string, std::string>& keychain() const { return keychain_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] const std::string& session_status() const { return session_status_; }
  [[nodiscard]] const std::string& engine_state() const { return engine_state_; }
  // The last state that the engine told in this life; empty before the first.
  [[nodiscard]] const std::string& connectivity() const { return connectivity_; }
  [[nodiscard]] bool is_ready() const { return is_running() && engine_state_ == "ready"; }
  // A fresh operation or entity id.
  [[nodiscard]] std::string make_id();
  // Whether an intent's acknowledgement is still open or unknown.
  [[nodiscard]] bool has_open_intents() const { return !open_intents_.empty(); }
  [[nodiscard]] bool has_open_requests() const { return !replies_.empty(); }
  // Whether its disk takes what it writes. Not while it is full.
  [[nodiscard]] virtual bool has_room() const { return true; }

  // Somebody else has it for a while: its owner hands nothing in before it is back.
  void set_lent(bool lent) { is_lent_ = lent; }
  [[nodiscard]] bool is_lent() const { return is_lent_; }

  void set_wants_session(bool wants) { wants_session_ = wants; }
  [[nodiscard]] bool wants_session() const { return wants_session_; }

 protected:
  Phone(World& world, std::string name, Account account, std::uint64_t seed);

  [[nodiscard]] virtual bool network_is_up() const = 0;
  virtual void change_network(bool up) = 0;
  // Whether the process stands still, so that its host does nothing.
  [[nodiscard]] virtual bool is_frozen() const { return false; }
  virtual void thaw() {}
  // Whether the secure storage would be locked if it were asked now.
  [[nodiscard]] virtual bool keys_are_locked() { return false; }

  // What a config says of the app and the device; the directory comes from the world.
  [[nodiscard]] nlohmann::json config(const nlohmann::json& profile,
                                      const std::string& directory) const;
  // A process begins: before the engine opens, and once it is open.
  void begin_life();
  void on_opened(landfall_engine* engine);
  // The process is over, and everything that it was asked for. The engine that it had.
  landfall_engine* end_life(const std::string& state);

  [[nodiscard]] landfall_engine* engine() const { return engine_; }
  [[nodiscard]] SeededSecureRandom& secure_random() { return secure_random_; }
  // One message of the engine.
  void on_message(const std::string& text);

 private:
  struct OpenIntent {
    Intent intent;
    nlohmann::json extra;
    Reply then;
  };

  void on_question(std::int64_t question, const std::string& port, const nlohmann::json& data);
  [[nodiscard]] nlohmann::json answer_port(const std::string& port, const nlohmann::json& data);
  void on_event(const std::string& event, const nlohmann::json& data);
  [[nodiscard]] Reply watch_push(nlohmann::json payload, Reply then);
  [[nodiscard]] Reply watch_erase(Reply then);
  void send_intent(const std::string& id);
  void on_acknowledgement(const std::string& id, const nlohmann::json& message);
  void login_soon();
  void at_life(Duration delay, std::function<void()> then);
  void do_at_life(std::uint64_t life, const std::function<void()>& then);
  void run_again();
  void do_what_was_missed();

  World& world_;
  const std::string name_;
  const Account account_;
  Random random_;
  SeededSecureRandom secure_random_;
  std::map<std::string, std::string> keychain_;
  std::string zone_ = "Asia/Kolkata";
  std::string finger_ = "good";
  landfall_engine* engine_ = nullptr;
  std::uint64_t life_ = 0;
  std::int64_t last_request_ = 0;
  std::map<std::int64_t, Reply> replies_;
  std::map<std::string, OpenIntent> open_intents_;
  std::string session_status_ = "initial";
  std::string engine_state_ = "opening";
  std::string connectivity_;
  bool was_told_offline_ = false;
  bool wants_session_ = true;
  bool login_asked_ = false;
  bool is_away_ = false;
  bool is_lent_ = false;
  bool login_planned_ = false;
  nlohmann::json window_report_;
  std::vector<std::pair<std::uint64_t, std::function<void()>>> missed_;  // while it stood still
};

}  // namespace landfall::world
