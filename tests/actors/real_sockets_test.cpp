#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "mobile_glue/device_clock.hpp"
#include "simulator/net/backend_server.hpp"
#include "tests/actors/pool_rig.hpp"
#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {
namespace {

using actors::Submitted;

// The reference backend behind HTTP on loopback.
class LoopbackBackend final {
 public:
  LoopbackBackend() {
    auto opened = backend::Backend::open({}, random_, clock_.now());
    REQUIRE(opened);
    backend_ = std::move(*opened);
    auto started = net::BackendServer::start(*backend_, clock_);
    REQUIRE(started);
    server_ = std::move(*started);
  }
  LoopbackBackend(const LoopbackBackend&) = delete;
  LoopbackBackend& operator=(const LoopbackBackend&) = delete;

  [[nodiscard]] std::string origin() const { return server_->origin(); }
  // Any thread.
  [[nodiscard]] std::size_t effects() {
    std::size_t count = 0;
    server_->with_backend(
        [&](const auto& backend, Instant) { count = backend.ledger().effects().size(); });
    return count;
  }
  [[nodiscard]] std::size_t effects_of(const std::string& operation) {
    std::size_t count = 0;
    server_->with_backend(
        [&](const auto& backend, Instant) { count = backend.ledger().effect_count(operation); });
    return count;
  }

 private:
  glue::DeviceClock clock_;
  LibsodiumRandom random_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<net::BackendServer> server_;
};

// An operation that was handed in, and the ticket that it got.
struct Handed {
  std::string operation;
  std::int64_t ticket;
};

std::vector<Handed> enqueue_until_closed(actors::Runtime& runtime, const actors::Clock& clock) {
  std::vector<Handed> handed;
  while (true) {
    const Json params = new_requisition(clock);
    std::int64_t ticket = 0;
    while ((ticket = runtime.enqueue(dump_json(params))) == 0) std::this_thread::yield();
    if (ticket < 0) return handed;
    handed.push_back({params["id"].get<std::string>(), ticket});
  }
}

void pull_until_closed(actors::Runtime& runtime) {
  const std::string pull = R"({"id":5,"request":"sync.now"})";
  while (runtime.submit(pull) != Submitted::closed) std::this_thread::yield();
}

// One life of an engine: two threads enqueue and one pulls until another closes it, once the
// backend has carried out something of this life. What was handed in, by thread.
std::vector<std::vector<Handed>> live_until_closed(PoolRig& rig, LoopbackBackend& backend) {
  auto& runtime = rig.runtime();
  std::vector<std::vector<Handed>> handed(2);
  std::vector<std::thread> threads;
  const std::size_t before = backend.effects();
  for (auto& own : handed)
    threads.emplace_back([&] { own = enqueue_until_closed(runtime, rig.clock()); });
  threads.emplace_back([&] { pull_until_closed(runtime); });
  threads.emplace_back([&] {
    while (backend.effects() == before) std::this_thread::yield();
    runtime.close();
  });
  rig.poll_to_the_end();
  for (auto& thread : threads) thread.join();
  return handed;
}

constexpr const char* kRefusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}";

}  // namespace

TEST_CASE(
    "sockets: an engine that is closed while pushes and pulls are on the wire, and opened again, "
    "delivers what it acknowledged exactly once (INV-Q1, INV-Q2)") {
  constexpr int kLives = 3;
  LoopbackBackend backend;
  PoolRig rig{{{}, backend.origin()}};
  rig.open();
  rig.log_in();
  std::set<std::string> acknowledged;
  std::set<std::string> unknown;
  for (int life = 0; life < kLives; ++life) {
    for (const auto& own : live_until_closed(rig, backend)) {
      for (const auto& [operation, ticket] : own) {
        REQUIRE(rig.tickets[ticket].size() == 1);
        const bool is_taken = rig.tickets[ticket].front().contains("result");
        (is_taken ? acknowledged : unknown).insert(operation);
      }
    }
    rig.open();
    rig.poll_until(
        [&] { return !rig.engine_states.empty() && rig.engine_states.back() == "ready"; });
  }
  rig.ask_until([&] { return rig.call("operations.list")["result"]["operations"].empty(); });
  rig.runtime().close();
  CHECK(acknowledged.size() >= kLives);
  for (const auto& operation : acknowledged) CHECK(backend.effects_of(operation) == 1);
  for (const auto& operation : unknown) CHECK(backend.effects_of(operation) <= 1);
  CHECK(backend.effects() >= acknowledged.size());
}

TEST_CASE(
    "sockets: a login that is on the wire when the engine is closed is answered once, whether the "
    "server answers at that moment or never, and its connection is closed") {
  for (int round = 0; round < 12; ++round) {
    const bool answers = round % 2 == 0;
    std::atomic<bool> arrived{false};
    ScriptedServer server([&](Peer& peer, std::size_t) {
      while (!peer.read_request().empty()) {
        arrived = true;
        if (answers) peer.write(kRefusal);
      }
    });
    {
      PoolRig rig{{{}, "http://" + server.authority()}};
      rig.open();
      rig.poll_until([&] { return !rig.engine_states.empty(); });
      REQUIRE(rig.runtime().submit(PoolRig::login_request(1)) == Submitted::accepted);
      std::thread closer([&] {
        while (!arrived) std::this_thread::yield();
        rig.runtime().close();
      });
      rig.poll_to_the_end();
      closer.join();
      INFO("the server " << (answers ? "answers" : "is silent"));
      REQUIRE(rig.replies[1].size() == 1);
      CHECK(rig.replies[1].front().contains("error"));
    }
    server.wait_for_ended(server.connections());
  }
}

}  // namespace landfall::testing
