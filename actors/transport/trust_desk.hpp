#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/environment.hpp"
#include "actors/trust_port.hpp"
#include "engine/http/message.hpp"
#include "engine/http/pins.hpp"
#include "engine/profile/trust_rules.hpp"

namespace landfall::transport {

// What a server showed in the handshake, from its own certificate upwards.
struct ServerChain {
  std::vector<std::string> certificates;  // DER
  std::vector<profile::KeyHash> keys;
};

// Judges a server behind its handshake and before a byte of a request: by the profile's pins, then,
// where the profile says so, by the host. I/O thread only, but for what is named otherwise.
class TrustDesk final {
 public:
  using Judged = std::function<void(bool trusted)>;

  TrustDesk(const profile::TrustRules& rules, const actors::Clock& clock)
      : rules_(rules), clock_(clock) {}

  // False: there is nothing to judge beyond the handshake itself.
  [[nodiscard]] bool has_work() const {
    return !rules_.pins.empty() || rules_.chain == profile::ChainJudge::host;
  }
  [[nodiscard]] bool asks_host() const { return rules_.chain == profile::ChainJudge::host; }

  // `judged` is called once, also from inside, unless everything is forgotten before.
  void judge(const std::string& host, ServerChain chain, Judged judged);
  // The host's word on a question of judge_chain.
  void on_word(std::uint64_t question, bool trusted);
  // A server that was trusted says what time it is.
  void see(const http::Response& response) { server_clock_.see(response, clock_.now()); }
  void forget_questions() { open_.clear(); }

  // Any thread. Null: nobody is there, and what needs the host's word is not trusted.
  void use_port(std::shared_ptr<actors::TrustPort> port);

 private:
  struct Question {
    std::string host;
    Judged judged;
  };

  [[nodiscard]] bool fits_pins(const std::string& host, const ServerChain& chain);
  // Each news once, until it is another.
  void note(const std::string& host, const std::string& code);
  [[nodiscard]] std::shared_ptr<actors::TrustPort> port() const;

  const profile::TrustRules& rules_;
  const actors::Clock& clock_;
  http::DateClock server_clock_;
  std::map<std::string, std::string> noted_;  // the last code by host
  std::map<std::uint64_t, Question> open_;
  std::uint64_t last_question_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<actors::TrustPort> port_;
};

}  // namespace landfall::transport
