// Two actors on CAF's thread pool change one integer without any order between them. The thread
// sanitizer has to say so, or its silence about the engine means nothing. Built in the tsan preset
// only.

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>

namespace {

volatile int shared = 0;
std::atomic<int> arrived{0};

// Two accesses at the very same instant may pass unseen, so there are many.
constexpr int kChanges = 1'000;

// Both are inside at once; a relaxed counter puts nothing in order.
void change_together(caf::event_based_actor*) {
  arrived.fetch_add(1, std::memory_order_relaxed);
  while (arrived.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
  for (int i = 0; i < kChanges; ++i) shared = shared + 1;
}

}  // namespace

int main() {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{2});
  caf::actor_system system{config};
  system.spawn(change_together);
  system.spawn(change_together);
  system.await_all_actors_done();
  std::printf("%d\n", shared);
}
