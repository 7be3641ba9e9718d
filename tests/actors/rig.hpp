#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/stepped.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/world/memory_disk.hpp"
#include "tests/actors/scripted_transport.hpp"

namespace landfall::testing {

// A clock that the test moves. `speed` is what timers are scaled by.
class HandClock final : public actors::Clock {
 public:
  explicit HandClock(Instant start) : now_(start) {}
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] double speed() const override { return speed_; }
  [[nodiscard]] std::optional<unlock::BootTime> boot_time() const override {
    return unlock::BootTime{"boot", up_};
  }
  void advance(Duration by) {
    now_ = now_ + by;
    up_ += by;
  }
  // Somebody sets the wall clock, which a process reads as it begins.
  void set_off(Duration by) { now_ = now_ + by; }
  void set_speed(double speed) { speed_ = speed; }

 private:
  Instant now_;
  Duration up_{0};
  double speed_ = 1.0;
};

inline constexpr const char* kLogin = "/api/auth/login";
inline constexpr const char* kRefresh = "/api/mobile/auth/refresh";
inline constexpr const char* kLogout = "/api/mobile/auth/logout";
inline constexpr const char* kPush = "/api/mobile/sync/push";
inline constexpr const char* kPull = "/api/mobile/sync/pull";

[[nodiscard]] http::Answer answer_with(int status, std::string body,
                                       std::string content_type = "application/json");
[[nodiscard]] http::Answer answer_with(http::TransportFailure failure);

// An engine in virtual time between a scripted network (by default the reference backend, always
// there), a memory disk and a host that answers questions at once from its keychain. All on one
// thread; nothing moves but in `settle` and `advance`.
class Rig {
 public:
  explicit Rig(backend::BackendOptions options = {});
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // --- the process

  // For the boots that follow: a shipped profile by its name, or a whole one.
  void set_profile(Json profile) { profile_ = std::move(profile); }
  void boot();
  [[nodiscard]] bool is_running() const { return runtime_ != nullptr; }
  // In order; what the engine said last is read.
  void close();
  // As if killed between two steps.
  void kill();
  [[nodiscard]] actors::SteppedRuntime& runtime() { return *runtime_; }

  // From here on the next actor is drawn; until then it is the one that waits longest.
  void shuffle(std::uint64_t seed) { order_.emplace(seed); }
  // Lets one actor handle one message.
  void step();
  // Runs until nobody has anything to do, without time.
  void settle();
  // Moves time from one timer or deadline to the next.
  void advance(Duration by);
  // While no process lives.
  void advance_clock(Duration by) { clock_.advance(by); }

  // --- the host

  // Sends a request; its replies are counted under the id.
  std::int64_t ask(const std::string& name, Json params = Json::object());
  // Sends, settles, and wants exactly one reply.
  Json call(const std::string& name, Json params = Json::object());
  [[nodiscard]] const std::vector<Json>& replies(std::int64_t id) { return replies_[id]; }
  // The one reply; null when there is none, or more than one.
  [[nodiscard]] Json reply(std::int64_t id);
  void read_messages();

  [[nodiscard]] const std::vector<Json>& messages() const { return messages_; }
  // The data of every event of that name so far, in order.
  [[nodiscard]] std::vector<Json> events(std::string_view name) const;
  [[nodiscard]] std::string session_status() const;
  [[nodiscard]] std::string engine_state() const;

  // What the host answers to a question; nothing: it does not answer now.
  using Port = std::function<std::optional<Json>(const std::string& port, const Json& data)>;
  void set_port(Port port) { port_ = std::move(port); }
  // What a working host answers.
  [[nodiscard]] Json keychain_answer(const std::string& port, const Json& data);
  [[nodiscard]] std::map<std::string, std::string>& keychain() { return keychain_; }
  void answer(std::int64_t question, Json result);

  // --- the user

  [[nodiscard]] static const backend::SeedUser& user(std::size_t index);
  Json login(std::size_t index = 0);
  // A requisition of its own lane.
  [[nodiscard]] Json new_requisition();
  // Its operation id.
  std::string enqueue_requisition();
  // {state: count} of everything the queue knows.
  [[nodiscard]] std::map<std::string, int> states();

  // --- the world

  [[nodiscard]] HandClock& clock() { return clock_; }
  [[nodiscard]] world::MemoryDisk& disk() { return disk_; }
  [[nodiscard]] ScriptedTransport& network() { return network_; }
  [[nodiscard]] backend::Backend& backend() { return *backend_; }
  [[nodiscard]] ScriptedTransport::Script to_backend();
  // Answers like the backend, but for this path.
  void script(const std::string& target, ScriptedTransport::Script script);
  void script(const std::string& target, http::Answer answer);
  void unscript(const std::string& target) { scripts_.erase(target); }
  // Nothing leaves any more, or all does again; a hint tells the engine.
  void set_online(bool online);
  [[nodiscard]] std::string make_id();
  [[nodiscard]] std::vector<std::string> partition_files() const;
  // Every file by its name, as processes see it and as the medium still has it.
  [[nodiscard]] std::vector<std::pair<std::string, world::Bytes>> disk_media() const {
    return disk_.media();
  }
  // Syncs of the partitions' files and logs.
  [[nodiscard]] std::uint64_t partition_syncs() const;

 private:
  void on_message(const std::string& text);
  [[nodiscard]] actors::Environment environment();

  HandClock clock_;
  SeededSecureRandom random_;
  SeededSecureRandom backend_random_;
  world::MemoryDisk disk_;
  ScriptedTransport network_;
  std::unique_ptr<backend::Backend> backend_;
  std::optional<Random> order_;
  Json profile_ = "prokure";
  bool online_ = true;
  bool is_closed_ = false;  // nothing is answered any more
  std::map<std::string, ScriptedTransport::Script> scripts_;
  std::map<std::string, std::string> keychain_;
  Port port_;
  std::unique_ptr<actors::SteppedRuntime> runtime_;
  std::int64_t last_request_ = 0;
  std::vector<Json> messages_;
  std::map<std::int64_t, std::vector<Json>> replies_;
};

}  // namespace landfall::testing
