#include "tests/bench/bench_host.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "mobile_glue/device_environment.hpp"
#include "mobile_glue/embed.hpp"
#include "mobile_glue/open.hpp"

namespace landfall::bench {
namespace {

// Longer than anything takes on a busy machine; only a failure waits it out.
constexpr int kPatienceMs = 60'000;

// Nobody listens on port 1, and no name server is asked.
std::string config_of(const HostOptions& options) {
  return dump_json(Json{{"directory", options.phone + "/engine"},
                        {"profile", "prokure"},
                        {"origin", "http://127.0.0.1:1"},
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

}  // namespace

BenchHost::BenchHost(const HostOptions& options)
    : network_(options.network), secrets_(open_secrets(options.phone + "/keychain.json")) {
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

std::string_view BenchHost::next_message() {
  if (stepped_ != nullptr) {
    do {
      while (stepped_->ready() > 0) (void)stepped_->step(0);
      network_->serve();
    } while (stepped_->ready() > 0);
  }
  const char* const text = landfall_poll(engine_, kPatienceMs);
  if (text == nullptr) throw std::runtime_error("the engine has nothing to say");
  return text;
}

void BenchHost::on_other(std::string_view text) {
  const Json message = Json::parse(text);
  if (message.value("event", "") == "engine.state") state_ = message["data"].value("state", "");
  if (message.contains("error")) throw std::runtime_error(std::string{text});
  if (!message.contains("question")) return;
  const std::string name = message["data"].value("name", "");
  Json result = Json::object();
  if (message["port"] == "secret.write") {
    const auto written = secrets_.write(name, message["data"].value("value", ""));
    if (!written) throw std::runtime_error(written.error().message);
  } else if (const auto value = secrets_.read(name)) {
    result = Json{{"status", "value"}, {"value", *value}};
  } else {
    result = Json{{"status", "absent"}};
  }
  const Json answer{{"answer", message["question"]}, {"result", std::move(result)}};
  if (landfall_send(engine_, dump_json(answer).c_str()) != LANDFALL_OK) {
    throw std::runtime_error("the engine takes no answer");
  }
}

void BenchHost::wait_for_state(std::string_view state) {
  while (state_ != state) on_other(next_message());
}

Json BenchHost::request(std::string_view name, Json params) {
  const std::int64_t id = ++last_request_;
  const Json request{{"id", id}, {"request", name}, {"params", std::move(params)}};
  if (landfall_send(engine_, dump_json(request).c_str()) != LANDFALL_OK) {
    throw std::runtime_error("the engine takes no request");
  }
  while (true) {
    const std::string_view text = next_message();
    on_other(text);
    Json message = Json::parse(text);
    if (message.value("reply", std::int64_t{0}) == id) return std::move(message["result"]);
  }
}

std::int64_t BenchHost::next_acknowledged() {
  while (true) {
    const std::string_view text = next_message();
    if (const auto ticket = ticket_of(text)) return *ticket;
    on_other(text);
  }
}

}  // namespace landfall::bench
