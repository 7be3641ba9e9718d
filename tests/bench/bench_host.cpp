#include "tests/bench/bench_host.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "mobile_glue/device_environment.hpp"
#include "mobile_glue/embed.hpp"
#include "mobile_glue/open.hpp"
#include "simulator/phone/desktop_ports.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {
namespace {

// Longer than anything takes on a busy machine; only a failure waits it out.
constexpr int kPatienceMs = 60'000;

std::string config_of(const HostOptions& options) {
  return dump_json(Json{{"directory", options.phone + "/engine"},
                        {"profile", options.profile},
                        {"origin", options.origin},
                        {"app_version", "1.0.0"},
                        {"platform", "ANDROID"},
                        {"os_version", "14"},
                        {"device_name", "bench"},
                        {"locale", "en-IN"},
                        {"zone", "Asia/Kolkata"}});
}

glue::Edges edges_of(const HostOptions& options, const host::Config& config) {
  glue::Edges edges = glue::device_edges(config);
  edges.environment.disk.vfs = options.vfs;
  if (options.caller == Caller::in_process) {
    edges.environment.scheduling = actors::Scheduling::stepped;
    edges.environment.transport = options.network;
    if (options.clock != nullptr) edges.environment.clock = options.clock;
  }
  return edges;
}

phone::SecretFile open_secrets(const std::string& path) {
  auto opened = phone::SecretFile::open(path);
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

// The number behind "ticket" of an acknowledgement; nothing when the text is something else. A host
// would parse the text, which costs the host and not the engine.
std::optional<std::int64_t> ticket_of(std::string_view text) {
  constexpr std::string_view kName = "\"ticket\":";
  const std::size_t at = text.rfind(kName);
  if (at == std::string_view::npos || text.find("\"result\":{") == std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t ticket = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + at + kName.size(), end, ticket);
  return read.ec == std::errc{} ? std::optional{ticket} : std::nullopt;
}

// Most events are nothing to a host that looks at no screen.
bool is_of_use(std::string_view text) {
  return text.find("\"event\":") == std::string_view::npos ||
         text.find("\"engine.state\"") != std::string_view::npos;
}

}  // namespace

BenchHost::BenchHost(const HostOptions& options)
    : network_(options.network),
      clock_(options.clock),
      secrets_(open_secrets(options.phone + "/keychain.json")) {
  char* error = nullptr;
  const std::string config = config_of(options);
  engine_ = glue::open_handle(config.c_str(), &error, [&](const host::Config& parsed) {
    return edges_of(options, parsed);
  });
  if (engine_ == nullptr) {
    const std::string text = error != nullptr ? error : "the engine does not open";
    landfall_free_text(error);
    throw std::runtime_error(text);
  }
  stepped_ = glue::stepped_of(engine_);
}

BenchHost::~BenchHost() { landfall_close(engine_); }

// In process the network speaks when the engine has nothing left to do or to say.
const char* BenchHost::next_message_if_any() {
  if (stepped_ == nullptr) return landfall_poll(engine_, kPatienceMs);
  do {
    while (stepped_->ready() > 0) (void)stepped_->step(0);
    if (const char* const text = landfall_poll(engine_, 0)) return text;
  } while (network_->serve());
  return nullptr;
}

std::string_view BenchHost::next_message() {
  const char* const text = next_message_if_any();
  if (text == nullptr) fail_of_silence();
  return text;
}

std::string BenchHost::explain_first() {
  try {
    const Json waiting = request("operations.list", {{"limit", 1}}).at("operations");
    if (waiting.empty()) return "nothing waits";
    return dump_json(request("operations.explain", {{"id", waiting.front().at("id")}}));
  } catch (const std::exception& error) {
    return error.what();
  }
}

// What waits says why, unless it is silent about that too.
void BenchHost::fail_of_silence() {
  const std::string problem = "the engine, " + state_ + ", has nothing to say";
  if (std::exchange(is_silent_, true)) throw std::runtime_error(problem);
  throw std::runtime_error(problem + ": " + explain_first());
}

void BenchHost::on_other(std::string_view text) {
  if (!is_of_use(text)) return;
  const Json message = Json::parse(text);
  if (message.value("event", "") == "engine.state") state_ = message["data"].value("state", "");
  if (message.contains("error")) throw std::runtime_error(std::string{text});
  if (!message.contains("question")) return;
  const Json answer = phone::answer_on_desktop(secrets_, message);
  if (landfall_send(engine_, dump_json(answer).c_str()) != LANDFALL_OK) {
    throw std::runtime_error("the engine takes no answer");
  }
}

void BenchHost::wait_for_state(std::string_view state) {
  while (state_ != state) on_other(next_message());
}

void BenchHost::wait_for_event(std::string_view name) {
  const std::string quoted = "\"event\":\"" + std::string{name} + "\"";
  while (true) {
    const std::string_view text = next_message();
    if (text.find(quoted) != std::string_view::npos) return;
    on_other(text);
  }
}

void BenchHost::hear_one() { on_other(next_message()); }

std::string_view BenchHost::ask(std::string_view name, std::string_view params) {
  const std::string id = std::to_string(++last_request_);
  const std::string reply = "\"reply\":" + id;
  std::string text = "{\"id\":" + id + ",\"request\":\"";
  text.append(name).append("\",\"params\":").append(params).append("}");
  if (landfall_send(engine_, text.c_str()) != LANDFALL_OK) {
    throw std::runtime_error("the engine takes no request");
  }
  while (true) {
    const std::string_view message = next_message();
    const std::size_t at = message.find(reply);
    if (at == std::string_view::npos) {
      on_other(message);
    } else if (message.starts_with("{\"error\"")) {
      throw std::runtime_error(std::string{message});
    } else {
      return message;
    }
  }
}

Json BenchHost::request(std::string_view name, Json params) {
  return Json::parse(ask(name, dump_json(params))).at("result");
}

void BenchHost::wait_until_settled() {
  while (!request("operations.list", {{"limit", 1}}).at("operations").empty()) {
  }
}

std::int64_t BenchHost::next_acknowledged() {
  while (true) {
    const std::string_view text = next_message();
    if (const auto ticket = ticket_of(text)) return *ticket;
    on_other(text);
  }
}

std::uint64_t BenchHost::live_for(Duration time) {
  const Instant end = clock_->now() + time;
  std::uint64_t wake_ups = 0;
  while (true) {
    while (const char* const text = next_message_if_any()) on_other(text);
    const Duration left = end - clock_->now();
    const auto timer = stepped_->next_timer();
    const bool fires = timer && *timer <= left;
    const Duration by = fires ? *timer : left;
    clock_->advance(by);
    stepped_->advance(by);
    if (!fires) return wake_ups;
    ++wake_ups;
  }
}

void BenchHost::wait_for(Duration time) {
  const std::int64_t end_ns = reference_now_ns() + time.count() * 1'000'000;
  while (true) {
    const auto left_ms = (end_ns - reference_now_ns()) / 1'000'000;
    if (left_ms <= 0) return;
    const char* const text = landfall_poll(engine_, static_cast<int>(left_ms));
    if (text != nullptr) on_other(text);
  }
}

}  // namespace landfall::bench
