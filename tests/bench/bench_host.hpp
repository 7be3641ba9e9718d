#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "actors/environment.hpp"
#include "actors/stepped.hpp"
#include "mobile_glue/c/landfall.h"
#include "simulator/phone/secret_file.hpp"
#include "tests/bench/stepped_network.hpp"
#include "tests/bench/virtual_clock.hpp"

namespace landfall::bench {

enum class Caller {
  host_thread,  // the device's own edges and thread pool
  in_process    // no thread but the caller's: it steps the engine itself
};

struct HostOptions {
  std::string phone;  // the folder of a phone: engine/ and keychain.json
  std::string vfs;    // empty: the product's
  Caller caller = Caller::host_thread;
  SteppedNetwork* network = nullptr;  // of an in-process caller
  VirtualClock* clock = nullptr;      // of one whose time is virtual; null: the device's
  nlohmann::json profile = "prokure";
  // Nobody listens on port 1, and no name server is asked.
  std::string origin = "http://127.0.0.1:1";
};

// An app on a phone, reduced to what the workloads need: it speaks to the engine through the C
// functions and answers its questions as a desktop does. Throws std::runtime_error when the engine
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
  // Polls until an event of this name comes: "pull.completed".
  void wait_for_event(std::string_view name);
  // Polls one message, whatever it is.
  void hear_one();
  // The reply to one request as it came, valid until the next call. `params` is JSON. A host would
  // parse the reply, which costs the host and not the engine.
  [[nodiscard]] std::string_view ask(std::string_view name, std::string_view params);
  // The result of one request.
  [[nodiscard]] nlohmann::json request(std::string_view name, nlohmann::json params);
  // Asks until no operation is left that is not settled.
  void wait_until_settled();

  // The next ticket that was acknowledged. What else comes is answered or left aside.
  [[nodiscard]] std::int64_t next_acknowledged();

  // Lets virtual time pass, and returns at how many instants something happened.
  std::uint64_t live_for(Duration time);
  // The same in the time of the machine, in polls that last as long as nothing comes.
  void wait_for(Duration time);

 private:
  [[nodiscard]] std::string_view next_message();
  [[nodiscard]] const char* next_message_if_any();
  void on_other(std::string_view text);
  [[nodiscard]] std::string explain_first();
  [[noreturn]] void fail_of_silence();

  SteppedNetwork* network_;
  VirtualClock* clock_;
  phone::SecretFile secrets_;
  std::string state_;
  bool is_silent_ = false;
  landfall_engine* engine_ = nullptr;
  actors::SteppedRuntime* stepped_ = nullptr;  // of an in-process caller
  std::int64_t last_request_ = 0;
};

}  // namespace landfall::bench
