#include "actors/enqueue_box.hpp"

#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/host/operation_json.hpp"

namespace landfall::actors {
namespace {

constexpr int kTriesMax = 64;

// Either side holds it for some ten instructions: to look again is cheaper than to sleep.
std::unique_lock<std::mutex> lock_soon(std::mutex& mutex) {
  for (int i = 0; i < kTriesMax; ++i) {
    if (mutex.try_lock()) return {mutex, std::adopt_lock};
  }
  return std::unique_lock(mutex);
}

}  // namespace

void Enqueue::accept(const sync::Accepted& accepted, std::uint64_t commit_seq) {
  accepted_ = {
      accepted.id, accepted.seq, accepted.state, accepted.repeated, {}, accepted.supersedes, {}};
  commit_seq_ = commit_seq;
}

std::string Enqueue::text() const {
  return reply->message_text(host::accepted_text(accepted_, commit_seq_));
}

bool EnqueueBox::put(SharedEnqueue enqueue) {
  const auto lock = lock_soon(mutex_);
  waiting_.push_back(std::move(enqueue));
  size_.store(waiting_.size(), std::memory_order_relaxed);
  return !std::exchange(is_told_, true);
}

void EnqueueBox::take(std::vector<SharedEnqueue>& into) {
  const auto lock = lock_soon(mutex_);
  if (waiting_.empty()) is_told_ = false;
  into.insert(into.end(), std::make_move_iterator(waiting_.begin()),
              std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  size_.store(0, std::memory_order_relaxed);
}

bool EnqueueBox::linger(int rounds) {
  if (size_.load(std::memory_order_relaxed) > 0) return true;
  if (clock_ == nullptr) return false;
  {
    const auto lock = lock_soon(mutex_);
    is_told_ = true;
  }
  const Instant since = clock_->now();
  for (int round = 0; round < rounds && clock_->now() - since <= kLingerMax; ++round) {
    if (size_.load(std::memory_order_relaxed) > 0) return true;
    std::this_thread::yield();
  }
  const auto lock = lock_soon(mutex_);
  is_told_ = !waiting_.empty();
  return is_told_;
}

}  // namespace landfall::actors
