#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/random.hpp"
#include "simulator/world/memory_disk.hpp"

// What happens to the files of a phone while no process has them open. Each works on a copy and
// puts it back past every fault of the disk, and leaves SQLite's random generator as it was. False:
// the file is not there, or does not let that happen to it; then nothing has changed.
namespace landfall::world {

// The file of the partition that a phone has; nothing when it has none or several.
[[nodiscard]] std::optional<std::string> find_partition(const MemoryDisk& disk);

// Moves the file's log into it. A page that is damaged behind it is not covered by the log.
[[nodiscard]] bool move_log(MemoryDisk& disk, const std::string& name);

// Flips a bit in one of the pages: half of the time in one that holds an operation which waits. Of
// a file in which a bit was flipped before: false, and of one without page checksums, which an
// update takes over row by row: the damage would go over with it, and the file that has it be gone.
[[nodiscard]] bool damage_page(MemoryDisk& disk, const std::string& name, Random& random);

// Writes the file anew as the last version without page checksums had it.
[[nodiscard]] bool write_as_older(MemoryDisk& disk, const std::string& name);

// The version that the file says it has.
[[nodiscard]] bool set_version(MemoryDisk& disk, const std::string& name, std::int64_t version);
[[nodiscard]] std::optional<std::int64_t> version_of(const MemoryDisk& disk,
                                                     const std::string& name);

}  // namespace landfall::world
