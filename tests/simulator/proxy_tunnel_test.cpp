#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/transport/http_transport.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/realtime/hub_message.hpp"
#include "mobile_glue/device_clock.hpp"
#include "schema/limits.hpp"
#include "simulator/net/backend_server.hpp"
#include "simulator/net/fault_proxy.hpp"
#include "tests/actors/transport/caller.hpp"

namespace landfall::net {
namespace {

using actors::SocketEnd;
using actors::SocketEvent;
using faults::Fault;
using testing::kLong;
using Kind = SocketEvent::Kind;

constexpr const char* kHub = "/hubs/permissions";

// The reference backend, the proxy in front of it, and a phone's sockets in front of that.
class Rig final {
 public:
  Rig() {
    auto opened = backend::Backend::open({}, random_, clock_.now());
    REQUIRE(opened.has_value());
    backend_ = std::move(*opened);
    auto started = BackendServer::start(*backend_, clock_);
    REQUIRE(started.has_value());
    server = std::move(*started);
    log_in();
    FaultProxyOptions options;
    options.plan = without_latency();
    options.observer.on_answer = [this](const ProxiedAnswer& answer) {
      const std::lock_guard lock(mutex_);
      statuses_.push_back(answer.answer.response ? answer.answer.response->status : 0);
    };
    auto in_front = FaultProxy::start(server->origin(), clock_, std::move(options));
    REQUIRE(in_front.has_value());
    proxy = std::move(*in_front);
    const auto origin = transport::parse_origin(proxy->origin());
    REQUIRE(origin.has_value());
    phone = std::make_unique<transport::HttpTransport>(*origin, clock_);
  }

  static faults::FaultPlan without_latency() {
    auto plan = faults::FaultPlan::none();
    plan.latency_low = plan.latency_high = Duration{0};
    return plan;
  }
  static faults::FaultPlan with(Fault fault) {
    auto plan = without_latency();
    plan.per_call[fault] = 1.0;
    return plan;
  }

  void open(bool is_stamped = true, std::uint64_t socket = 1) {
    http::Request request{"GET", kHub, {{"X-Device-Id", "d1"}}, ""};
    if (is_stamped) request.headers.emplace_back("Authorization", "Bearer " + token_);
    phone->open_socket(socket, request, kLong, limits::kHubMessageBytesMax,
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
  // How the socket ends that nobody hears a text from any more.
  SocketEvent end() {
    phone->read_socket(1);
    SocketEvent event = next();
    REQUIRE(event.kind == Kind::ended);
    return event;
  }
  std::string read() {
    phone->read_socket(1);
    const SocketEvent event = next();
    REQUIRE(event.kind == Kind::text);
    return event.text;
  }
  void shake_hands() {
    open();
    REQUIRE(next().kind == Kind::opened);
    phone->send_text(1, realtime::handshake_record());
    REQUIRE(read() == std::string("{}") + realtime::kRecordSeparator);
  }
  void create_document() {
    server->with_backend([](auto& backend, Instant now) { (void)backend.create_approval(now); });
  }
  // False when the server still has a connection after kLong.
  [[nodiscard]] bool is_left() {
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (has_connection() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return !has_connection();
  }
  [[nodiscard]] bool has_connection() {
    bool has_any = false;
    server->with_backend(
        [&](auto& backend, Instant) { has_any = backend.next_hub_wake().has_value(); });
    return has_any;
  }
  [[nodiscard]] std::vector<int> statuses() const {
    const std::lock_guard lock(mutex_);
    return statuses_;
  }
  [[nodiscard]] bool is_quiet() const {
    const std::lock_guard lock(mutex_);
    return events_.empty();
  }

 private:
  void log_in() {
    const auto& user = backend::Backend::seed_users().front();
    const Json body{{"email", user.email}, {"password", user.password}, {"device_id", "d1"}};
    server->with_backend([&](auto& backend, Instant now) {
      const auto answer = backend.handle(
          {"POST", "/api/auth/login", {{"X-Device-Id", "d1"}}, dump_json(body)}, now);
      token_ = Json::parse(answer.body)["accessToken"];
    });
  }

  const glue::DeviceClock clock_;
  LibsodiumRandom random_;
  std::unique_ptr<backend::Backend> backend_;
  std::string token_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<SocketEvent> events_;
  std::vector<int> statuses_;  // of the answers that the proxy saw leave

 public:
  std::unique_ptr<BackendServer> server;
  std::unique_ptr<FaultProxy> proxy;
  std::unique_ptr<transport::HttpTransport> phone;  // goes first: its thread uses the rest
};

}  // namespace

TEST_CASE("a socket through the proxy opens and carries texts both ways (A-40)") {
  Rig rig;
  rig.shake_hands();
  CHECK(rig.statuses() == std::vector<int>{101});
  rig.create_document();
  CHECK(rig.read().find("DataChanged") != std::string::npos);
  CHECK(rig.proxy->travelling() == 0);
}

TEST_CASE("what the hub says at once and at length arrives whole and in order through the proxy") {
  constexpr int kTexts = 200;
  Rig rig;
  rig.shake_hands();
  std::vector<std::string> ids;
  rig.server->with_backend([&](auto& backend, Instant now) {
    for (int i = 0; i < kTexts; ++i) ids.push_back(backend.create_approval(now));
  });
  std::string heard;
  for (int i = 0; i < kTexts; ++i) heard += rig.read();
  std::size_t at = 0;
  for (const auto& id : ids) {
    at = heard.find(id, at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE(
    "an upgrade that the backend refuses is answered with its status, and no tunnel is left") {
  Rig rig;
  rig.open(false);
  const SocketEvent event = rig.next();
  CHECK(event.kind == Kind::ended);
  CHECK(event.end == SocketEnd::rejected);
  CHECK(event.status == 401);
  CHECK(rig.statuses() == std::vector<int>{401});
  rig.shake_hands();
}

TEST_CASE("a scripted fault strikes an upgrade as it strikes a call") {
  Rig rig;
  SECTION("an error in the server's place") {
    rig.proxy->script({Fault::server_error, kHub, 0, 1, 503});
    rig.open();
    CHECK(rig.next().status == 503);
  }
  SECTION("a connection that is reset") {
    rig.proxy->script({Fault::refused, kHub});
    rig.open();
    CHECK(rig.next().end == SocketEnd::refused);
  }
  CHECK_FALSE(rig.has_connection());
  CHECK(rig.proxy->scripted() == 0);
  rig.shake_hands();
}

TEST_CASE("the hub's close reaches the phone as one in order (A-46)") {
  Rig rig;
  rig.shake_hands();
  rig.server->with_backend([](auto& backend, Instant) {
    backend.send_away(backend::Backend::seed_users().front().id, true);
  });
  CHECK(rig.read().find("allowReconnect") != std::string::npos);
  CHECK(rig.end().end == SocketEnd::closed);
  CHECK(rig.is_left());
}

TEST_CASE("a phone that closes its socket has left the hub too (INV-S8)") {
  Rig rig;
  rig.shake_hands();
  REQUIRE(rig.has_connection());
  SECTION("in order") { rig.phone->close_socket(1); }
  SECTION("as a process that dies") { rig.phone.reset(); }
  CHECK(rig.is_left());
}

TEST_CASE("a network that goes cuts the tunnel at both ends, and the next socket opens (A-47)") {
  Rig rig;
  rig.shake_hands();
  rig.phone->read_socket(1);
  rig.proxy->set_up(false);
  const SocketEvent event = rig.next();
  CHECK(event.kind == Kind::ended);
  CHECK(event.end == SocketEnd::cut);
  CHECK(rig.is_left());
  rig.open();
  CHECK(rig.next().end == SocketEnd::refused);
  rig.proxy->set_up(true);
  rig.shake_hands();
}

TEST_CASE("the plan breaks a tunnel with what travels on it, and counts it") {
  Rig rig;
  rig.shake_hands();
  rig.phone->read_socket(1);
  rig.proxy->set_plan(Rig::with(Fault::hub_cut));
  rig.create_document();
  CHECK(rig.next().end == SocketEnd::cut);
  CHECK(rig.is_left());
  CHECK(rig.proxy->counts().of(Fault::hub_cut) == 1);
}

TEST_CASE("a tunnel that fell silent carries nothing any more, either way, and tells nobody") {
  Rig rig;
  rig.shake_hands();
  rig.phone->read_socket(1);
  rig.proxy->set_plan(Rig::with(Fault::hub_silent));
  rig.create_document();
  while (rig.proxy->counts().of(Fault::hub_silent) == 0) std::this_thread::yield();
  rig.proxy->set_plan(Rig::without_latency());
  rig.create_document();
  rig.server->with_backend([](auto& backend, Instant) {
    backend.send_away(backend::Backend::seed_users().front().id, true);
  });
  rig.open(true, 2);  // another one is as good as ever, and what the first was told has passed
  CHECK(rig.next().kind == Kind::opened);
  CHECK(rig.is_quiet());
  CHECK(rig.proxy->counts().of(Fault::hub_silent) == 1);
}

TEST_CASE("a proxy ends while a socket is open, and the phone finds it cut") {
  Rig rig;
  rig.shake_hands();
  rig.phone->read_socket(1);
  rig.proxy.reset();
  CHECK(rig.next().end == SocketEnd::cut);
  CHECK(rig.is_left());
}

}  // namespace landfall::net
