#include "mobile_glue/engine_handle.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "engine/base/assert.hpp"

namespace landfall::glue {
namespace {

// Odd, so that no address of an object is ever taken for a handle.
constexpr std::uintptr_t kMark = 0xA5;
constexpr unsigned kMarkBits = 8;

// Closed handles with messages left. A host closes one engine and opens another when its user
// switches apps; more than a few that nobody reads are forgotten ones.
constexpr std::size_t kClosedHandlesMax = 8;

std::uintptr_t key_of(const landfall_engine* engine) {
  return reinterpret_cast<std::uintptr_t>(engine);
}

}  // namespace

// --- one handle ---------------------------------------------------------------------------------

EngineHandle::EngineHandle(RunningEngine running)
    : running_(std::make_shared<RunningEngine>(std::move(running))) {}

std::shared_ptr<RunningEngine> EngineHandle::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

int EngineHandle::send(std::string_view text) {
  const auto engine = running();
  if (!engine) return LANDFALL_CLOSED;
  switch (engine->runtime->submit(text)) {
    case actors::Submitted::accepted:
      return LANDFALL_OK;
    case actors::Submitted::busy:
      return LANDFALL_BUSY;
    case actors::Submitted::closed:
      break;
  }
  return LANDFALL_CLOSED;
}

std::int64_t EngineHandle::enqueue(std::string_view params) {
  const auto engine = running();
  if (!engine) return LANDFALL_CLOSED;
  const std::int64_t ticket = engine->runtime->enqueue(params);
  if (ticket > 0) return ticket;
  return ticket == 0 ? LANDFALL_BUSY : LANDFALL_CLOSED;
}

std::optional<std::string> EngineHandle::take(Duration timeout) {
  if (const auto engine = running()) {
    if (auto text = engine->runtime->poll(timeout)) return text;
  }
  const std::lock_guard lock(mutex_);
  if (left_.empty()) return std::nullopt;
  std::string text = std::move(left_.front());
  left_.pop_front();
  return text;
}

const char* EngineHandle::poll(Duration timeout) {
  const std::unique_lock polling(polling_, std::try_to_lock);
  if (!polling.owns_lock()) return nullptr;
  auto text = take(timeout);
  if (!text) return nullptr;
  polled_ = std::move(*text);
  return polled_.c_str();
}

int EngineHandle::suspend(Duration deadline) {
  const auto engine = running();
  if (!engine) return LANDFALL_CLOSED;
  switch (engine->runtime->suspend(deadline)) {
    case actors::Suspended::done:
      return LANDFALL_OK;
    case actors::Suspended::late:
      return LANDFALL_LATE;
    case actors::Suspended::closed:
      break;
  }
  return LANDFALL_CLOSED;
}

int EngineHandle::resume() {
  const auto engine = running();
  if (!engine) return LANDFALL_CLOSED;
  const Status resumed = engine->runtime->resume();
  if (resumed) return LANDFALL_OK;
  return resumed.error().code == "engine.closing" ? LANDFALL_CLOSED : LANDFALL_REFUSED;
}

int EngineHandle::run_window(Duration budget) {
  if (budget <= Duration{0}) return LANDFALL_BAD_ARGUMENT;
  const auto engine = running();
  if (!engine) return LANDFALL_CLOSED;
  switch (engine->runtime->run_window(budget)) {
    case actors::WindowBegun::begun:
      return LANDFALL_OK;
    case actors::WindowBegun::busy:
      return LANDFALL_BUSY;
    case actors::WindowBegun::closed:
      break;
  }
  return LANDFALL_CLOSED;
}

std::int64_t EngineHandle::next_window() const {
  const auto engine = running();
  if (!engine) return LANDFALL_CLOSED;
  const auto at = engine->runtime->next_window();
  return at ? at->unix_ms : 0;
}

bool EngineHandle::close() {
  const std::lock_guard closing(closing_);
  auto engine = running();
  if (!engine) return false;
  engine->runtime->close();
  const std::lock_guard lock(mutex_);
  while (auto text = engine->runtime->poll(Duration{0})) left_.push_back(std::move(*text));
  running_.reset();
  return true;
}

void EngineHandle::abandon() {
  const std::lock_guard closing(closing_);
  const auto engine = running();
  if (!engine) return;
  LANDFALL_ASSERT(engine->stepped != nullptr);
  engine->stepped->abandon();
  const std::lock_guard lock(mutex_);
  running_.reset();
}

bool EngineHandle::is_drained() const {
  const std::lock_guard lock(mutex_);
  return !running_ && left_.empty();
}

actors::SteppedRuntime* EngineHandle::stepped() const {
  const auto engine = running();
  return engine ? engine->stepped : nullptr;
}

// --- all of them --------------------------------------------------------------------------------

namespace {

// How often this process and those that it comes from were forked. Counted by the system's hook,
// because to ask for the process's number is a call of the system for each call of the host.
std::atomic<unsigned> forks = 0;

}  // namespace

HandleTable::HandleTable(std::uintptr_t last_number)
    : forks_before_(forks.load()), last_number_(last_number) {}

HandleTable& HandleTable::instance() {
  [[maybe_unused]] static const int is_hooked = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  static std::atomic<HandleTable*> table = new HandleTable(0);
  HandleTable* known = table.load();
  if (known->forks_before_ == forks.load()) return *known;
  auto* const own = new HandleTable(known->last_number_);
  if (table.compare_exchange_strong(known, own)) return *own;
  delete own;
  return *known;
}

landfall_engine* HandleTable::add(std::shared_ptr<EngineHandle> handle) {
  const std::lock_guard lock(mutex_);
  const std::uintptr_t key = (++last_number_ << kMarkBits) | kMark;
  handles_.emplace(key, std::move(handle));
  return reinterpret_cast<landfall_engine*>(key);
}

std::shared_ptr<EngineHandle> HandleTable::find(const landfall_engine* engine) const {
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(key_of(engine));
  return found == handles_.end() ? nullptr : found->second;
}

bool HandleTable::was_given(const landfall_engine* engine) const {
  const std::lock_guard lock(mutex_);
  const std::uintptr_t key = key_of(engine);
  const std::uintptr_t number = key >> kMarkBits;
  return (key & ((std::uintptr_t{1} << kMarkBits) - 1)) == kMark && number >= 1 &&
         number <= last_number_;
}

void HandleTable::remove(const landfall_engine* engine) {
  std::shared_ptr<EngineHandle> removed;  // goes after the lock does
  const std::lock_guard lock(mutex_);
  const std::uintptr_t key = key_of(engine);
  const auto found = handles_.find(key);
  if (found == handles_.end()) return;
  removed = std::move(found->second);
  handles_.erase(found);
  closed_.erase(std::remove(closed_.begin(), closed_.end(), key), closed_.end());
}

void HandleTable::keep_closed(const landfall_engine* engine) {
  std::shared_ptr<EngineHandle> oldest;  // goes after the lock does
  const std::lock_guard lock(mutex_);
  if (!handles_.contains(key_of(engine))) return;
  closed_.push_back(key_of(engine));
  if (closed_.size() <= kClosedHandlesMax) return;
  const auto found = handles_.find(closed_.front());
  closed_.pop_front();
  if (found == handles_.end()) return;
  oldest = std::move(found->second);
  handles_.erase(found);
}

}  // namespace landfall::glue
