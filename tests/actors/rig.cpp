#include "tests/actors/rig.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <catch2/catch.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/ids.hpp"
#include "engine/host/config.hpp"
#include "simulator/phone/secure_hardware.hpp"

namespace landfall::testing {
namespace {

constexpr const char* kDirectory = "/phone";
constexpr Instant kStart{1'767'225'600'000};

std::array<std::byte, 32> seed_of(unsigned char fill) {
  std::array<std::byte, 32> seed{};
  seed.fill(std::byte{fill});
  return seed;
}

std::unique_ptr<backend::Backend> open_backend(backend::BackendOptions options,
                                               SecureRandom& random) {
  auto opened = backend::Backend::open(std::move(options), random, kStart);
  REQUIRE(opened);
  return std::move(*opened);
}

}  // namespace

http::Answer answer_with(int status, std::string body, std::string content_type) {
  return {http::Response{status, {{"Content-Type", std::move(content_type)}}, std::move(body)},
          std::nullopt};
}

http::Answer answer_with(http::TransportFailure failure) { return {std::nullopt, failure}; }

Rig::Rig(backend::BackendOptions options)
    : clock_(kStart),
      random_(seed_of(1)),
      backend_random_(seed_of(2)),
      disk_([random = std::make_shared<Random>(7)] { return random->next(); },
            [this] { return clock_.now().unix_ms; }),
      network_(clock_),
      backend_(open_backend(std::move(options), backend_random_)) {
  network_.set_script([this](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    if (!online_) return answer_with(http::TransportFailure::not_sent);
    const auto found = scripts_.find(call.request.target);
    if (found != scripts_.end()) return found->second(call);
    return to_backend()(call);
  });
}

Rig::~Rig() { runtime_.reset(); }

// --- the process

actors::Environment Rig::environment() {
  actors::Environment environment;
  environment.clock = &clock_;
  environment.scheduling = actors::Scheduling::stepped;
  environment.transport = &network_;
  environment.disk.vfs = disk_.vfs_name();
  environment.disk.files = &disk_.files();
  environment.disk.lock = [this](const std::string& directory) -> Result<std::shared_ptr<void>> {
    auto lock = disk_.lock_directory(directory);
    if (!lock) return failure(ErrorClass::refused, "directory.locked", "it is taken");
    return std::static_pointer_cast<void>(std::make_shared<world::DirectoryLock>(std::move(*lock)));
  };
  environment.secure_random = &random_;
  environment.jitter_seed = 1;
  return environment;
}

void Rig::boot() {
  const Json config{{"directory", kDirectory}, {"profile", profile_},   {"app_version", "1.0.0"},
                    {"platform", "ANDROID"},   {"os_version", "14"},    {"device_name", "rig"},
                    {"locale", "en-IN"},       {"zone", "Asia/Kolkata"}};
  auto parsed = host::parse_config(dump_json(config));
  REQUIRE(parsed);
  auto opened = actors::open_stepped(std::move(*parsed), environment());
  if (!opened) FAIL("cannot open: " << opened.error().code);
  runtime_ = std::move(*opened);
  settle();
}

void Rig::close() {
  runtime_->close();
  is_closed_ = true;
  read_messages();
  is_closed_ = false;
  runtime_.reset();
  network_.forget_calls();
}

void Rig::kill() {
  disk_.kill();
  runtime_->abandon();
  runtime_.reset();
  network_.forget_calls();
  disk_.revive();
}

void Rig::step() {
  (void)runtime_->step(order_ ? static_cast<std::size_t>(order_->below(runtime_->ready())) : 0);
}

void Rig::settle() {
  do {
    while (runtime_->ready() > 0) step();
    read_messages();
  } while (runtime_->ready() > 0 || network_.pump());
}

void Rig::advance(Duration by) {
  const Instant until = clock_.now() + by;
  settle();
  while (clock_.now() < until) {
    Instant next = until;
    if (const auto timer = runtime_->next_timer()) {
      const auto scaled = static_cast<double>(timer->count()) * clock_.speed();
      next = std::min(next, clock_.now() + Duration{std::max<std::int64_t>(
                                               1, static_cast<std::int64_t>(scaled))});
    }
    if (const auto deadline = network_.next_deadline())
      next = std::min(next, std::max(*deadline, clock_.now() + Duration{1}));
    const Duration step = next - clock_.now();
    clock_.advance(step);
    runtime_->advance(Duration{
        static_cast<std::int64_t>(static_cast<double>(step.count()) / clock_.speed() + 0.999)});
    settle();
  }
}

// --- the host

std::int64_t Rig::ask(const std::string& name, Json params) {
  const std::int64_t id = ++last_request_;
  const Json request{{"id", id}, {"request", name}, {"params", std::move(params)}};
  REQUIRE(runtime_->submit(dump_json(request)) == actors::Submitted::accepted);
  return id;
}

Json Rig::call(const std::string& name, Json params) {
  const std::int64_t id = ask(name, std::move(params));
  settle();
  INFO(name);
  REQUIRE(replies(id).size() == 1);
  return reply(id);
}

Json Rig::reply(std::int64_t id) {
  const auto& all = replies_[id];
  return all.size() == 1 ? all.front() : Json();
}

void Rig::read_messages() {
  while (auto text = runtime_->poll(Duration{0})) on_message(*text);
}

void Rig::on_message(const std::string& text) {
  Json message = Json::parse(text);
  messages_.push_back(message);
  if (message.contains("reply") && message["reply"].is_number()) {
    replies_[message["reply"].get<std::int64_t>()].push_back(message);
  } else if (message.contains("question") && !is_closed_) {
    const auto port = message["port"].get<std::string>();
    auto result = port_ ? port_(port, message["data"])
                        : std::optional<Json>{keychain_answer(port, message["data"])};
    if (result) answer(message["question"].get<std::int64_t>(), std::move(*result));
  }
}

Json Rig::keychain_answer(const std::string& port, const Json& data) {
  const auto name = data.value("name", "");
  if (port == "secret.write") {
    keychain_[name] = data.value("value", "");
    return Json::object();
  }
  if (port == "secret.remove") {
    keychain_.erase(name);
    return Json::object();
  }
  const phone::Vault vault{[this](const std::string& key) -> std::optional<std::string> {
                             const auto kept = keychain_.find(key);
                             if (kept == keychain_.end()) return std::nullopt;
                             return kept->second;
                           },
                           [this](const std::string& key, const std::string& value) {
                             keychain_[key] = value;
                             return true;
                           }};
  if (const auto result = phone::answer_hardware(port, data, vault, random_)) return *result;
  const auto found = keychain_.find(name);
  if (found == keychain_.end()) return Json{{"status", "absent"}};
  return Json{{"status", "value"}, {"value", found->second}};
}

void Rig::answer(std::int64_t question, Json result) {
  const Json message{{"answer", question}, {"result", std::move(result)}};
  REQUIRE(runtime_->submit(dump_json(message)) == actors::Submitted::accepted);
}

std::vector<Json> Rig::events(std::string_view name) const {
  std::vector<Json> found;
  for (const auto& message : messages_) {
    if (message.contains("event") && message["event"] == name) found.push_back(message["data"]);
  }
  return found;
}

std::string Rig::session_status() const {
  const auto all = events("session.status");
  return all.empty() ? "" : all.back()["status"].get<std::string>();
}

std::string Rig::engine_state() const {
  const auto all = events("engine.state");
  return all.empty() ? "" : all.back()["state"].get<std::string>();
}

// --- the user

const backend::SeedUser& Rig::user(std::size_t index) {
  return backend::Backend::seed_users().at(index);
}

Json Rig::login(std::size_t index) {
  const auto& who = user(index);
  return call("session.login", {{"email", who.email}, {"password", who.password}});
}

Json Rig::new_requisition() {
  return Json{{"id", make_id()},
              {"entity_type", "pr"},
              {"entity_id", make_id()},
              {"action", "create"},
              {"payload", {{"title", "Cement"}}}};
}

std::string Rig::enqueue_requisition() {
  const Json params = new_requisition();
  const Json reply = call("operations.enqueue", params);
  INFO(reply.dump());
  REQUIRE(reply.contains("result"));
  return params["id"].get<std::string>();
}

std::map<std::string, int> Rig::states() {
  std::map<std::string, int> counts;
  const Json reply = call("operations.list", {{"settled", true}, {"limit", 500}});
  INFO(reply.dump());
  REQUIRE(reply.contains("result"));
  for (const auto& operation : reply["result"]["operations"])
    ++counts[operation["state"].get<std::string>()];
  return counts;
}

// --- the world

ScriptedTransport::Script Rig::to_backend() {
  return [this](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    return http::Answer{backend_->handle(call.request, clock_.now()), std::nullopt};
  };
}

void Rig::script(const std::string& target, ScriptedTransport::Script script) {
  scripts_[target] = std::move(script);
}

void Rig::script(const std::string& target, http::Answer answer) {
  scripts_[target] = [answer](const ScriptedTransport::Call&) -> std::optional<http::Answer> {
    return answer;
  };
}

void Rig::set_online(bool online) {
  online_ = online;
  (void)call("network.hint", {{"up", online}});
}

std::string Rig::make_id() {
  return to_text(landfall::make_id<OperationId>(clock_.now(), random_));
}

std::vector<std::string> Rig::partition_files() const {
  std::vector<std::string> names;
  for (const auto& name : disk_.list_files()) {
    if (name.find("/partitions/") != std::string::npos && name.ends_with(".db"))
      names.push_back(name);
  }
  return names;
}

std::uint64_t Rig::partition_syncs() const {
  std::uint64_t syncs = 0;
  for (const auto& name : partition_files())
    syncs += disk_.syncs(name) + disk_.syncs(name + "-wal");
  return syncs;
}

}  // namespace landfall::testing
