#include "engine/store/ballast.hpp"

#include <catch2/catch.hpp>

#include "engine/store/files.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall::store;
using landfall::test::read_file;
using landfall::test::TemporaryDirectory;

namespace {

constexpr std::int64_t kBytes = 1'000;
using Action = Ballast::Action;

Ballast whole() {
  Ballast ballast(kBytes);
  (void)ballast.on_open(kBytes);
  return ballast;
}

}  // namespace

TEST_CASE("INV-S3: the ballast goes when a step that lets work out finds no room, once") {
  for (const char* label : {"sync_queue.settle", "sync_queue.plan", "auth_token.refresh_answer"}) {
    Ballast ballast = whole();
    CHECK_FALSE(ballast.is_low());
    CHECK(ballast.on_full(label) == Action::release);
    CHECK(ballast.is_low());
    CHECK(ballast.is_missing());
    CHECK(ballast.on_full(label) == Action::none);
  }
}

TEST_CASE("INV-S3: what takes in something new never gets the ballast's room") {
  for (const char* label : {"sync_queue.enqueue", "delta_pull.answer", "notifications.push"}) {
    Ballast ballast = whole();
    CHECK(ballast.on_full(label) == Action::none);
    CHECK_FALSE(ballast.is_low());
  }
}

TEST_CASE("a released ballast is made again when twice its size is free, and not before") {
  Ballast ballast = whole();
  (void)ballast.on_full("sync_queue.settle");
  CHECK(ballast.on_wake(0) == Action::none);
  CHECK(ballast.on_wake(2 * kBytes - 1) == Action::none);
  CHECK(ballast.is_low());
  CHECK(ballast.on_wake(2 * kBytes) == Action::make);
  SECTION("made") {
    ballast.on_made(true);
    CHECK_FALSE(ballast.is_low());
    CHECK_FALSE(ballast.is_missing());
    CHECK(ballast.on_wake(1'000 * kBytes) == Action::none);
  }
  SECTION("somebody else was faster") {
    ballast.on_made(false);
    CHECK(ballast.is_low());
    CHECK(ballast.on_wake(2 * kBytes) == Action::make);
  }
}

TEST_CASE("a new engine accepts until it was found that there is no room for a ballast") {
  for (const auto left : {std::optional<std::int64_t>{}, std::optional<std::int64_t>{kBytes - 1}}) {
    Ballast ballast(kBytes);
    (void)ballast.on_open(left);
    CHECK_FALSE(ballast.is_low());
    CHECK(ballast.is_missing());
    CHECK(ballast.on_wake(kBytes) == Action::none);
    CHECK(ballast.is_low());
  }
}

TEST_CASE("a file that is filled takes its room, is found by size and name, and goes") {
  TemporaryDirectory directory;
  Files& files = system_files();
  const std::string path = directory.file("ballast");
  CHECK_FALSE(files.size_of(path).has_value());
  REQUIRE(files.fill(path, 1'000'001).has_value());
  CHECK(files.size_of(path) == 1'000'001);
  // Not one of its pages could be folded away as zeros.
  CHECK(read_file(path).find(std::string(64, '\0')) == std::string::npos);
  REQUIRE(files.make_directory(directory.file("a/b")).has_value());
  REQUIRE(files.rename(path, directory.file("a/b/c")).has_value());
  CHECK(files.list(directory.file("a/b")) == std::vector<std::string>{"c"});
  CHECK(files.list(directory.file("none")).empty());
  REQUIRE(files.remove(directory.file("a/b/c")).has_value());
  CHECK(files.remove(directory.file("a/b/c")).has_value());
  CHECK(files.list(directory.file("a/b")).empty());
  CHECK(files.free_bytes(directory.path()) > 0);
  CHECK(files.free_bytes(directory.file("none")) == 0);
  CHECK(files.fill(directory.file("none/x"), 1).error().code == "store.io");
}
