#pragma once

#include <string>

#include "simulator/world/memory_disk.hpp"

namespace landfall::scenario {

// Flips a bit in the first page of a table, in the one partition that a disk has; its log is moved
// into the file before, so that nothing covers the damage. False when there is no such partition or
// table. No process has the file open.
[[nodiscard]] bool damage_table(world::MemoryDisk& disk, const std::string& table);

}  // namespace landfall::scenario
