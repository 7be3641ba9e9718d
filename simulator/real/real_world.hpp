#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/result.hpp"
#include "engine/base/secure_random.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/net/backend_server.hpp"
#include "simulator/real/mailbox.hpp"
#include "simulator/real/real_phone.hpp"
#include "simulator/real/temporary_folder.hpp"
#include "simulator/world/world.hpp"

namespace landfall::world {

struct RealWorldOptions {
  std::uint64_t seed = 1;
  int speed = 1;                       // how much faster than the wall clock its time runs
  nlohmann::json profile = "prokure";  // as a config names it
  backend::BackendOptions backend;
  std::FILE* trace_text = nullptr;
};

// The universe as it is: a backend behind HTTP on loopback, phones on thread pools with files and
// sockets, and a clock that runs. Engines, proxies and servers see what happens on threads of
// theirs; the world hears of it on its own thread when it lets time pass, each thing with the
// instant at which it was seen. Two lives of one seed are alike, never equal.
class RealWorld final : public World {
 public:
  // Errors: folder.unwritable, backend.database, server.port.
  [[nodiscard]] static Result<std::unique_ptr<RealWorld>> open(RealWorldOptions options);
  ~RealWorld() override;

  // Errors: server.port.
  [[nodiscard]] Status add_phone(std::string name, Account account);

  [[nodiscard]] Instant now() const override;
  void run_for(Duration span) override;
  bool run_until(Duration span, const std::function<bool()>& done) override;
  void settle() override;
  [[nodiscard]] Duration lag() const override;
  void heal() override;
  void with_backend(const std::function<void(backend::Backend&, Instant now)>& look) override;

  // Real time in the world's own.
  [[nodiscard]] Duration engine_time(Duration real_time) const {
    return real_time * options_.speed;
  }

  // --- for its phones

  [[nodiscard]] const glue::DeviceClock& clock() const { return clock_; }
  [[nodiscard]] const RealWorldOptions& options() const { return options_; }
  [[nodiscard]] net::BackendServer& server() { return *server_; }
  [[nodiscard]] std::string folder_of(const Phone& phone) const;
  // Everything that the threads of the phones have seen so far.
  void hear_all() { open_letters({}); }
  // What a thread of a phone has seen, by the phone's clock. Any thread.
  void post(const actors::Clock& clock, std::function<void()> seen) {
    mailbox_.post(clock, std::move(seen));
  }

 private:
  RealWorld(RealWorldOptions options, TemporaryFolder folder);

  bool pass(Duration span, const std::function<bool()>& done);
  void open_letters(std::chrono::steady_clock::time_point deadline);

  const RealWorldOptions options_;
  const TemporaryFolder folder_;
  const glue::DeviceClock clock_;
  SeededSecureRandom backend_random_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<net::BackendServer> server_;
  Mailbox mailbox_;
  std::optional<Instant> seen_at_;  // while a letter is open
  std::vector<RealPhone*> real_phones_;
};

}  // namespace landfall::world
