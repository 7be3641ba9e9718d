#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/stepped.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "mobile_glue/c/landfall.h"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"
#include "simulator/world/simulated_network.hpp"

namespace landfall::world {

class World;

struct Account {
  std::string user_id;
  std::string email;
  std::string password;
};

// One simulated phone: a disk and a keychain that outlive its process, the engine behind the C
// interface, and a host that does what an app does: answers questions, logs in when asked to, hands
// operations in and reads them back.
class Phone final {
 public:
  using Reply =
      std::function<void(const nlohmann::json& message)>;  // the whole reply: result or error

  Phone(World& world, std::string name, Account account, std::uint64_t seed);
  ~Phone();
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;

  // --- the process

  void boot();
  // The process is gone at this instant; what the disk keeps was decided by the caller (kill or
  // power cut).
  void die(bool power);
  void shut_down();
  [[nodiscard]] bool is_running() const { return engine_ != nullptr; }
  [[nodiscard]] actors::SteppedRuntime& runtime() { return *runtime_; }
  // Takes everything the engine has to say.
  void drain();

  // --- the host's words

  void request(const std::string& name, nlohmann::json params, Reply reply = {});
  // Hands an operation in; an acknowledgement that stays unknown is asked for again with the same
  // id. `then` gets the acknowledgement's result.
  void enqueue(Intent intent, nlohmann::json extra = {}, Reply then = {});
  void login();
  void logout();
  void set_network(bool up, bool tell_engine);

  // --- what it knows

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& user_id() const { return account_.user_id; }
  [[nodiscard]] const Account& account() const { return account_; }
  [[nodiscard]] MemoryDisk& disk() { return disk_; }
  [[nodiscard]] SimulatedNetwork& network() { return network_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] SeededSecureRandom& secure_random() { return secure_random_; }
  [[nodiscard]] const std::string& session_status() const { return session_status_; }
  [[nodiscard]] const std::string& engine_state() const { return engine_state_; }
  [[nodiscard]] bool is_ready() const { return is_running() && engine_state_ == "ready"; }
  // A fresh operation or entity id.
  [[nodiscard]] std::string make_id();
  // Whether an intent's acknowledgement is still open or unknown.
  [[nodiscard]] bool has_open_intents() const { return !open_intents_.empty(); }
  void set_wants_session(bool wants) { wants_session_ = wants; }
  [[nodiscard]] bool wants_session() const { return wants_session_; }

 private:
  struct OpenIntent {
    Intent intent;
    nlohmann::json extra;
    Reply then;
  };

  [[nodiscard]] OperationId make_id_of_now();
  [[nodiscard]] std::string config() const;
  [[nodiscard]] actors::Environment environment();
  void on_message(const std::string& text);
  void on_question(std::int64_t question, const std::string& port, const nlohmann::json& data);
  [[nodiscard]] nlohmann::json answer_port(const std::string& port, const nlohmann::json& data);
  void on_event(const std::string& event, const nlohmann::json& data);
  void send_intent(const std::string& id);
  void on_acknowledgement(const std::string& id, const nlohmann::json& message);
  void login_soon();
  void at_life(Duration delay, std::function<void()> then);

  World& world_;
  std::string name_;
  Account account_;
  Random random_;
  SeededSecureRandom secure_random_;
  MemoryDisk disk_;
  SimulatedNetwork network_;
  std::map<std::string, std::string> keychain_;
  landfall_engine* engine_ = nullptr;
  actors::SteppedRuntime* runtime_ = nullptr;
  std::uint64_t life_ = 0;
  std::int64_t last_request_ = 0;
  std::map<std::int64_t, Reply> replies_;
  std::map<std::string, OpenIntent> open_intents_;
  std::string session_status_ = "initial";
  std::string engine_state_ = "opening";
  bool wants_session_ = true;
  bool login_asked_ = false;
};

}  // namespace landfall::world
