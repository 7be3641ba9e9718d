#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "actors/stepped.hpp"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/phone.hpp"
#include "simulator/world/simulated_network.hpp"
#include "simulator/world/simulated_sockets.hpp"

namespace landfall::world {

class VirtualWorld;

// A phone in virtual time: its disk and its network are the simulator's, and the engine runs when
// the world steps it.
class VirtualPhone final : public Phone {
 public:
  VirtualPhone(VirtualWorld& world, std::string name, Account account, std::uint64_t seed);
  ~VirtualPhone() override;

  void boot() override;
  // The process is gone at this instant; what the disk keeps was decided by the caller (kill or
  // power cut).
  void die(bool power);
  void shut_down();
  [[nodiscard]] actors::SteppedRuntime& runtime() { return *runtime_; }
  // From now on nothing more fits the disk than what stands there, and the room of the engine's
  // ballast where it has none yet: nobody else takes what the engine gives up for itself.
  void fill_disk();
  // Takes everything the engine has to say.
  void drain();

  // Suspends the phone when its actors have handled so many more messages.
  void suspend_after(std::uint64_t steps) { steps_to_suspend_ = steps; }
  void stay_awake() { steps_to_suspend_.reset(); }
  // An actor handled a message.
  void count_step();
  // The process gets no processor any more, until `resume`.
  void freeze();
  [[nodiscard]] bool is_frozen() const override { return frozen_at_.has_value(); }
  // When its user comes back; nothing was decided while it is empty.
  std::optional<Instant> comes_back_at;

  void script(faults::ScriptedFault fault) override { network_.script(std::move(fault)); }
  [[nodiscard]] int scripted() const override { return network_.scripted(); }

  [[nodiscard]] MemoryDisk& disk() { return disk_; }
  [[nodiscard]] bool has_room() const override { return !disk_.is_limited(); }
  [[nodiscard]] SimulatedNetwork& network() { return network_; }
  [[nodiscard]] SimulatedSockets& sockets() { return sockets_; }

 private:
  [[nodiscard]] bool network_is_up() const override { return network_.is_up(); }
  void change_network(bool up) override { network_.set_up(up); }
  [[nodiscard]] bool keys_are_locked() override;
  void thaw() override;
  [[nodiscard]] actors::Environment environment();

  VirtualWorld& world_;
  MemoryDisk disk_;
  SimulatedNetwork network_;
  SimulatedSockets sockets_;
  actors::SteppedRuntime* runtime_ = nullptr;
  std::optional<Instant> frozen_at_;
  std::optional<std::uint64_t> steps_to_suspend_;
};

}  // namespace landfall::world
