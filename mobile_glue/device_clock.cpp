#include "mobile_glue/device_clock.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

#if defined(__APPLE__)
#include <array>

#include <sys/sysctl.h>
#endif

namespace landfall::glue {
namespace {

Instant at_pace(Pace pace, Instant wall) {
  if (pace.speed == 1) return wall;
  return pace.epoch + (wall - pace.epoch) * pace.speed;
}

#if defined(__linux__)

std::string boot_name() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string name;
  (void)std::getline(file, name);
  return name;
}

constexpr clockid_t kRunsInSleep = CLOCK_BOOTTIME;

#elif defined(__APPLE__)

std::string boot_name() {
  std::array<char, 64> name{};
  std::size_t bytes = name.size() - 1;
  if (sysctlbyname("kern.bootsessionuuid", name.data(), &bytes, nullptr, 0) != 0) return {};
  return name.data();
}

// Unlike elsewhere it runs on in sleep here.
constexpr clockid_t kRunsInSleep = CLOCK_MONOTONIC_RAW;

#endif

}  // namespace

std::optional<unlock::BootTime> DeviceClock::boot_time() const {
#if defined(__linux__) || defined(__APPLE__)
  static const std::string boot = boot_name();
  timespec at{};
  if (boot.empty() || clock_gettime(kRunsInSleep, &at) != 0) return std::nullopt;
  const auto up = std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec};
  return unlock::BootTime{boot, std::chrono::duration_cast<Duration>(up * pace_.speed)};
#else
  return std::nullopt;
#endif
}

DeviceClock::DeviceClock(Pace pace)
    : pace_(pace),
      since_(std::chrono::steady_clock::now()),
      opened_at_(at_pace(pace, wall_clock())) {}

Instant DeviceClock::now() const {
  const auto passed = (std::chrono::steady_clock::now() - since_) * pace_.speed;
  return opened_at_ + std::chrono::duration_cast<Duration>(passed) + Duration{caught_up_ms_};
}

void DeviceClock::catch_up() {
  const Duration behind = at_pace(pace_, wall_clock()) - now();
  caught_up_ms_ += std::max(behind, Duration{0}).count();
}

Instant DeviceClock::wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<Duration>(since_epoch).count()};
}

}  // namespace landfall::glue
