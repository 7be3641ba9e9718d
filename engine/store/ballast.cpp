#include "engine/store/ballast.hpp"

#include "engine/base/mutant.hpp"

namespace landfall::store {
namespace {

// What settles or sends operations, and the session that this takes. Whatever takes in something
// new is refused instead: operations, the user's word that makes one, pages of a pull, pushes.
bool lets_work_out(std::string_view label) {
  if (label == "sync_queue.enqueue" || label == "sync_queue.resolve") return false;
  return label.starts_with("sync_queue.") || label.starts_with("auth_token.") ||
         label.starts_with("session.");
}

}  // namespace

Ballast::Action Ballast::on_open(std::optional<std::int64_t> file_bytes) noexcept {
  state_ = file_bytes == bytes_ ? State::whole : State::wanted;
  return Action::none;
}

Ballast::Action Ballast::on_full(std::string_view label) noexcept {
  if (!lets_work_out(label) || state_ == State::released) return Action::none;
  if (mutant::is(mutant::Mutant::keep_ballast)) return Action::none;
  state_ = State::released;
  return Action::release;
}

Ballast::Action Ballast::on_wake(std::int64_t free_bytes) noexcept {
  if (state_ == State::whole) return Action::none;
  if (free_bytes / 2 >= bytes_) return Action::make;
  // A disk that never had the room for it has none to lend to new work.
  state_ = State::released;
  return Action::none;
}

void Ballast::on_made(bool made) noexcept { state_ = made ? State::whole : State::released; }

}  // namespace landfall::store
