#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/transport/http_transport.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/realtime/hub_message.hpp"
#include "mobile_glue/device_clock.hpp"
#include "schema/limits.hpp"
#include "simulator/net/backend_server.hpp"
#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {
namespace {

using actors::SocketEnd;
using actors::SocketEvent;
using Kind = SocketEvent::Kind;

// The reference backend on loopback, and a transport with sockets to it.
class Rig final {
 public:
  Rig() {
    auto opened = backend::Backend::open({}, random_, clock_.now());
    REQUIRE(opened);
    backend_ = std::move(*opened);
    auto started = net::BackendServer::start(*backend_, clock_);
    REQUIRE(started);
    server_ = std::move(*started);
    auto origin = transport::parse_origin(server_->origin());
    REQUIRE(origin);
    transport_ = std::make_unique<transport::HttpTransport>(*origin, clock_);
    log_in();
  }

  transport::HttpTransport& transport() { return *transport_; }
  net::BackendServer& server() { return *server_; }
  [[nodiscard]] const std::string& token() const { return token_; }

  void open(const std::string& token, std::string target = "/hubs/permissions") {
    http::Request request{"GET", std::move(target), {{"X-Device-Id", "d1"}}, ""};
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    transport_->open_socket(1, request, kLong, limits::kHubMessageBytesMax,
                            [this](SocketEvent event) {
                              const std::lock_guard lock(mutex_);
                              events_.push_back(std::move(event));
                              arrived_.notify_all();
                            });
  }
  SocketEvent next() {
    std::unique_lock lock(mutex_);
    REQUIRE(arrived_.wait_for(lock, kLong, [this] { return !events_.empty(); }));
    SocketEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  std::string read() {
    transport_->read_socket(1);
    const auto event = next();
    REQUIRE(event.kind == Kind::text);
    return event.text;
  }
  [[nodiscard]] bool is_quiet() {
    const std::lock_guard lock(mutex_);
    return events_.empty();
  }
  void shake_hands() {
    open(token_);
    REQUIRE(next().kind == Kind::opened);
    transport_->send_text(1, realtime::handshake_record());
    CHECK(read() == std::string("{}") + realtime::kRecordSeparator);
  }
  [[nodiscard]] bool has_connection() {
    bool has_any = false;
    server_->with_backend(
        [&](auto& backend, Instant) { has_any = backend.next_hub_wake().has_value(); });
    return has_any;
  }
  // False when the server still has one after kLong.
  [[nodiscard]] bool is_left() {
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (has_connection() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return !has_connection();
  }

 private:
  void log_in() {
    const auto& user = backend::Backend::seed_users().front();
    const Json body{{"email", user.email}, {"password", user.password}, {"device_id", "d1"}};
    server_->with_backend([&](auto& backend, Instant now) {
      const auto answer = backend.handle(
          {"POST", "/api/auth/login", {{"X-Device-Id", "d1"}}, dump_json(body)}, now);
      const Json reply = Json::parse(answer.body);
      token_ = reply["accessToken"];
    });
  }

  glue::DeviceClock clock_;
  LibsodiumRandom random_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<net::BackendServer> server_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<SocketEvent> events_;
  std::string token_;
  std::unique_ptr<transport::HttpTransport> transport_;  // goes first: its thread uses the rest
};

}  // namespace

TEST_CASE(
    "a socket opens with the bearer, shakes hands and hears the hub, one text for each that is "
    "asked for (A-40)") {
  Rig rig;
  rig.shake_hands();
  rig.server().with_backend([](auto& backend, Instant now) {
    backend.revoke("approver", "Approve", now);
    (void)backend.create_approval(now);
  });
  const std::string first = rig.read();
  CHECK(first.find("PermissionsUpdated") != std::string::npos);
  CHECK(rig.is_quiet());
  CHECK(rig.read().find("DataChanged") != std::string::npos);
}

TEST_CASE("an upgrade without a good token ends with the status, one to a closed port is refused") {
  Rig rig;
  SECTION("no token") {
    rig.open("");
    const auto event = rig.next();
    CHECK(event.kind == Kind::ended);
    CHECK(event.end == SocketEnd::rejected);
    CHECK(event.status == 401);
  }
  SECTION("no such hub") {
    rig.open(rig.token(), "/elsewhere");
    CHECK(rig.next().status == 404);
  }
  SECTION("a request that is no HTTP") {
    rig.open("a\r\nX-Injected: 1");
    const auto event = rig.next();
    CHECK(event.end == SocketEnd::refused);
  }
}

TEST_CASE("the hub's close ends the socket, and a broken connection cuts it") {
  Rig rig;
  rig.shake_hands();
  rig.server().with_backend([](auto& backend, Instant) {
    backend.send_away(backend::Backend::seed_users().front().id, true);
  });
  CHECK(rig.read().find("allowReconnect") != std::string::npos);
  rig.transport().read_socket(1);
  const auto event = rig.next();
  CHECK(event.kind == Kind::ended);
  CHECK(event.end == SocketEnd::closed);
}

TEST_CASE(
    "no event comes of a socket that was closed, and falling silent closes it at the server too "
    "(INV-S8)") {
  Rig rig;
  rig.shake_hands();
  REQUIRE(rig.has_connection());
  SECTION("closed") { rig.transport().close_socket(1); }
  SECTION("silent") { rig.transport().fall_silent(); }
  rig.transport().read_socket(1);
  rig.transport().send_text(1, realtime::ping_record());
  REQUIRE(rig.is_left());
  CHECK(rig.is_quiet());
}

TEST_CASE(
    "a server that answers an upgrade with an endless body is read no further than its bound") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    (void)peer.read_request();
    peer.write("HTTP/1.1 500 Oh\r\nContent-Length: 8000000\r\n\r\n" + std::string(200'000, 'x'));
    peer.wait_until_left();
  });
  RealClock clock;
  auto origin = transport::parse_origin("http://" + server.authority());
  REQUIRE(origin);
  std::promise<SocketEvent> ended;
  transport::HttpTransport transport(*origin, clock);
  transport.open_socket(1, {"GET", "/hub", {}, ""}, kLong, 1'024,
                        [&](SocketEvent event) { ended.set_value(std::move(event)); });
  CHECK(ended.get_future().get().kind == Kind::ended);
}

}  // namespace landfall::testing
