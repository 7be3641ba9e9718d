#include "tests/actors/pool_rig.hpp"

#include <filesystem>
#include <utility>

#include <stdlib.h>

#include <catch2/catch.hpp>

#include "engine/base/ids.hpp"
#include "mobile_glue/device_environment.hpp"

namespace landfall::testing {
namespace {

// Longer than anything takes, also under the sanitizers on a busy machine; only a failure waits it
// out.
constexpr Duration kPatience{30'000};

std::string make_directory() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "landfall-actors-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

host::Config config_for(const std::string& directory, const std::string& origin) {
  Json text{{"directory", directory + "/engine"},
            {"profile", "prokure"},
            {"app_version", "1.0.0"},
            {"platform", "ANDROID"},
            {"os_version", "14"},
            {"device_name", "pool"},
            {"locale", "en-IN"},
            {"zone", "Asia/Kolkata"}};
  if (!origin.empty()) text["origin"] = origin;
  auto config = host::parse_config(dump_json(text));
  REQUIRE(config);
  return std::move(*config);
}

std::string request_text(std::int64_t id, const std::string& request, const Json& params) {
  return dump_json(Json{{"id", id}, {"request", request}, {"params", params}});
}

}  // namespace

// --- the backend

ThreadedBackend::ThreadedBackend(const actors::Clock& clock) : clock_(clock) {
  auto opened = backend::Backend::open({}, random_, clock_.now());
  REQUIRE(opened);
  backend_ = std::move(*opened);
  thread_ = std::thread([this] { serve(); });
}

ThreadedBackend::~ThreadedBackend() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
  thread_.join();
}

void ThreadedBackend::start(std::uint64_t call, const http::Request& request, Duration, std::size_t,
                            Done done) {
  {
    const std::lock_guard lock(mutex_);
    open_.push_back({call, request, std::move(done)});
  }
  arrived_.notify_one();
}

void ThreadedBackend::cancel(std::uint64_t call) {
  const std::lock_guard lock(mutex_);
  std::erase_if(open_, [&](const Open& open) { return open.call == call; });
}

void ThreadedBackend::with_backend(const std::function<void(backend::Backend&, Instant)>& look) {
  const std::lock_guard lock(mutex_);
  look(*backend_, clock_.now());
}

void ThreadedBackend::serve() {
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

// --- the device

PoolRig::PoolRig(const Options& options)
    : directory_(make_directory()),
      config_(config_for(directory_, options.origin)),
      edges_(glue::device_edges(config_)) {
  edges_.environment.disk.vfs = options.vfs;
  if (!options.origin.empty()) return;
  backend_ = std::make_unique<ThreadedBackend>(clock());
  edges_.environment.transport = backend_.get();
}

PoolRig::~PoolRig() {
  runtime_.reset();
  std::filesystem::remove_all(directory_);
}

void PoolRig::open() {
  runtime_.reset();
  replies.clear();
  tickets.clear();
  engine_states.clear();
  auto opened = actors::Runtime::open(config_, edges_.environment);
  REQUIRE(opened);
  runtime_ = std::move(*opened);
}

bool PoolRig::poll_once(Duration timeout) {
  const auto text = runtime_->poll(timeout);
  if (text) on_message(Json::parse(*text));
  return text.has_value();
}

void PoolRig::poll_until(const std::function<bool()>& done) {
  while (!done()) REQUIRE(poll_once(kPatience));
}

void PoolRig::ask_until(const std::function<bool()>& done) {
  constexpr Duration kMoment{250};
  const Instant began = clock().now();
  while (!done()) {
    (void)poll_once(kMoment);
    REQUIRE(clock().now() - began < 4 * kPatience);
  }
}

void PoolRig::poll_to_the_end() {
  while (poll_once(kPatience)) {
  }
}

Json PoolRig::call(const std::string& request, const Json& params) {
  const std::int64_t id = ++last_id_;
  REQUIRE(runtime_->submit(request_text(id, request, params)) == actors::Submitted::accepted);
  poll_until([&] { return replies.contains(id); });
  return replies[id].front();
}

std::string PoolRig::login_request(std::int64_t id) {
  const auto& who = backend::Backend::seed_users().front();
  return request_text(id, "session.login", {{"email", who.email}, {"password", who.password}});
}

void PoolRig::log_in() {
  poll_until([&] { return !engine_states.empty() && engine_states.back() == "locked"; });
  const std::int64_t id = ++last_id_;
  REQUIRE(runtime_->submit(login_request(id)) == actors::Submitted::accepted);
  poll_until([&] { return replies.contains(id); });
  INFO(replies[id].front().dump());
  REQUIRE(replies[id].front().contains("result"));
}

void PoolRig::on_message(const Json& message) {
  if (message.contains("reply")) replies[message["reply"]].push_back(message);
  if (message.contains("ticket")) tickets[message["ticket"]].push_back(message);
  if (message.contains("event") && message["event"] == "engine.state")
    engine_states.push_back(message["data"]["state"]);
  if (message.contains("question")) answer(message);
}

// An answer that comes after a close is refused, as it should be.
void PoolRig::answer(const Json& question) {
  const std::string name = question["data"]["name"];
  Json result = Json::object();
  if (question["port"] == "secret.write") {
    keychain_[name] = question["data"]["value"];
  } else if (const auto found = keychain_.find(name); found != keychain_.end()) {
    result = {{"status", "value"}, {"value", found->second}};
  } else {
    result = {{"status", "absent"}};
  }
  (void)runtime_->submit(dump_json(Json{{"answer", question["question"]}, {"result", result}}));
}

Json new_requisition(const actors::Clock& clock) {
  LibsodiumRandom random;
  const auto id = [&] { return to_text(make_id<OperationId>(clock.now(), random)); };
  const std::string operation = id();
  return Json{{"id", operation},
              {"entity_type", "pr"},
              {"entity_id", id()},
              {"action", "create"},
              {"payload", {{"title", "Cement"}}}};
}

}  // namespace landfall::testing
