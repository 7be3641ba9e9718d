#pragma once

#include <string>
#include <vector>

namespace landfall::testing {

// What the operating system says that this process holds below a directory: every entry of
// /proc/locks with this process's id and an inode from there, and every open descriptor that leads
// to a file there. In words, for a test to print.
[[nodiscard]] std::vector<std::string> held_below(const std::string& directory);

// Sockets of this process that are connected to this TCP port of this machine.
[[nodiscard]] std::size_t connections_to(unsigned short port);

}  // namespace landfall::testing
