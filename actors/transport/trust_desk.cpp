#include "actors/transport/trust_desk.hpp"

#include <utility>

namespace landfall::transport {

void TrustDesk::judge(const std::string& host, ServerChain chain, Judged judged) {
  if (!fits_pins(host, chain)) return judged(false);
  if (!asks_host()) return judged(true);
  const auto asked = port();
  if (!asked) return judged(false);
  const std::uint64_t question = ++last_question_;
  open_.emplace(question, Question{host, std::move(judged)});
  asked->judge_chain(question, host, std::move(chain.certificates));
}

void TrustDesk::on_word(std::uint64_t question, bool trusted) {
  auto node = open_.extract(question);
  if (node.empty()) return;
  note(node.mapped().host, trusted ? "" : "chain.refused");
  node.mapped().judged(trusted);
}

bool TrustDesk::fits_pins(const std::string& host, const ServerChain& chain) {
  switch (http::judge_pins(rules_, host, chain.keys, server_clock_.time_at(clock_.now()))) {
    case http::PinVerdict::mismatched:
      note(host, "pins.mismatch");
      return false;
    case http::PinVerdict::expired:
      note(host, "pins.expired");
      return true;
    case http::PinVerdict::matched:
    case http::PinVerdict::unpinned:
      if (!asks_host()) note(host, "");
      return true;
  }
  return false;
}

void TrustDesk::note(const std::string& host, const std::string& code) {
  std::string& last = noted_[host];
  // That the host believes a chain does not make expired pins news once more.
  if (last == code || (code.empty() && last == "pins.expired")) return;
  last = code;
  if (code.empty()) return;
  if (const auto told = port()) told->tell({host, code});
}

void TrustDesk::use_port(std::shared_ptr<actors::TrustPort> port) {
  const std::lock_guard lock(mutex_);
  port_ = std::move(port);
}

std::shared_ptr<actors::TrustPort> TrustDesk::port() const {
  const std::lock_guard lock(mutex_);
  return port_;
}

}  // namespace landfall::transport
