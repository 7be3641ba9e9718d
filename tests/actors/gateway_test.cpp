#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/api.hpp"
#include "actors/auth_token.hpp"
#include "actors/connectivity.hpp"
#include "actors/gateway.hpp"
#include "actors/supervisor.hpp"
#include "actors/transport.hpp"
#include "engine/host/config.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using namespace landfall::actors;  // the test speaks their messages

constexpr const char* kDashboard = "/api/mobile/dashboard";

struct Tally {
  std::vector<int> answers;     // by call
  std::map<int, int> statuses;  // of answers with a response
  std::map<http::TransportFailure, int> failures;
  int dead = 0;  // heard of a dead peer instead
};

std::string bearer_of(const ScriptedTransport::Call& call) {
  return std::string{http::find_header(call.request.headers, "Authorization").value_or("")};
}

// gateway, auth_token, connectivity and transport over a scripted network and a device.db in
// memory; the caller plays the partition.
class GatewayRig final {
 public:
  explicit GatewayRig(std::uint64_t seed = 1, Json profile = "prokure")
      : profile_(std::move(profile)),
        clock_(Instant{1'767'225'600'000}),
        random_(std::array<std::byte, 32>{std::byte{3}}),
        disk_([random = std::make_shared<Random>(7)] { return random->next(); }),
        network_(clock_),
        system_(stepped(config_)),
        order_(seed) {
    system_.await_actors_before_shutdown(false);
    coordinator_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system_.scheduler());
    REQUIRE(coordinator_ != nullptr);
    coordinator_->clock().current_time += std::chrono::hours(1);
    core_ = make_core();
    auto device = open_device(core_->environment, "/phone", core_->signals->device());
    REQUIRE(device);
    device_ = device->store;
    api_ = system_.spawn(actors::api, core_);
    transport_ = system_.spawn(actors::transport, core_, device_, api_);
    connectivity_ = system_.spawn(actors::connectivity, core_, transport_, api_);
    auth_token_ =
        system_.spawn(actors::auth_token, core_, device_, transport_, connectivity_, api_);
    gateway_ = system_.spawn(actors::gateway, core_, transport_, auth_token_, connectivity_);
    key_ =
        std::make_shared<store::Sealer>(store::SecretKey{std::array<std::byte, 32>{}}, 1, random_);
    run();
  }
  ~GatewayRig() {
    coordinator_->clock().cancel_all();
    const auto kill = [](const auto& actor) {
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    };
    kill(gateway_);
    kill(auth_token_);
    kill(connectivity_);
    kill(transport_);
    kill(api_);
    run();
  }
  GatewayRig(const GatewayRig&) = delete;
  GatewayRig& operator=(const GatewayRig&) = delete;

  void log_in(const std::string& access, const std::string& refresh) {
    bool stored = false;
    auto pair = std::make_shared<auth::TokenPair>();
    pair->access = Secret<std::string>{access};
    pair->refresh = Secret<std::string>{refresh};
    pair->access_lifetime = Duration{900'000};
    system_.spawn([&, this](caf::event_based_actor* self) {
      self->request(auth_token_, caf::infinite,
                    StoreLogin{key_, "user", std::shared_ptr<const auth::TokenPair>(pair)})
          .then([&](const Status& status) { stored = status.has_value(); });
    });
    run();
    REQUIRE(stored);
  }

  // `organisation`: as a visit names it.
  std::shared_ptr<Tally> call(std::size_t count,
                              const std::optional<std::string>& organisation = std::nullopt) {
    auto tally = std::make_shared<Tally>();
    tally->answers.resize(count);
    system_.spawn([tally, count, organisation, gateway = gateway_](caf::event_based_actor* self) {
      for (std::size_t i = 0; i < count; ++i) {
        self->request(gateway, caf::infinite,
                      MakeCall{http::ApiCall{"dashboard", {}, {}, {}}, organisation})
            .then(
                [tally, i](const http::Answer& answer) {
                  ++tally->answers[i];
                  if (answer.response) ++tally->statuses[answer.response->status];
                  if (answer.failure) ++tally->failures[*answer.failure];
                },
                [tally](const caf::error&) { ++tally->dead; });
      }
    });
    return tally;
  }

  // What whoever makes calls is told of the session, from now on.
  std::shared_ptr<std::vector<auth::TokenState>> subscribe() {
    auto told = std::make_shared<std::vector<auth::TokenState>>();
    auto subscriber =
        system_.spawn([told](AuthSubscriber::pointer) -> AuthSubscriber::behavior_type {
          return {[told](const AuthChanged& changed) { told->push_back(changed.state); }};
        });
    caf::anon_send(auth_token_, SubscribeAuth{std::move(subscriber)});
    run();
    return told;
  }

  void end_session(EndedCalls calls = EndedCalls::all) {
    system_.spawn([this, calls](caf::event_based_actor* self) {
      self->request(gateway_, caf::infinite, EndSession{calls}).then([](const Status&) {});
    });
  }

  void step_once() {
    auto& jobs = coordinator_->jobs;
    std::swap(jobs[0], jobs[order_.below(jobs.size())]);
    (void)coordinator_->try_run_once();
  }
  [[nodiscard]] bool has_jobs() const { return !coordinator_->jobs.empty(); }
  void run() {
    do {
      while (has_jobs()) step_once();
    } while (network_.pump());
  }
  void advance(Duration by) {
    for (Duration passed{0}; passed < by; passed += Duration{100}) {
      clock_.advance(Duration{100});
      coordinator_->clock().advance_time(Duration{100});
      run();
    }
  }

  ScriptedTransport& network() { return network_; }

 private:
  static caf::actor_system_config& stepped(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    config.set("logger.verbosity", caf::atom("quiet"));
    return config;
  }

  SharedCore make_core() {
    auto core = std::make_shared<Core>();
    core->signals = std::make_shared<StoreSignals>();
    core->environment.clock = &clock_;
    core->environment.transport = &network_;
    core->environment.disk.vfs = disk_.vfs_name();
    core->environment.disk.files = &disk_.files();
    core->environment.secure_random = &random_;
    const Json given{{"directory", "/phone"}, {"profile", profile_},   {"app_version", "1.0.0"},
                     {"platform", "IOS"},     {"os_version", "17"},    {"device_name", "rig"},
                     {"locale", "en-IN"},     {"zone", "Asia/Kolkata"}};
    auto config = host::parse_config(dump_json(given));
    REQUIRE(config);
    core->config = std::move(*config);
    core->device_id = "device";
    core->facts = {{"device_id", "device"},
                   {"app_version", "1.0.0"},
                   {"platform", "IOS"},
                   {"os_version", "17"},
                   {"zone", "Asia/Kolkata"}};
    core->poll_queue = std::make_shared<PollQueue>(
        PollQueue::Bounds{limits::kPollEventsMax, limits::kOpenRequestsMax});
    return core;
  }

  Json profile_;
  HandClock clock_;
  SeededSecureRandom random_;
  world::MemoryDisk disk_;
  ScriptedTransport network_;
  caf::actor_system_config config_;
  SharedCore core_;
  std::shared_ptr<store::Database> device_;
  std::shared_ptr<store::Sealer> key_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator* coordinator_ = nullptr;
  Random order_;
  ApiActor api_;
  TransportActor transport_;
  ConnectivityActor connectivity_;
  AuthTokenActor auth_token_;
  GatewayActor gateway_;
};

http::Answer refused() {
  return answer_with(401, R"({"error":{"code":"TOKEN_INVALID","message":"no","details":{}}})");
}

http::Answer pair_of(int generation) {
  const std::string number = std::to_string(generation);
  return answer_with(200, R"({"accessToken":"access-)" + number + R"(","refreshToken":"refresh-)" +
                              number + R"(","expiresIn":900})");
}

// Refuses every token below `accepted`; a refresh gives the next pair.
struct TokenServer {
  int accepted = 2;
  int issued = 1;

  std::optional<http::Answer> operator()(const ScriptedTransport::Call& call) {
    if (call.request.target == kRefresh) return pair_of(++issued);
    if (call.request.target != kDashboard) return answer_with(200, "{}");
    for (int generation = accepted; generation <= issued; ++generation) {
      if (bearer_of(call) == "Bearer access-" + std::to_string(generation))
        return answer_with(200, R"({"items":[]})");
    }
    return refused();
  }
};

Json profile_with(const char* on_rejected) {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["auth"]["refresh"]["on_rejected"] = on_rejected;
  return profile;
}

TEST_CASE("an end of the visits' calls ends none where no visit has one on its way") {
  GatewayRig rig;
  rig.network().set_script([](const auto&) { return std::optional<http::Answer>{}; });
  rig.log_in("access-1", "refresh-1");
  const auto visit = GENERATE(false, true);
  INFO("a visit has a call: " << visit);
  const auto call = rig.call(1);
  const auto visited = rig.call(visit ? 1 : 0, "org");
  rig.run();
  REQUIRE(rig.network().open_calls(kDashboard).size() == (visit ? 2 : 1));
  rig.end_session(EndedCalls::of_visits);
  rig.run();
  CHECK(rig.network().open_calls(kDashboard).size() == (visit ? 0 : 1));
  CHECK(call->failures[http::TransportFailure::no_session] == (visit ? 1 : 0));
  // One that is over counts no more.
  rig.network().set_script([](const auto&) { return answer_with(200, R"({"items":[]})"); });
  (void)rig.call(1, "org");
  rig.run();
  rig.network().set_script([](const auto&) { return std::optional<http::Answer>{}; });
  (void)rig.call(1);
  rig.run();
  const auto open = rig.network().open_calls(kDashboard).size();
  rig.end_session(EndedCalls::of_visits);
  rig.run();
  CHECK(rig.network().open_calls(kDashboard).size() == open);
}

TEST_CASE("a refresh is no news to those who make calls, its new pair and its refusal are") {
  using Told = std::vector<auth::TokenState>;
  using auth::TokenState;
  bool refuses = false;
  GatewayRig rig;
  rig.network().set_script(
      [&refuses](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
        if (call.request.target == kRefresh && !refuses) return std::nullopt;
        return refused();
      });
  rig.log_in("access-1", "refresh-1");
  const auto told = rig.subscribe();
  CHECK(*told == Told{TokenState::valid});
  (void)rig.call(1);
  rig.run();
  const auto open = rig.network().open_calls(kRefresh);
  REQUIRE(open.size() == 1);
  CHECK(*told == Told{TokenState::valid});
  // Also to one that comes while it is under way.
  CHECK(*rig.subscribe() == Told{TokenState::valid});
  rig.network().answer(open.front().number, pair_of(2));
  rig.run();
  // The replay is refused as well, so that another refresh waits for its turn.
  CHECK(*told == Told{TokenState::valid, TokenState::valid, TokenState::refreshing});
  refuses = true;
  rig.advance(Duration{6'000});
  CHECK(*told == Told{TokenState::valid, TokenState::valid, TokenState::refreshing,
                      TokenState::reauth_required});
}

TEST_CASE(
    "C-4: a refresh that waits out a 503 is told once, and a call that it keeps waits as for a "
    "network: no session ended") {
  using Told = std::vector<auth::TokenState>;
  using auth::TokenState;
  GatewayRig rig;
  bool is_down = true;
  rig.network().set_script(
      [&is_down](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
        if (call.request.target == kRefresh) return is_down ? answer_with(503, "") : pair_of(2);
        return answer_with(200, "{}");
      });
  rig.log_in("access-1", "refresh-1");
  const auto told = rig.subscribe();
  rig.advance(Duration{900'000});
  for (int round = 0; round < 2; ++round) {
    const auto tally = rig.call(3);
    rig.run();
    CHECK(tally->failures ==
          std::map<http::TransportFailure, int>{{http::TransportFailure::not_sent, 3}});
  }
  CHECK(rig.network().sent(kDashboard).empty());
  CHECK(rig.network().sent(kRefresh).size() == 1);
  CHECK(*told == Told{TokenState::valid, TokenState::refreshing});
  // The next try fails as well, which is nothing new.
  rig.advance(Duration{6'000});
  CHECK(rig.network().sent(kRefresh).size() == 2);
  CHECK(*told == Told{TokenState::valid, TokenState::refreshing});
  is_down = false;
  rig.advance(Duration{31'000});
  CHECK(*told == Told{TokenState::valid, TokenState::refreshing, TokenState::valid});
}

TEST_CASE("A-20 A-24: where a session is kept, a call whose refresh is refused gets its own 401") {
  GatewayRig rig(1, profile_with("keep"));
  rig.network().set_script([](const auto&) { return refused(); });
  rig.log_in("access-1", "refresh-1");
  const auto tally = rig.call(20);
  rig.run();
  CHECK(rig.network().sent(kRefresh).size() == 1);
  CHECK(rig.network().sent(kDashboard).size() == 20);
  CHECK(tally->statuses == std::map<int, int>{{401, 20}});
  CHECK(tally->failures.empty());
  // Whoever comes later asks nobody any more.
  const auto later = rig.call(1);
  rig.run();
  CHECK(later->failures ==
        std::map<http::TransportFailure, int>{{http::TransportFailure::no_session, 1}});
  CHECK(rig.network().sent(kRefresh).size() == 1);
}

TEST_CASE("A-24: a refresh that nobody answers leaves a call its 401 where the session is kept") {
  GatewayRig rig(1, profile_with("keep"));
  rig.network().set_script([](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    if (call.request.target == kRefresh) return answer_with(503, "");
    return refused();
  });
  rig.log_in("access-1", "refresh-1");
  const auto tally = rig.call(3);
  rig.run();
  CHECK(tally->statuses == std::map<int, int>{{401, 3}});
  CHECK(rig.network().sent(kRefresh).size() == 1);
}

TEST_CASE("I-27: where a refused refresh ends the session, its calls are as if they never left") {
  GatewayRig rig(1, profile_with("logout"));
  rig.network().set_script([](const auto&) { return refused(); });
  rig.log_in("access-1", "refresh-1");
  const auto tally = rig.call(3);
  rig.run();
  CHECK(tally->statuses.empty());
  CHECK(tally->failures ==
        std::map<http::TransportFailure, int>{{http::TransportFailure::no_session, 3}});
}

TEST_CASE("A-19: a path that is passed through keeps its 401 and begins no refresh") {
  Json profile = profile_with("keep");
  profile["auth"]["passthrough_paths"] = Json::array({kDashboard});
  GatewayRig rig(1, profile);
  rig.network().set_script([](const auto&) { return refused(); });
  rig.log_in("access-1", "refresh-1");
  const auto tally = rig.call(2);
  rig.run();
  CHECK(tally->statuses == std::map<int, int>{{401, 2}});
  CHECK(rig.network().sent(kRefresh).empty());
}

TEST_CASE(
    "500 calls that meet 401 cause one refresh and are each replayed once, with the new token "
    "(INV-A2)") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    GatewayRig rig(seed);
    auto server = std::make_shared<TokenServer>();
    rig.network().set_script([server](const auto& call) { return (*server)(call); });
    rig.log_in("access-1", "refresh-1");
    const auto tally = rig.call(500);
    rig.run();
    INFO("seed " << seed);
    CHECK(rig.network().sent(kRefresh).size() == 1);
    CHECK(tally->statuses == std::map<int, int>{{200, 500}});
    for (const int answers : tally->answers) CHECK(answers == 1);
    int old_token = 0;
    int new_token = 0;
    for (const auto& call : rig.network().sent(kDashboard)) {
      old_token += bearer_of(call) == "Bearer access-1" ? 1 : 0;
      new_token += bearer_of(call) == "Bearer access-2" ? 1 : 0;
    }
    // Those that were asked for late may have started with the new one.
    CHECK(old_token <= 500);
    CHECK(new_token == 500);
  }
}

TEST_CASE(
    "500 calls while the refresh is held: none leaves with the old token after the first 401, "
    "and all wait for the one refresh") {
  GatewayRig rig;
  auto server = std::make_shared<TokenServer>();
  std::optional<std::uint64_t> held;
  rig.network().set_script([&](const auto& call) -> std::optional<http::Answer> {
    if (call.request.target != kRefresh) return (*server)(call);
    held = call.number;
    return std::nullopt;
  });
  rig.log_in("access-1", "refresh-1");
  const auto first = rig.call(250);
  rig.run();
  REQUIRE(held);
  const auto sent_before = rig.network().sent(kDashboard).size();
  const auto second = rig.call(250);
  rig.run();
  CHECK(rig.network().sent(kDashboard).size() == sent_before);
  rig.network().answer(*held, pair_of(++server->issued));
  rig.run();
  CHECK(first->statuses == std::map<int, int>{{200, 250}});
  CHECK(second->statuses == std::map<int, int>{{200, 250}});
  CHECK(rig.network().sent(kRefresh).size() == 1);
}

TEST_CASE(
    "500 calls, half of whose 401s come when the refresh is over: one refresh, each is replayed "
    "once with the new token, none is lost (I-16, INV-A2)") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    GatewayRig rig(seed);
    auto server = std::make_shared<TokenServer>();
    std::vector<std::uint64_t> late;
    rig.network().set_script([&](const auto& call) -> std::optional<http::Answer> {
      const bool is_late = call.number % 2 == 0 && bearer_of(call) == "Bearer access-1";
      if (!is_late) return (*server)(call);
      late.push_back(call.number);
      return std::nullopt;
    });
    rig.log_in("access-1", "refresh-1");
    const auto tally = rig.call(500);
    rig.run();
    INFO("seed " << seed);
    REQUIRE(late.size() == 250);
    CHECK(rig.network().sent(kRefresh).size() == 1);
    CHECK(tally->statuses == std::map<int, int>{{200, 250}});
    // One by one and in heaps, long after the new pair was proven.
    for (std::size_t i = 0; i < late.size(); ++i) {
      rig.network().answer(late[i], refused());
      if (i < 10 || i % 50 == 0) rig.run();
    }
    rig.run();
    CHECK(rig.network().sent(kRefresh).size() == 1);
    CHECK(tally->statuses == std::map<int, int>{{200, 500}});
    for (const int answers : tally->answers) CHECK(answers == 1);
    std::map<std::string, int> sent_with;
    for (const auto& call : rig.network().sent(kDashboard)) ++sent_with[bearer_of(call)];
    CHECK(sent_with ==
          std::map<std::string, int>{{"Bearer access-1", 500}, {"Bearer access-2", 500}});
  }
}

TEST_CASE(
    "a 401 that comes two refreshes late starts no third one, and its call goes again with the "
    "newest token (INV-A2)") {
  GatewayRig rig;
  auto server = std::make_shared<TokenServer>();
  std::optional<std::uint64_t> late;
  rig.network().set_script([&](const auto& call) -> std::optional<http::Answer> {
    if (late || bearer_of(call) != "Bearer access-1") return (*server)(call);
    late = call.number;
    return std::nullopt;
  });
  rig.log_in("access-1", "refresh-1");
  const auto straggler = rig.call(1);
  rig.run();
  for (server->accepted = 2; server->accepted <= 3; ++server->accepted) {
    const auto tally = rig.call(3);
    rig.run();
    CHECK(tally->statuses == std::map<int, int>{{200, 3}});
  }
  REQUIRE(late);
  CHECK(rig.network().sent(kRefresh).size() == 2);
  server->accepted = 3;
  rig.network().answer(*late, refused());
  rig.run();
  CHECK(straggler->statuses == std::map<int, int>{{200, 1}});
  CHECK(rig.network().sent(kRefresh).size() == 2);
  CHECK(bearer_of(rig.network().sent(kDashboard).back()) == "Bearer access-3");
}

TEST_CASE(
    "a network that answers what was given up: behind the end of its session an answer reaches "
    "nobody, and its 401 neither refreshes nor replays (INV-A14)") {
  for (const int status : {200, 401}) {
    GatewayRig rig;
    rig.network().answer_what_was_cancelled();
    rig.network().set_script([](const auto&) { return std::nullopt; });
    rig.log_in("access-1", "refresh-1");
    const auto tally = rig.call(10);
    rig.run();
    const auto open = rig.network().open_calls(kDashboard);
    REQUIRE(open.size() == 10);
    rig.end_session();
    rig.run();
    rig.log_in("other-1", "other-refresh-1");
    for (const auto& call : open) rig.network().answer(call.number, answer_with(status, "{}"));
    rig.run();
    INFO("status " << status);
    CHECK(tally->failures ==
          std::map<http::TransportFailure, int>{{http::TransportFailure::no_session, 10}});
    for (const int answers : tally->answers) CHECK(answers == 1);
    CHECK(rig.network().sent(kDashboard).size() == 10);
    CHECK(rig.network().sent(kRefresh).empty());
  }
}

TEST_CASE("a call whose replay is refused again is answered 401, and one more refresh is started") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    GatewayRig rig(seed);
    auto server = std::make_shared<TokenServer>();
    server->accepted = 3;
    rig.network().set_script([server](const auto& call) { return (*server)(call); });
    rig.log_in("access-1", "refresh-1");
    const auto tally = rig.call(20);
    rig.run();
    INFO("seed " << seed);
    for (const int answers : tally->answers) CHECK(answers <= 1);
    rig.advance(Duration{6'000});
    for (const int answers : tally->answers) CHECK(answers == 1);
    CHECK(tally->dead == 0);
    CHECK(tally->statuses.at(401) >= 1);
    CHECK(rig.network().sent(kRefresh).size() == 2);
    // Each was sent at most twice.
    CHECK(rig.network().sent(kDashboard).size() <= 40);
    // Whoever comes next has the third pair.
    const auto next = rig.call(1);
    rig.run();
    CHECK(next->statuses == std::map<int, int>{{200, 1}});
  }
}

TEST_CASE("nobody is logged in: no_session, and nothing is sent") {
  GatewayRig rig;
  const auto tally = rig.call(3);
  rig.run();
  CHECK(tally->failures ==
        std::map<http::TransportFailure, int>{{http::TransportFailure::no_session, 3}});
  CHECK(rig.network().sent(kDashboard).empty());
}

TEST_CASE(
    "the session ends with calls waiting for a token: they answer no_session, and none leaves "
    "with the next user's token (INV-A13, INV-A14)") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    GatewayRig rig(seed);
    rig.network().set_script([](const auto& call) -> std::optional<http::Answer> {
      if (call.request.target == kDashboard) return refused();
      return std::nullopt;  // the refresh stays open
    });
    rig.log_in("access-1", "refresh-1");
    const auto tally = rig.call(10);
    for (std::uint64_t i = 0; i < seed && rig.has_jobs(); ++i) rig.step_once();
    rig.end_session();
    rig.run();
    rig.log_in("other-1", "other-refresh-1");
    rig.run();
    INFO("seed " << seed);
    for (const auto& call : rig.network().sent(kDashboard))
      CHECK(bearer_of(call) == "Bearer access-1");
    for (const int answers : tally->answers) CHECK(answers == 1);
  }
}

}  // namespace
}  // namespace landfall::testing
