#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/trust_port.hpp"
#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "engine/store/files.hpp"
#include "engine/unlock/elapsed_clock.hpp"

namespace landfall::actors {

// The engine's one source of time (architecture section 2). `speed` scales timers: at 20, an hour
// passes in three minutes. Called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual double speed() const { return 1.0; }
  // The process was frozen, for nobody measured how long: whatever the clock counts with may have
  // stood still. It catches up with the wall clock and never goes back. One that cannot stand still
  // has nothing to do.
  virtual void catch_up() {}
  // The device's own monotonic clock, which runs on in sleep and which nobody can set; nothing
  // where the platform has none. It tells how long a process was away, whatever the wall clock
  // says.
  [[nodiscard]] virtual std::optional<unlock::BootTime> boot_time() const { return std::nullopt; }
};

// One network edge. `start` returns at once; `done` is called exactly once unless the call is
// cancelled first or the transport is destroyed. It may be called from any thread; it must not be
// called from inside `start`.
class Transport {
 public:
  virtual ~Transport() = default;
  using Done = std::function<void(http::Answer)>;
  virtual void start(std::uint64_t call, const http::Request& request, Duration timeout,
                     std::size_t response_bytes_max, Done done) = 0;
  // After it returns, `done` of that call is not called any more.
  virtual void cancel(std::uint64_t call) = 0;
  // Cancels what is open and closes what is kept open: after it returns not a byte is written or
  // read until the next `start`. Waits for an answer that is being given. One that keeps nothing
  // open beside its calls has nothing to do: the actors have cancelled those.
  virtual void fall_silent() {}
  // Who is asked whether to believe a server, and told about it; null: nobody any more. One that
  // meets no server of its own asks nothing. Any thread.
  virtual void use_trust_port(std::shared_ptr<TrustPort> /*port*/) {}
  // The answer to TrustPort::judge_chain. Any thread.
  virtual void chain_judged(std::uint64_t /*question*/, bool /*trusted*/) {}
};

class SocketPort;

// Where files live. `vfs` names a registered SQLite VFS; empty is the product's own (unix-excl).
// `lock` creates the directory where it is missing and holds it for the life of the token
// (store::DirectoryLock on a device); its errors are directory.locked and directory.unwritable.
struct Disk {
  std::string vfs;
  store::Files* files = &store::system_files();  // of the same disk
  std::function<Result<std::shared_ptr<void>>(const std::string& directory)> lock;
};

enum class Scheduling {
  pool,    // CAF's thread pool with the sharing policy
  stepped  // virtual time: every message is handled by whoever steps the runtime, on one thread
};

// Everything impure, handed in. The C function `landfall_open` fills it with the real ones, a world
// with its own. The pointers outlive the runtime.
struct Environment {
  Clock* clock = nullptr;
  Scheduling scheduling = Scheduling::pool;
  Transport* transport = nullptr;
  SocketPort* sockets = nullptr;  // null: the hub is out of reach, whatever the profile says
  Disk disk;
  SecureRandom* secure_random = nullptr;
  std::uint64_t jitter_seed = 0;
  int mutant = 0;  // a planted defect, by number; effective only in a mutant build
};

}  // namespace landfall::actors
