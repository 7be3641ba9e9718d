#include "simulator/net/fault_proxy.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/transport/caller.hpp"
#include "tests/simulator/recording_server.hpp"

namespace landfall::net {
namespace {

using faults::Fault;
using faults::ScriptedFault;
using testing::Caller;
using testing::kLong;
using testing::post_request;

constexpr const char* kThing = "/api/thing";

http::Request stamped_request() {
  http::Request request = post_request();
  request.headers.emplace_back("Authorization", "Bearer token");
  return request;
}

// What a proxy's observers and hooks heard, for the test's thread.
class Log final {
 public:
  struct Heard {
    std::string what;
    Instant at;
  };

  void add(std::string what, Instant at = {}) {
    const std::lock_guard lock(mutex_);
    heard_.push_back({std::move(what), at});
    changed_.notify_all();
  }
  // Returns when it was heard so often; when it was the last time.
  Instant wait_for(const std::string& what, int times = 1) {
    std::unique_lock lock(mutex_);
    std::optional<Instant> at;
    changed_.wait(lock, [&] {
      int found = 0;
      for (const auto& heard : heard_) {
        if (heard.what != what || ++found != times) continue;
        at = heard.at;
        return true;
      }
      return false;
    });
    return *at;
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> words;
    for (const auto& heard : heard_) words.push_back(heard.what);
    return words;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Heard> heard_;
};

faults::FaultPlan without_latency() {
  faults::FaultPlan plan;
  plan.latency_low = plan.latency_high = Duration{0};
  return plan;
}

// A server, the proxy in front of it and a phone's transport in front of that.
class Rig final {
 public:
  explicit Rig(faults::FaultPlan plan = without_latency(), int speed = 1,
               std::string body = R"({"decided":true})")
      : server(std::move(body)), clock_({speed, glue::DeviceClock::wall_clock()}) {
    FaultProxyOptions options;
    options.plan = std::move(plan);
    options.hooks = {
        [this](const http::Request& request) { log.add("revokes for " + request.target); },
        [this] { log.add("purges"); }, [this](Random&) { log.add("edits"); }};
    options.observer = {
        [this](const ProxiedRequest& request) {
          log.add("request " + std::to_string(request.call), request.at);
        },
        [this](const ProxiedAnswer& answer) {
          log.add("answer " + std::to_string(answer.call) + " " + outcome(answer.answer),
                  answer.at);
        },
        [this](const StruckFault& fault) {
          log.add(std::string{faults::to_string(fault.fault)} +
                      (fault.request != nullptr ? " strikes " + fault.request->target : ""),
                  fault.at);
        }};
    auto started = FaultProxy::start(server.origin(), clock_, std::move(options));
    REQUIRE(started.has_value());
    proxy = std::move(*started);
    caller.emplace(proxy->origin());
  }

  static std::string outcome(const http::Answer& answer) {
    if (answer.response) return std::to_string(answer.response->status);
    return *answer.failure == http::TransportFailure::cut ? "cut" : "nothing";
  }

  // Starts a call that this fault strikes.
  std::future<http::Answer> struck(ScriptedFault fault, http::Request request = post_request()) {
    fault.path = kThing;
    proxy->script(std::move(fault));
    return caller->start(std::move(request));
  }
  std::string outcome_of(ScriptedFault fault, http::Request request = post_request()) {
    return Caller::text_of(struck(std::move(fault), std::move(request)).get());
  }
  // The fault struck once and is over: the next call passes.
  void check_struck(Fault fault) {
    CHECK(proxy->counts().of(fault) == 1);
    CHECK(proxy->scripted() == 0);
    CHECK(caller->outcome() == "200 " + server.body());
  }

  testing::RecordingServer server;
  Log log;

 private:
  const glue::DeviceClock clock_;

 public:
  std::unique_ptr<FaultProxy> proxy;
  std::optional<Caller> caller;
};

}  // namespace

TEST_CASE("a call through the proxy reaches the server and comes back as it was") {
  Rig rig;
  http::Request request = post_request(R"({"a":1})");
  request.target = "/api/thing?after=7";
  const http::Answer answer = rig.caller->call(request);
  REQUIRE(answer.response.has_value());
  CHECK(answer.response->status == 200);
  CHECK(answer.response->body == rig.server.body());
  CHECK(http::find_header(answer.response->headers, "Content-Type") == "application/json");
  const std::string seen = rig.server.wait_for(1);
  CHECK(seen.starts_with("POST /api/thing?after=7 HTTP/1.1\r\n"));
  CHECK(seen.find("X-Device-Id: d1\r\n") != std::string::npos);
  CHECK(seen.ends_with("\r\n\r\n{\"a\":1}"));
  CHECK(rig.log.all() == std::vector<std::string>{"request 1", "answer 1 200"});
}

TEST_CASE("a scripted refusal resets the connection, and the server hears nothing") {
  Rig rig;
  CHECK(rig.outcome_of({Fault::refused}) == "silent");
  CHECK(rig.server.requests() == 0);
  rig.check_struck(Fault::refused);
  CHECK(rig.log.all() == std::vector<std::string>{"request 1", "refused strikes /api/thing",
                                                  "answer 1 nothing", "request 2", "answer 2 200"});
}

TEST_CASE("a lost request never arrives and is never answered") {
  Rig rig;
  auto answer = rig.struck({Fault::lost_request});
  rig.log.wait_for("answer 1 nothing");
  rig.check_struck(Fault::lost_request);
  CHECK(rig.server.requests() == 1);
  CHECK(answer.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
  rig.proxy.reset();
  CHECK(Caller::text_of(answer.get()) == "silent");
}

TEST_CASE("a lost answer is decided and never heard") {
  Rig rig;
  auto answer = rig.struck({Fault::lost_answer});
  rig.log.wait_for("answer 1 nothing");
  CHECK(rig.server.requests() == 1);
  rig.check_struck(Fault::lost_answer);
  CHECK(answer.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
}

TEST_CASE("a phone that gives up is told nothing, and its connection is let go") {
  Rig rig;
  rig.proxy->script({Fault::lost_request, kThing});
  CHECK(rig.caller->outcome(post_request(), Duration{50}) == "silent");
  CHECK(rig.caller->outcome() == "200 " + rig.server.body());
}

TEST_CASE("a doubled request arrives twice and is answered once") {
  Rig rig(without_latency(), 1'000);
  CHECK(rig.outcome_of({Fault::duplicate_request}) == "200 " + rig.server.body());
  while (rig.proxy->travelling() > 0) std::this_thread::yield();
  CHECK(rig.server.requests() == 2);
  CHECK(rig.server.wait_for(2) == rig.server.wait_for(1));
  rig.check_struck(Fault::duplicate_request);
}

TEST_CASE("an error in the server's place leaves the server alone, a late one does not") {
  Rig rig;
  CHECK(rig.outcome_of({Fault::server_error, "", 0, 1, 503}).starts_with("503 {\"error\""));
  CHECK(rig.server.requests() == 0);
  rig.check_struck(Fault::server_error);
  CHECK(rig.outcome_of({Fault::late_error, "", 0, 1, 500}).starts_with("500 {\"error\""));
  CHECK(rig.server.requests() == 2);
  rig.check_struck(Fault::late_error);
}

TEST_CASE("a server that asks to wait says for how long") {
  Rig rig;
  const http::Answer answer =
      rig.struck({Fault::retry_after, "", 0, 1, 429, Duration{7'000}}).get();
  REQUIRE(answer.response.has_value());
  CHECK(answer.response->status == 429);
  CHECK(http::find_header(answer.response->headers, "Retry-After") == "7");
  CHECK(rig.server.requests() == 0);
  rig.check_struck(Fault::retry_after);
}

TEST_CASE("a good token is refused, and a call without one is not") {
  Rig rig;
  CHECK(rig.outcome_of({Fault::unauthorized}, stamped_request()).starts_with("401 {\"error\""));
  CHECK(rig.server.requests() == 0);
  rig.check_struck(Fault::unauthorized);
  CHECK(rig.outcome_of({Fault::unauthorized}) == "200 " + rig.server.body());
  CHECK(rig.proxy->counts().of(Fault::unauthorized) == 1);
}

TEST_CASE("what is done to the server is done by its owner, before the call is decided") {
  Rig rig;
  const std::string passed = "200 " + rig.server.body();
  CHECK(rig.outcome_of({Fault::revoked_tokens}, stamped_request()) == passed);
  CHECK(rig.outcome_of({Fault::history_purged}) == passed);
  CHECK(rig.outcome_of({Fault::edited_by_other}) == passed);
  CHECK(rig.log.all() == std::vector<std::string>{"request 1", "revoked_tokens strikes /api/thing",
                                                  "revokes for /api/thing", "answer 1 200",
                                                  "request 2", "history_purged strikes /api/thing",
                                                  "purges", "answer 2 200", "request 3",
                                                  "edited_by_other strikes /api/thing", "edits",
                                                  "answer 3 200"});
}

TEST_CASE("a body that breaks off is noticed by its length or not at all") {
  Rig rig;
  ScriptedFault fault{Fault::cut_body};
  fault.is_noticed = true;
  CHECK(rig.outcome_of(fault) == "cut");
  rig.log.wait_for("answer 1 cut");
  rig.check_struck(Fault::cut_body);
  fault.is_noticed = false;
  CHECK(rig.outcome_of(fault) ==
        "200 " + rig.server.body().substr(0, rig.server.body().size() / 2));
  CHECK(rig.caller->outcome() == "200 " + rig.server.body());
}

// Both of the proxy's threads have held the call, and only one may let go of its connection: what
// happens elsewhere is the thread sanitizer's to see.
TEST_CASE("connections that end with their answer, one after the other, leave the proxy at work") {
  constexpr int kCalls = 150;
  Rig rig;
  ScriptedFault fault{Fault::cut_body};
  fault.is_noticed = true;
  for (int call = 0; call < kCalls; ++call) REQUIRE(rig.outcome_of(fault) == "cut");
  CHECK(rig.proxy->counts().of(Fault::cut_body) == kCalls);
  CHECK(rig.server.requests() == kCalls);
  CHECK(rig.caller->outcome() == "200 " + rig.server.body());
}

TEST_CASE("an answer of one byte or none breaks off too") {
  Rig rig(without_latency(), 1, GENERATE(std::string{}, std::string{"1"}));
  ScriptedFault fault{Fault::cut_body};
  fault.is_noticed = true;
  CHECK(rig.outcome_of(fault) == "cut");
}

TEST_CASE("another body comes under a 200") {
  Rig rig;
  ScriptedFault fault{Fault::garbage_body};
  fault.body = "<html>";
  CHECK(rig.outcome_of(fault) == "200 <html>");
  CHECK(rig.server.requests() == 1);
  rig.check_struck(Fault::garbage_body);
}

TEST_CASE("a slow answer takes its time, in engine time") {
  Rig rig(without_latency(), 1'000);
  ScriptedFault fault{Fault::slow};
  fault.delay = Duration{30'000};
  CHECK(rig.outcome_of(fault) == "200 " + rig.server.body());
  CHECK(rig.proxy->travelling() == 0);
  const Duration took = rig.log.wait_for("answer 1 200") - rig.log.wait_for("request 1");
  CHECK(took >= Duration{30'000});
  rig.check_struck(Fault::slow);
}

TEST_CASE("without a network the system refuses, open calls are reset, and the port stays") {
  Rig rig;
  const auto port = rig.proxy->port();
  auto open = rig.struck({Fault::lost_request});
  rig.log.wait_for("answer 1 nothing");
  rig.proxy->set_up(false);
  CHECK(Caller::text_of(open.get()) == "silent");
  for (int i = 0; i < 3; ++i) CHECK(rig.caller->outcome() == "not_sent");
  rig.proxy->set_up(true);
  CHECK(rig.proxy->port() == port);
  CHECK(rig.caller->outcome() == "200 " + rig.server.body());
  rig.proxy->set_up(false);
  CHECK(rig.caller->outcome() == "not_sent");
  CHECK(rig.proxy->counts().of(Fault::offline_spell) == 2);
}

TEST_CASE("what had reached the server when the network went is decided there") {
  Rig rig(without_latency(), 1'000);
  ScriptedFault fault{Fault::slow};
  fault.delay = Duration{50'000};
  auto open = rig.struck(fault);
  rig.server.wait_for(1);
  rig.proxy->set_up(false);
  CHECK(Caller::text_of(open.get()) == "silent");
  rig.log.wait_for("answer 1 nothing");
}

TEST_CASE("a server that is down answers every call with an error until it is well") {
  Rig rig;
  rig.proxy->set_server_down(true);
  for (int i = 0; i < 3; ++i) CHECK(rig.caller->outcome().starts_with("5"));
  CHECK(rig.server.requests() == 0);
  rig.proxy->set_server_down(false);
  rig.check_struck(Fault::server_down);
}

TEST_CASE("scripted faults strike their path in order, after those that pass") {
  Rig rig;
  rig.proxy->script({Fault::server_error, kThing, 1, 2, 503});
  rig.proxy->script({Fault::server_error, "/api/other", 0, 1, 500});
  CHECK(rig.proxy->scripted() == 3);
  const std::string passed = "200 " + rig.server.body();
  CHECK(rig.caller->outcome() == passed);
  CHECK(rig.caller->outcome().starts_with("503"));
  CHECK(rig.caller->outcome().starts_with("503"));
  CHECK(rig.caller->outcome() == passed);
  CHECK(rig.proxy->scripted() == 1);
  rig.proxy->clear_script();
  CHECK(rig.proxy->scripted() == 0);
}

TEST_CASE("the plan's faults strike by their chance, until there is another plan") {
  auto plan = without_latency();
  plan.per_call[Fault::server_error] = 1.0;
  Rig rig(plan);
  for (int i = 0; i < 3; ++i) CHECK(rig.caller->outcome().starts_with("5"));
  CHECK(rig.proxy->counts().of(Fault::server_error) == 3);
  rig.proxy->set_plan(without_latency());
  CHECK(rig.caller->outcome() == "200 " + rig.server.body());
}

TEST_CASE("the plan's spells come by themselves and end with the plan") {
  auto plan = without_latency();
  const auto fault = GENERATE(Fault::offline_spell, Fault::server_down);
  plan.offline_mean = plan.down_mean = Duration{0};
  (fault == Fault::offline_spell ? plan.offline_mean : plan.down_mean) = std::chrono::hours{10};
  plan.online_mean = plan.well_mean = Duration{100};
  Rig rig(plan, 1'000);
  rig.log.wait_for(std::string{faults::to_string(fault)});
  const std::string outcome = rig.caller->outcome();
  CHECK((fault == Fault::offline_spell ? outcome == "not_sent" : outcome.starts_with("5")));
  rig.proxy->set_plan(without_latency());
  CHECK(rig.caller->outcome() == "200 " + rig.server.body());
}

TEST_CASE("others change documents in time, whether anybody calls or not") {
  auto plan = without_latency();
  plan.per_call[Fault::edited_by_other] = 0.1;
  Rig rig(plan, 1'000);
  rig.log.wait_for("edits", 2);
  CHECK(rig.proxy->counts().of(Fault::edited_by_other) >= 2);
}

TEST_CASE("a server that cannot be reached is a 502 of the proxy") {
  const glue::DeviceClock clock;
  const auto proxy =
      FaultProxy::start("http://127.0.0.1:" + std::to_string(testing::refused_port()), clock, {});
  REQUIRE(proxy.has_value());
  Caller caller((*proxy)->origin());
  CHECK(caller.outcome().starts_with("502 {\"error\""));
}

TEST_CASE("the counts name every fault") {
  Rig rig;
  const auto named = rig.proxy->counts().by_name();
  CHECK(named.size() == static_cast<std::size_t>(faults::kFaultCount));
  CHECK(named.count("") == 0);
}

TEST_CASE("a proxy ends while calls are under way") {
  Rig rig(without_latency(), 1);
  ScriptedFault fault{Fault::slow};
  fault.delay = std::chrono::hours{1};
  auto slow = rig.struck(fault);
  auto lost = rig.struck({Fault::lost_answer});
  rig.server.wait_for(2);
  rig.proxy.reset();
  CHECK(Caller::text_of(slow.get()) == "silent");
  CHECK(Caller::text_of(lost.get()) == "silent");
}

}  // namespace landfall::net
