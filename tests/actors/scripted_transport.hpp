#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/environment.hpp"
#include "engine/http/message.hpp"

namespace landfall::testing {

// The network edge of a test: a script decides each call when the test pumps, and a call without a
// decision stays open until the test answers it or its deadline passes.
class ScriptedTransport final : public actors::Transport {
 public:
  struct Call {
    std::uint64_t number = 0;
    http::Request request;
    Instant started_at;
    Instant deadline;
    std::size_t response_bytes_max = 0;
  };
  // Nothing: the call stays open.
  using Script = std::function<std::optional<http::Answer>(const Call&)>;

  explicit ScriptedTransport(const actors::Clock& clock) : clock_(clock) {}

  void set_script(Script script) { script_ = std::move(script); }

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;
  void use_trust_port(std::shared_ptr<actors::TrustPort> port) override {
    trust_port_ = std::move(port);
  }
  void chain_judged(std::uint64_t question, bool trusted) override {
    judged_.emplace_back(question, trusted);
  }
  // The engine, as a transport asks it about a server; and what it answered.
  [[nodiscard]] actors::TrustPort& trust_port() { return *trust_port_; }
  [[nodiscard]] const std::vector<std::pair<std::uint64_t, bool>>& judged() const {
    return judged_;
  }

  // Lets the script decide what arrived since, and ends what is overdue. True when a call ended.
  bool pump();
  void answer(std::uint64_t number, http::Answer answer);
  // As networks do now and then: what is cancelled stays open, and can be answered all the same.
  void answer_what_was_cancelled() { is_stubborn_ = true; }
  // The process died: nobody waits for the open calls any more.
  void forget_calls();

  // Calls that are open, to this path.
  [[nodiscard]] std::vector<Call> open_calls(std::string_view target = {}) const;
  // Every call that ever started, to this path, in order.
  [[nodiscard]] std::vector<Call> sent(std::string_view target = {}) const;
  [[nodiscard]] std::size_t cancelled() const { return cancelled_; }
  [[nodiscard]] std::optional<Instant> next_deadline() const;

 private:
  struct Open {
    Call call;
    Done done;
    bool decided = false;  // the script saw it
  };

  const actors::Clock& clock_;
  Script script_;
  std::map<std::uint64_t, Open> open_;
  std::vector<Call> sent_;
  std::size_t cancelled_ = 0;
  bool is_stubborn_ = false;
  std::shared_ptr<actors::TrustPort> trust_port_;
  std::vector<std::pair<std::uint64_t, bool>> judged_;
};

}  // namespace landfall::testing
