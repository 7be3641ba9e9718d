#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/oracles/database_copy.hpp"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-X3: a nonce is used once. It reads every sealed value in the databases of a phone, after some
// crashes and at the end, and remembers what each nonce was seen with: another value under the same
// nonce gives both away to whoever has the disk. Keys do not matter: drawn nonces of 24 bytes meet
// under no two keys. What came and went between two looks is not seen.
class FreshNonces final : public world::Observer {
 public:
  void on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool power) override;
  void on_end(world::World& world) override;

  // Where a nonce was seen with another value than now; once each.
  [[nodiscard]] std::vector<std::string> examine(const world::MemoryDisk& disk);

 private:
  void judge(world::VirtualWorld& world, world::VirtualPhone& phone);
  [[nodiscard]] bool is_repeated(std::string_view envelope);

  DatabaseCopy copy_;
  std::map<std::string, std::size_t> seen_;  // nonce -> hash of the value
  std::uint64_t crashes_ = 0;
};

}  // namespace landfall::oracles
