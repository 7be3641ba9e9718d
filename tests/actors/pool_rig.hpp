#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/runtime.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/host/config.hpp"
#include "mobile_glue/open.hpp"
#include "simulator/backend/backend.hpp"

namespace landfall::testing {

// The reference backend behind a thread of its own, as sockets would be.
class ThreadedBackend final : public actors::Transport {
 public:
  explicit ThreadedBackend(const actors::Clock& clock);
  ~ThreadedBackend() override;
  ThreadedBackend(const ThreadedBackend&) = delete;
  ThreadedBackend& operator=(const ThreadedBackend&) = delete;

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;

  // Between two requests; any thread.
  void with_backend(const std::function<void(backend::Backend&, Instant)>& look);

 private:
  struct Open {
    std::uint64_t call;
    http::Request request;
    Done done;
  };

  void serve();

  const actors::Clock& clock_;
  LibsodiumRandom random_;
  std::unique_ptr<backend::Backend> backend_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Open> open_;
  bool closed_ = false;
  std::thread thread_;
};

// An engine as on a device: CAF's thread pool, a real directory, the system's clock; the sockets
// are replaced by the reference backend unless there is an origin to call. What it hears and the
// functions that poll belong to one thread at a time; `runtime` and `backend` to any.
class PoolRig final {
 public:
  struct Options {
    std::string vfs;     // by name; empty is the product's own
    std::string origin;  // of a server on this machine; empty: no sockets
  };

  explicit PoolRig(const Options& options = {});
  ~PoolRig();
  PoolRig(const PoolRig&) = delete;
  PoolRig& operator=(const PoolRig&) = delete;

  // Opens the engine, over the same directory and keychain as before.
  void open();
  [[nodiscard]] actors::Runtime& runtime() { return *runtime_; }
  // Only without an origin.
  [[nodiscard]] ThreadedBackend& backend() { return *backend_; }
  // Where the engine's files are.
  [[nodiscard]] std::string engine_directory() const { return config_.directory; }
  [[nodiscard]] const actors::Clock& clock() const { return *edges_.environment.clock; }

  // Polls until `done`; fails when the engine says nothing for half a minute.
  void poll_until(const std::function<bool()>& done);
  // The same for a `done` that asks the engine: its last word may be an answer that came too early,
  // so that it is asked again a moment after the last message.
  void ask_until(const std::function<bool()>& done);
  // Polls until the engine is closed and has nothing more to say.
  void poll_to_the_end();
  // Takes at most one message, waiting up to `timeout` for it. False when none came.
  bool poll_once(Duration timeout);

  // The reply to one request, which must be accepted.
  Json call(const std::string& request, const Json& params = Json::object());
  // Waits for the engine to be locked, and logs the first seed user in.
  void log_in();
  [[nodiscard]] static std::string login_request(std::int64_t id);

  // What was heard, in order.
  std::vector<std::string> engine_states;
  std::map<std::int64_t, std::vector<Json>> replies;
  std::map<std::int64_t, std::vector<Json>> tickets;

 private:
  void on_message(const Json& message);
  void answer(const Json& question);

  std::string directory_;
  host::Config config_;
  glue::Edges edges_;
  std::unique_ptr<ThreadedBackend> backend_;
  std::map<std::string, std::string> keychain_;
  std::int64_t last_id_ = 1'000'000;  // of `call`
  std::unique_ptr<actors::Runtime> runtime_;
};

// Parameters of operations.enqueue that create a new document. Any thread.
[[nodiscard]] Json new_requisition(const actors::Clock& clock);

}  // namespace landfall::testing
