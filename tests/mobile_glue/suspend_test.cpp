#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "mobile_glue/embed.hpp"
#include "tests/mobile_glue/host.hpp"
#include "tests/mobile_glue/stepped_desk.hpp"
#include "tests/system_locks.hpp"

using namespace landfall;
using landfall::test::Host;
using landfall::test::SteppedDesk;
using landfall::test::TemporaryDirectory;
using landfall::testing::held_below;
using nlohmann::json;

namespace {

constexpr int kPatienceMs = 60'000;  // only a failure waits it out

void wait_for_state(Host& host, const std::string& state) {
  (void)host.wait_for([&](const json& message) {
    return message.value("event", "") == "engine.state" && message["data"]["state"] == state;
  });
}

json state_of(Host& host) {
  host.send({{"id", 77}, {"request", "engine.status"}});
  return host.wait_for_reply(77)["result"]["state"];
}

}  // namespace

TEST_CASE("suspend gives everything up before it returns, and resume takes it again (INV-S8)") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  wait_for_state(host, "locked");
  CHECK_FALSE(held_below(directory.path()).empty());
  REQUIRE(landfall_suspend(host.engine(), kPatienceMs) == LANDFALL_OK);
  CHECK(held_below(directory.path()).empty());
  CHECK(state_of(host) == "suspended");
  host.send({{"id", 1}, {"request", "session.status"}});
  CHECK(host.wait_for_reply(1)["error"]["code"] == "engine.suspended");
  CHECK(landfall_suspend(host.engine(), 0) != LANDFALL_CLOSED);
  REQUIRE(landfall_resume(host.engine()) == LANDFALL_OK);
  wait_for_state(host, "locked");
  CHECK_FALSE(held_below(directory.path()).empty());
  CHECK(landfall_resume(host.engine()) == LANDFALL_OK);
  CHECK(state_of(host) == "locked");
}

TEST_CASE("another engine may open the directory of a suspended one, whose resume then says so") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  REQUIRE(landfall_suspend(host.engine(), kPatienceMs) == LANDFALL_OK);
  {
    const Host other = Host::open(directory.path());
    CHECK(landfall_resume(host.engine()) == LANDFALL_REFUSED);
    const json told = host.wait_for([](const json& message) {
      return message.value("event", "") == "engine.state" && message["data"].contains("code");
    });
    CHECK(told["data"] == json{{"state", "suspended"}, {"code", "directory.locked"}});
    CHECK(state_of(host) == "suspended");
  }
  CHECK(landfall_resume(host.engine()) == LANDFALL_OK);
  wait_for_state(host, "locked");
}

TEST_CASE("a deadline that has passed is told, and the suspension goes on by itself") {
  const TemporaryDirectory directory;
  SteppedDesk desk;
  Host host{desk.open(directory.path())};
  CHECK(landfall_suspend(host.engine(), 1'000) == LANDFALL_LATE);
  test::run_all(*glue::stepped_of(host.engine()));
  wait_for_state(host, "suspended");
  CHECK(held_below(directory.path()).empty());
}

TEST_CASE("suspend and resume of a closed engine are refused; a suspended one may be closed") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  REQUIRE(landfall_suspend(host.engine(), kPatienceMs) == LANDFALL_OK);
  landfall_close(host.engine());
  CHECK(held_below(directory.path()).empty());
  CHECK(landfall_suspend(host.engine(), 1'000) == LANDFALL_CLOSED);
  CHECK(landfall_resume(host.engine()) == LANDFALL_CLOSED);
  const Host next = Host::open(directory.path());
}

TEST_CASE("an engine that was suspended on one thread is resumed and closed on others") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  std::thread([&] { CHECK(landfall_suspend(host.engine(), kPatienceMs) == LANDFALL_OK); }).join();
  std::thread([&] { CHECK(landfall_resume(host.engine()) == LANDFALL_OK); }).join();
  std::thread([&] { CHECK(landfall_suspend(host.engine(), kPatienceMs) == LANDFALL_OK); }).join();
  landfall_close(host.engine());
  CHECK(held_below(directory.path()).empty());
}

TEST_CASE("a window on a real engine is told when it is over, and its engine is suspended again") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  wait_for_state(host, "locked");
  CHECK(landfall_next_window(host.engine()) == 0);
  CHECK(landfall_run_window(host.engine(), 0) == LANDFALL_BAD_ARGUMENT);
  REQUIRE(landfall_suspend(host.engine(), kPatienceMs) == LANDFALL_OK);
  REQUIRE(landfall_run_window(host.engine(), 5'000) == LANDFALL_OK);
  const json told = host.wait_for_event("window.finished");
  CHECK(told["data"] == json{{"why", "done"}, {"sent", 0}, {"left", nullptr}, {"pulled", false}});
  CHECK(held_below(directory.path()).empty());
  landfall_close(host.engine());
  CHECK(landfall_run_window(host.engine(), 5'000) == LANDFALL_CLOSED);
  CHECK(landfall_next_window(host.engine()) == LANDFALL_CLOSED);
}
