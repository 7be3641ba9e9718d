#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message_id.hpp>
#include <caf/message_priority.hpp>
#include <caf/system_messages.hpp>

namespace landfall::actors {

// Actors that live and die together. The supervisor monitors each; stopping is over when all of
// them are down.
class Scope final {
 public:
  template <class Self, class Handle>
  void add(Self* self, const Handle& handle) {
    self->monitor(handle);
    actors_.push_back(caf::actor_cast<caf::actor>(handle));
  }

  // Asks all of them to end; `then` runs when the last is down, at once when none is left.
  template <class Self>
  void stop(Self* self, caf::exit_reason reason, std::function<void()> then) {
    then_ = std::move(then);
    stopping_ = true;
    for (const auto& actor : actors_) self->send_exit(actor, reason);
    finish_if_empty();
  }

  // They end before they handle what waits in their mailboxes.
  template <class Self>
  void hurry(Self* self) const {
    for (const auto& actor : actors_) {
      actor->eq_impl(caf::make_message_id(caf::message_priority::high), self->ctrl(),
                     self->context(),
                     caf::exit_msg{self->address(), caf::exit_reason::user_shutdown});
    }
  }

  // An actor is down. True when it was one of these.
  bool on_down(const caf::actor_addr& address) {
    for (auto it = actors_.begin(); it != actors_.end(); ++it) {
      if (it->address() != address) continue;
      actors_.erase(it);
      return true;
    }
    return false;
  }

  void finish_if_empty() {
    if (!stopping_ || !actors_.empty()) return;
    stopping_ = false;
    if (auto then = std::exchange(then_, nullptr)) then();
  }

  [[nodiscard]] bool is_stopping() const { return stopping_; }
  [[nodiscard]] bool empty() const { return actors_.empty(); }
  [[nodiscard]] const std::vector<caf::actor>& actors() const { return actors_; }

 private:
  std::vector<caf::actor> actors_;
  std::function<void()> then_;
  bool stopping_ = false;
};

}  // namespace landfall::actors
