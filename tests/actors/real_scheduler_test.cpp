#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/runtime.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/host/config.hpp"
#include "mobile_glue/device_environment.hpp"
#include "simulator/backend/backend.hpp"

namespace landfall::testing {
namespace {

class TemporaryDirectory final {
 public:
  TemporaryDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "landfall-actors-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The reference backend behind a thread of its own, as sockets would be.
class ThreadedBackend final : public actors::Transport {
 public:
  explicit ThreadedBackend(const actors::Clock& clock) : clock_(clock) {
    auto opened = backend::Backend::open({}, random_, clock_.now());
    REQUIRE(opened);
    backend_ = std::move(*opened);
    thread_ = std::thread([this] { serve(); });
  }
  ~ThreadedBackend() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_.notify_all();
    thread_.join();
  }
  ThreadedBackend(const ThreadedBackend&) = delete;
  ThreadedBackend& operator=(const ThreadedBackend&) = delete;

  void start(std::uint64_t call, const http::Request& request, Duration, std::size_t,
             Done done) override {
    {
      const std::lock_guard lock(mutex_);
      open_.push_back({call, request, std::move(done)});
    }
    arrived_.notify_one();
  }
  void cancel(std::uint64_t call) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [&](const Open& open) { return open.call == call; });
  }

 private:
  struct Open {
    std::uint64_t call;
    http::Request request;
    Done done;
  };

  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_.wait(lock, [this] { return closed_ || !open_.empty(); });
      if (closed_) return;
      Open open = std::move(open_.front());
      open_.pop_front();
      // `done` only sends a message, so that the lock may be held: a cancel waits for it.
      open.done({backend_->handle(open.request, clock_.now()), std::nullopt});
    }
  }

  const actors::Clock& clock_;
  LibsodiumRandom random_;
  std::unique_ptr<backend::Backend> backend_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Open> open_;
  bool closed_ = false;
  std::thread thread_;
};

// The polling side of a host.
class Host final {
 public:
  explicit Host(actors::Runtime& runtime) : runtime_(runtime) {}

  // Polls until `done`; fails when the engine says nothing for half a minute.
  template <class Done>
  void poll_until(Done done) {
    while (!done()) {
      auto text = runtime_.poll(Duration{30'000});
      REQUIRE(text);
      on_message(Json::parse(*text));
    }
  }
  void drain() {
    while (auto text = runtime_.poll(Duration{0})) on_message(Json::parse(*text));
  }

  std::string engine_state;
  std::map<std::int64_t, std::vector<Json>> replies;
  std::map<std::int64_t, std::vector<Json>> tickets;

 private:
  void on_message(const Json& message) {
    if (message.contains("reply")) replies[message["reply"]].push_back(message);
    if (message.contains("event") && message["event"] == "engine.state")
      engine_state = message["data"]["state"];
    if (message.contains("ticket")) tickets[message["ticket"]].push_back(message);
    if (!message.contains("question")) return;
    const std::string name = message["data"]["name"];
    Json result = Json::object();
    if (message["port"] == "secret.write") {
      keychain_[name] = message["data"]["value"];
    } else if (const auto found = keychain_.find(name); found != keychain_.end()) {
      result = {{"status", "value"}, {"value", found->second}};
    } else {
      result = {{"status", "absent"}};
    }
    REQUIRE(runtime_.submit(dump_json(Json{{"answer", message["question"]}, {"result", result}})) ==
            actors::Submitted::accepted);
  }

  actors::Runtime& runtime_;
  std::map<std::string, std::string> keychain_;
};

std::string new_requisition(const actors::Clock& clock) {
  LibsodiumRandom random;
  const auto id = [&] { return to_text(make_id<OperationId>(clock.now(), random)); };
  const std::string operation = id();
  const std::string entity = id();
  return dump_json(Json{{"id", operation},
                        {"entity_type", "pr"},
                        {"entity_id", entity},
                        {"action", "create"},
                        {"payload", {{"title", "Cement"}}}});
}

TEST_CASE(
    "pool: a thousand enqueues from four threads on a real directory are each acknowledged "
    "once, and are there after a close") {
  constexpr int kThreads = 4;
  constexpr int kEach = 250;
  TemporaryDirectory directory;
  auto config = host::parse_config(dump_json(Json{{"directory", directory.path() + "/engine"},
                                                  {"profile", "prokure"},
                                                  {"app_version", "1.0.0"},
                                                  {"platform", "ANDROID"},
                                                  {"os_version", "14"},
                                                  {"device_name", "pool"},
                                                  {"locale", "en-IN"},
                                                  {"zone", "Asia/Kolkata"}}));
  REQUIRE(config);
  auto edges = glue::device_edges(*config);
  const auto& clock = *edges.environment.clock;
  ThreadedBackend backend(clock);
  edges.environment.transport = &backend;
  auto opened = actors::Runtime::open(*config, edges.environment);
  REQUIRE(opened);
  auto& runtime = **opened;
  Host host(runtime);
  host.poll_until([&] { return host.engine_state == "locked"; });
  const auto& who = backend::Backend::seed_users().front();
  REQUIRE(runtime.submit(
              dump_json(Json{{"id", 1},
                             {"request", "session.login"},
                             {"params", {{"email", who.email}, {"password", who.password}}}})) ==
          actors::Submitted::accepted);
  host.poll_until([&] { return host.replies.contains(1); });
  INFO(host.replies[1].front().dump());
  REQUIRE(host.replies[1].front().contains("result"));

  std::mutex mutex;
  std::set<std::int64_t> tickets;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const std::string params = new_requisition(clock);
        std::int64_t ticket = 0;
        // Busy: so many replies wait to be polled.
        while ((ticket = runtime.enqueue(params)) == 0) std::this_thread::yield();
        const std::lock_guard lock(mutex);
        tickets.insert(ticket);
      }
    });
  }
  host.poll_until([&] { return host.tickets.size() == kThreads * kEach; });
  for (auto& thread : threads) thread.join();
  CHECK(tickets.size() == kThreads * kEach);
  std::set<std::int64_t> commits;
  for (const auto ticket : tickets) {
    REQUIRE(host.tickets[ticket].size() == 1);
    const Json& reply = host.tickets[ticket].front();
    REQUIRE(reply.contains("result"));
    commits.insert(reply["result"]["commit_seq"].get<std::int64_t>());
  }
  CHECK(commits.size() <= kThreads * kEach);

  // Once more with requests open at the close: each is answered, before or by it.
  for (std::int64_t id = 100; id < 150; ++id) {
    REQUIRE(runtime.submit(dump_json(Json{{"id", id},
                                          {"request", "documents.query"},
                                          {"params", {{"type", "pr"}, {"limit", 5}}}})) ==
            actors::Submitted::accepted);
  }
  runtime.close();
  host.drain();
  for (std::int64_t id = 100; id < 150; ++id) CHECK(host.replies[id].size() == 1);
  CHECK(runtime.enqueue(new_requisition(clock)) < 0);
  CHECK_FALSE(runtime.poll(Duration{1'000}).has_value());

  // The directory is free again, and its files open.
  auto again = actors::Runtime::open(*config, edges.environment);
  REQUIRE(again);
  (*again)->close();
}

}  // namespace
}  // namespace landfall::testing
