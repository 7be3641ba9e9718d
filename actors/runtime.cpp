#include "actors/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/logger.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/api.hpp"
#include "actors/api_routes.hpp"
#include "actors/disk_space.hpp"
#include "actors/open_directory.hpp"
#include "actors/poll_queue.hpp"
#include "actors/stepped.hpp"
#include "actors/supervisor.hpp"
#include "engine/base/assert.hpp"
#include "engine/host/enqueue_text.hpp"
#include "engine/host/incoming.hpp"
#include "engine/host/outgoing.hpp"
#include "engine/store/meta_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

caf::actor_system_config& configured(caf::actor_system_config& config, Scheduling scheduling) {
  // `stealing` polls and wakes an idle phone 200 times a second; `sharing` sleeps until there is
  // work. Four threads keep a checkpoint or a migration from holding up the rest.
  config.set("scheduler.policy",
             scheduling == Scheduling::stepped ? caf::atom("testing") : caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{4});
  config.set("logger.verbosity", caf::atom("quiet"));
  return config;
}

// The id of this installation: made once, durable before anything uses it (P-21).
Result<std::string> device_id_of(store::Database& device, const Environment& environment) {
  return device.write("runtime.install", store::Durability::durable,
                      [&](store::Transaction& tx) -> Result<std::string> {
                        LANDFALL_TRY_ASSIGN(auto known, store::MetaTable::get(tx, "install_id"));
                        if (known) return *known;
                        const auto id = to_text(make_id<Uuid<struct InstallTag>>(
                            environment.clock->now(), *environment.secure_random));
                        LANDFALL_TRY(store::MetaTable::set(tx, "install_id", id));
                        return id;
                      });
}

profile::Variables facts_of(const host::Config& config, const std::string& device_id) {
  return {{"device_id", device_id},
          {"app_version", config.app_version},
          {"platform", config.platform},
          {"os_version", config.os_version},
          {"zone", config.zone}};
}

class CafRuntime final : public SteppedRuntime {
 public:
  struct Opened {
    SharedCore core;
    OpenDirectory directory;
  };

  explicit CafRuntime(Opened opened)
      : core_(std::move(opened.core)),
        scheduling_(core_->environment.scheduling),
        system_(std::in_place, configured(config_, scheduling_)) {
    if (scheduling_ == Scheduling::stepped) {
      coordinator_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system_->scheduler());
      LANDFALL_ASSERT(coordinator_ != nullptr);
      // At time zero the test clock takes a delay of zero for "no timer".
      coordinator_->clock().current_time += std::chrono::hours(1);
      system_->await_actors_before_shutdown(false);
    }
    if (scheduling_ == Scheduling::pool) core_->slow_worker->use_thread();
    api_ = system_->spawn(api, core_);
    disk_space_ = system_->spawn(disk_space, core_, api_);
    supervisor_ = system_->spawn(supervisor, core_, api_, disk_space_, std::move(opened.directory));
    forget_logger();
  }

  ~CafRuntime() override {
    close();
    core_->poll_queue->clear();
  }

  Submitted submit(std::string_view message) override {
    if (closed_) return Submitted::closed;
    auto incoming = host::parse_incoming(message);
    const std::shared_lock entered(door_);
    if (closed_) return Submitted::closed;
    if (incoming && std::holds_alternative<host::Answer>(*incoming)) {
      caf::anon_send(api_, HostAnswer{std::move(std::get<host::Answer>(*incoming))});
      return Submitted::accepted;
    }
    if (!core_->poll_queue->reserve_reply()) return Submitted::busy;
    if (incoming) {
      pass_on({std::move(std::get<host::Request>(*incoming)), false});
    } else {
      core_->poll_queue->push_reply(
          host::reply_error_text(incoming.error().reply, incoming.error().error));
    }
    return Submitted::accepted;
  }

  std::int64_t enqueue(std::string_view params_text) override {
    if (closed_) return -1;
    auto operation = host::read_enqueue(params_text);
    std::optional<Result<std::shared_ptr<const Json>>> params;
    if (!operation) params = host::parse_params(kEnqueue, params_text);
    const std::shared_lock entered(door_);
    if (closed_) return -1;
    if (!core_->poll_queue->reserve_reply()) return 0;
    const std::int64_t ticket = ++last_ticket_;
    if (operation) {
      pass_on(ticket, std::move(*operation));
    } else if (*params) {
      pass_on({{ticket, std::string{kEnqueue}, std::move(**params)}, true});
    } else {
      core_->poll_queue->push_reply(host::ticket_text(ticket, failure(params->error())));
    }
    return ticket;
  }

  std::optional<std::string> poll(Duration timeout) override {
    return core_->poll_queue->pop(scheduling_ == Scheduling::stepped ? Duration{0} : timeout);
  }

  Suspended suspend(Duration deadline) override {
    const std::shared_lock entered(door_);
    if (closed_) return Suspended::closed;
    deadline = std::max(deadline, Duration{0});
    const auto done = ask_supervisor(Suspend{Asker::host, deadline}, caf::duration{deadline});
    return done ? Suspended::done : Suspended::late;
  }

  Status resume() override {
    const std::shared_lock entered(door_);
    if (closed_) return failure(ErrorClass::busy, "engine.closing", "the engine is closing");
    const auto resumed = ask_supervisor(Resume{}, caf::infinite);
    if (resumed || scheduling_ == Scheduling::stepped) return resumed.value_or(Status{});
    return failure(ErrorClass::internal, "engine.failed", "the engine has stopped");
  }

  WindowBegun run_window(Duration budget) override {
    const std::shared_lock entered(door_);
    if (closed_) return WindowBegun::closed;
    if (!core_->windows->begin_window()) return WindowBegun::busy;
    caf::anon_send(supervisor_, RunWindow{budget});
    return WindowBegun::begun;
  }

  std::optional<Instant> next_window() const override {
    return core_->windows->next_window(core_->now());
  }

  void close() override {
    if (!shut_the_door()) return;
    if (scheduling_ == Scheduling::stepped) {
      close_stepped();
    } else {
      (void)ask_supervisor(Shutdown{}, caf::infinite);
    }
    leave();
  }

  std::size_t ready() const override {
    return coordinator_ != nullptr ? coordinator_->jobs.size() : 0;
  }

  std::string_view step(std::size_t pick) override {
    LANDFALL_ASSERT(pick < ready());
    auto& jobs = coordinator_->jobs;
    if (pick != 0) std::swap(jobs[0], jobs[pick]);
    const auto* actor = dynamic_cast<caf::local_actor*>(jobs.front());
    const std::string_view name = actor != nullptr ? actor->name() : "";
    coordinator_->try_run_once();
    return name;
  }

  void advance(Duration by) override {
    if (coordinator_ != nullptr) coordinator_->clock().advance_time(by);
  }

  std::optional<Duration> next_timer() const override {
    if (coordinator_ == nullptr) return std::nullopt;
    const auto& schedule = coordinator_->clock().schedule();
    if (schedule.empty()) return std::nullopt;
    const auto left = schedule.begin()->first - coordinator_->clock().current_time;
    return std::max(std::chrono::ceil<Duration>(left), Duration{0});
  }

  void abandon() override {
    LANDFALL_ASSERT(scheduling_ == Scheduling::stepped);
    if (!shut_the_door()) return;
    coordinator_->clock().cancel_all();
    // The supervisor goes first: it passes the kill on before any actor handles another message.
    // `kill` itself would end it without a word.
    caf::anon_send_exit(supervisor_, caf::exit_reason::unhandled_exception);
    coordinator_->prioritize(supervisor_);
    run_out();
    leave();
  }

 private:
  // After it no submit is under way and none will be. False when it was shut before.
  bool shut_the_door() {
    // First the flag, which turns newcomers away, then the wait for those inside: a lock that
    // prefers readers would keep the writer out for as long as somebody sends.
    if (closed_.exchange(true)) return false;
    const std::unique_lock alone(door_);
    return true;
  }

  // An operation goes straight to the queue of the open partition, everything else to `api`.
  void pass_on(HostRequest request) {
    if (request.request.name == kEnqueue) {
      if (const auto way = core_->enqueue_door->enter()) {
        const auto reply = open_reply(request.request.id, request.ticket);
        return hand_in(core_->profile(), *request.request.params, reply, *way);
      }
    }
    caf::anon_send(api_, std::move(request));
  }
  void pass_on(std::int64_t ticket, host::EnqueueText operation) {
    if (const auto way = core_->enqueue_door->enter())
      return hand_in(core_->profile(), std::move(operation), open_reply(ticket, true), *way);
    auto params = std::make_shared<const Json>(operation.params.root().tree());
    caf::anon_send(api_, HostRequest{{ticket, std::string{kEnqueue}, std::move(params)}, true});
  }

  [[nodiscard]] Reply open_reply(std::int64_t id, bool is_ticket) const {
    return std::make_shared<OpenReply>(core_->poll_queue, id, is_ticket);
  }

  // Its answer, or nothing when none came in time. Stepped: nobody answers before the next step.
  template <class Question>
  std::optional<Status> ask_supervisor(Question question, caf::duration timeout) {
    if (scheduling_ == Scheduling::stepped) {
      caf::anon_send(supervisor_, std::move(question));
      return std::nullopt;
    }
    std::optional<Status> answered;
    {
      caf::scoped_actor self{*system_};
      self->request(supervisor_, timeout, std::move(question))
          .receive([&](const Status& status) { answered = status; }, [](const caf::error&) {});
    }
    forget_logger();
    return answered;
  }

  // The system's logger is kept by each thread that spawned last, and the system's end waits for
  // it: an engine that was used on one thread could not be closed on another.
  static void forget_logger() { caf::logger::set_current_actor_system(nullptr); }

  void close_stepped() {
    caf::anon_send(supervisor_, Shutdown{});
    run_out();
  }

  void run_out() {
    while (coordinator_->try_run_once()) {
    }
    coordinator_->clock().cancel_all();
  }

  // With the system go its threads and, as it waits for all actors, the last replies, files and the
  // directory's lock.
  void leave() {
    supervisor_ = nullptr;
    disk_space_ = nullptr;
    api_ = nullptr;
    core_->enqueue_door->shut();
    core_->slow_worker->stop();
    coordinator_ = nullptr;
    system_.reset();
    core_->poll_queue->close();
  }

  SharedCore core_;
  Scheduling scheduling_;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;  // none once closed
  caf::scheduler::test_coordinator* coordinator_ =
      nullptr;  // owned by the system; null with a pool
  ApiActor api_;
  DiskSpaceActor disk_space_;
  SupervisorActor supervisor_;
  std::atomic<std::int64_t> last_ticket_{0};
  std::shared_mutex door_;  // shared by whoever hands something in, taken alone by close
  std::atomic<bool> closed_{false};
};

Result<std::unique_ptr<CafRuntime>> open_runtime(host::Config config, Environment environment) {
  auto signals = std::make_shared<StoreSignals>();
  LANDFALL_TRY_ASSIGN(auto directory,
                      open_directory(environment, config.directory, signals->device()));
  LANDFALL_TRY_ASSIGN(std::string device_id, device_id_of(*directory.device, environment));
  auto core = std::make_shared<Core>();
  core->facts = facts_of(config, device_id);
  core->device_id = std::move(device_id);
  core->config = std::move(config);
  core->environment = std::move(environment);
  core->poll_queue = std::make_shared<PollQueue>(
      PollQueue::Bounds{limits::kPollEventsMax, limits::kOpenRequestsMax});
  core->enqueue_door = std::make_shared<EnqueueDoor>();
  core->signals = std::move(signals);
  return std::make_unique<CafRuntime>(CafRuntime::Opened{std::move(core), std::move(directory)});
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::open(host::Config config, Environment environment) {
  LANDFALL_TRY_ASSIGN(auto runtime, open_runtime(std::move(config), std::move(environment)));
  return std::unique_ptr<Runtime>{std::move(runtime)};
}

Result<std::unique_ptr<SteppedRuntime>> open_stepped(host::Config config, Environment environment) {
  environment.scheduling = Scheduling::stepped;
  LANDFALL_TRY_ASSIGN(auto runtime, open_runtime(std::move(config), std::move(environment)));
  return std::unique_ptr<SteppedRuntime>{std::move(runtime)};
}

}  // namespace landfall::actors
