#include "simulator/main/stop_signal.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "engine/base/assert.hpp"

namespace landfall::simulator {
namespace {

// A signal handler reaches nothing but globals.
volatile std::sig_atomic_t write_end = -1;

void on_signal(int) {
  const int saved = errno;
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(write_end, &byte, 1);
  errno = saved;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  LANDFALL_ASSERT(write_end == -1);
  std::array<int, 2> ends{};
  LANDFALL_ASSERT(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  read_end_ = ends[0];
  write_end = ends[1];
  handle(SIGTERM, on_signal);
  handle(SIGINT, on_signal);
}

StopSignal::~StopSignal() {
  handle(SIGTERM, SIG_DFL);
  handle(SIGINT, SIG_DFL);
  ::close(write_end);
  write_end = -1;
  ::close(read_end_);
}

void StopSignal::wait() const {
  pollfd readable{read_end_, POLLIN, 0};
  while (::poll(&readable, 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace landfall::simulator
