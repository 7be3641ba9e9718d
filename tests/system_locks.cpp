#include "tests/system_locks.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landfall::testing {
namespace {

namespace fs = std::filesystem;

std::set<std::uint64_t> inodes_below(const std::string& directory) {
  std::set<std::uint64_t> inodes;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat status {};
    if (::lstat(entry.path().c_str(), &status) == 0) inodes.insert(status.st_ino);
  }
  return inodes;
}

// A line is "1: POSIX  ADVISORY  WRITE 4711 08:01:1234567 0 EOF"; a waiter has "->" behind the
// number and holds nothing.
void find_locks(const std::set<std::uint64_t>& inodes, std::vector<std::string>& held) {
  std::ifstream table("/proc/locks");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string kind;
    std::string mandatory;
    std::string mode;
    std::string file;
    long process = 0;
    fields >> number >> kind >> mandatory >> mode >> process >> file;
    if (!fields || process != ::getpid()) continue;
    const auto inode = std::stoull(file.substr(file.rfind(':') + 1));
    if (inodes.contains(inode)) held.push_back("lock " + line);
  }
}

void find_descriptors(const std::string& directory, std::vector<std::string>& held) {
  const std::string below = fs::canonical(directory).string() + "/";
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string target = fs::read_symlink(entry.path(), ignored).string();
    if (target.starts_with(below)) held.push_back("open " + target);
  }
}

}  // namespace

std::vector<std::string> held_below(const std::string& directory) {
  std::vector<std::string> held;
  find_locks(inodes_below(directory), held);
  find_descriptors(directory, held);
  return held;
}

std::size_t connections_to(unsigned short port) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename().string());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) ++count;
  }
  return count;
}

}  // namespace landfall::testing
