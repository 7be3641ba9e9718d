#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "actors/environment.hpp"
#include "actors/stepped.hpp"
#include "mobile_glue/c/landfall.h"
#include "simulator/phone/secret_file.hpp"
#include "tests/bench/absent_network.hpp"

namespace landfall::bench {

enum class Caller {
  host_thread,  // the device's own edges and thread pool, with nobody at the server's address
  in_process    // no thread but the caller's: it steps the engine itself
};

struct HostOptions {
  std::string phone;  // the folder of a phone: engine/ and keychain.json
  std::string vfs;    // empty: the product's
  Caller caller = Caller::host_thread;
  AbsentNetwork* network = nullptr;  // of an in-process caller
};

// An app on a phone, reduced to what the workloads need: it speaks to the engine through the C
// functions and answers its questions from a keychain. Throws std::runtime_error when the engine
// says something that no workload expects. One thread.
class BenchHost final {
 public:
  explicit BenchHost(const HostOptions& options);
  ~BenchHost();
  BenchHost(const BenchHost&) = delete;
  BenchHost& operator=(const BenchHost&) = delete;

  [[nodiscard]] landfall_engine* engine() const { return engine_; }

  // Polls until the engine says that it is in this state.
  void wait_for_state(std::string_view state);
  // The result of one request.
  [[nodiscard]] nlohmann::json request(std::string_view name, nlohmann::json params);

  // The next ticket that was acknowledged. What else comes is answered or left aside.
  [[nodiscard]] std::int64_t next_acknowledged();

 private:
  [[nodiscard]] std::string_view next_message();
  void on_other(std::string_view text);

  AbsentNetwork* network_;
  phone::SecretFile secrets_;
  std::string state_;
  landfall_engine* engine_ = nullptr;
  actors::SteppedRuntime* stepped_ = nullptr;  // of an in-process caller
  std::int64_t last_request_ = 0;
};

}  // namespace landfall::bench
