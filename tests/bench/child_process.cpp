#include "tests/bench/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace landfall::bench {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

[[noreturn]] void become_job(int output, const std::string& job) {
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  ::dup2(output, STDOUT_FILENO);
  ::execl("/proc/self/exe", "landfall-bench", kJobFlag, job.c_str(), nullptr);
  ::_exit(127);
}

// Everything that the process writes; a signal that asks to stop ends it.
std::string read_all(int input, pid_t child) {
  std::string text;
  std::array<char, 4'096> buffer{};
  while (true) {
    if (stop_asked != 0) ::kill(child, SIGKILL);
    const auto got = ::read(input, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

Figures run_in_child(const Job& job) {
  if (stop_asked != 0) throw std::runtime_error("stopped by a signal");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("there is no pipe");
  const std::string text = to_json(job).dump();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("a new process does not start");
  if (child == 0) become_job(ends[1], text);
  ::close(ends[1]);
  const std::string output = read_all(ends[0], child);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (stop_asked != 0) throw std::runtime_error("stopped by a signal");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(std::string{to_string(job.contestant)} + " did not finish its job");
  }
  return figures_from(nlohmann::json::parse(output));
}

}  // namespace landfall::bench
