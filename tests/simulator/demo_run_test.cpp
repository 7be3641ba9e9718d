#include "simulator/demo/demo.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"

namespace landfall::demo {
namespace {

class Pipe final {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    for (const int end : ends_) ::close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{};
};

bool has_any(const std::vector<std::string>& lines, const std::string& words) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a run that is ended early fails, and says which operations are stuck and why") {
  auto profile = Profile::load(*schema::profile("prokure"));
  REQUIRE(profile.has_value());
  const Pipe stop;
  const Pipe progress;
  DemoOptions options;
  options.profile_config = "prokure";
  options.profile = std::make_shared<const Profile>(std::move(*profile));
  options.speed = 1;
  options.stop = stop.read_end();
  options.progress = ::fdopen(::dup(progress.write_end()), "w");
  auto run = std::async(std::launch::async, [&] { return run_demo(options); });

  // Everything is handed in, and at this speed nothing can have been delivered.
  std::string told;
  std::array<char, 4'096> buffer{};
  while (told.find("nobody listens") == std::string::npos) {
    const auto got = ::read(progress.read_end(), buffer.data(), buffer.size());
    REQUIRE(got > 0);
    told.append(buffer.data(), static_cast<std::size_t>(got));
  }
  REQUIRE(::write(stop.write_end(), "x", 1) == 1);
  const auto report = run.get();
  std::fclose(options.progress);

  REQUIRE(report.has_value());
  CHECK(report->violations.front() == "the run was interrupted");
  CHECK(report->record.operations.size() == 7);
  CHECK(has_any(report->violations, " is stuck: queued, "));
  CHECK(has_any(report->violations, "scripted") == (report->record.unstruck > 0));
  CHECK(has_any(report->violations, "the fault lost_answer never struck"));
}

TEST_CASE("a profile that lacks what the story needs is refused, and it is said what") {
  Profile profile;
  profile.name = "empty";
  const auto checked = check_profile(profile);
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().message.find("approval approve") != std::string::npos);
}

}  // namespace landfall::demo
