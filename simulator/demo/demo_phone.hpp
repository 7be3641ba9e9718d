#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "engine/base/result.hpp"
#include "engine/http/message.hpp"
#include "mobile_glue/c/landfall.h"
#include "mobile_glue/device_clock.hpp"
#include "simulator/demo/deadline.hpp"
#include "simulator/phone/secret_file.hpp"

namespace landfall::demo {

// What the engine's events say of it.
struct PhoneState {
  std::string engine;
  std::string session;
  std::string connectivity;
  std::map<std::string, std::string> operations;  // id: state
  int pulls = 0;                                  // completed
  int not_sent = 0;                               // calls that did not reach anybody
};

// A phone in this process: the engine behind its C interface on real sockets and files, and a host
// that answers its questions. Blocking calls; nothing waits beyond the deadline. Any thread but the
// phone's own, on which the watchers are called.
class DemoPhone final {
 public:
  struct Watchers {
    std::function<void(const std::string& event, const nlohmann::json& data)> on_event;
    // What a call of the phone came to, as the engine is told. On the transport's thread.
    std::function<void(const http::Request&, const http::Answer&)> on_call;
  };

  // `config` as landfall_open wants it. The deadline outlives the phone. Errors: the engine's.
  [[nodiscard]] static Result<std::unique_ptr<DemoPhone>> open(const nlohmann::json& config,
                                                               glue::Pace pace,
                                                               const Deadline& deadline,
                                                               Watchers watchers);
  // Closes the engine.
  ~DemoPhone();
  DemoPhone(const DemoPhone&) = delete;
  DemoPhone& operator=(const DemoPhone&) = delete;

  // The result of a request. Errors: the engine's, demo.deadline.
  [[nodiscard]] Result<nlohmann::json> ask(const std::string& request,
                                           nlohmann::json params = nlohmann::json::object());
  // Returns when `done` says so. Errors: demo.deadline, which names `what` was waited for.
  [[nodiscard]] Status wait_until(const std::string& what,
                                  const std::function<bool(const PhoneState&)>& done);
  [[nodiscard]] PhoneState state() const;

 private:
  DemoPhone(std::string directory, const Deadline& deadline, Watchers watchers);

  void poll_engine();
  void on_message(const std::string& text);
  void on_event(const std::string& event, const nlohmann::json& data);
  void on_call(const http::Request& request, const http::Answer& answer);

  const Deadline& deadline_;
  const Watchers watchers_;
  std::optional<phone::SecretFile> secrets_;  // the polling thread's
  landfall_engine* engine_ = nullptr;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  PhoneState state_;
  std::int64_t last_request_ = 0;
  std::map<std::int64_t, nlohmann::json> replies_;
  bool is_closed_ = false;
  std::thread thread_;
};

}  // namespace landfall::demo
