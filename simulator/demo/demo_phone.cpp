#include "simulator/demo/demo_phone.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/json.hpp"
#include "mobile_glue/device_environment.hpp"
#include "mobile_glue/open.hpp"
#include "simulator/demo/observed_transport.hpp"
#include "simulator/phone/desktop_ports.hpp"

namespace landfall::demo {
namespace {

constexpr int kPollMs = 200;
// A deadline may be ended from outside, and what `done` looks at is not only the phone's.
constexpr std::chrono::milliseconds kLookAgain{50};
// What is asked once the run is over, to say why.
constexpr std::chrono::seconds kLastWords{5};

// The edges of a device with a look at its calls. The device goes first, and its thread with it.
struct ObservedEdges {
  ObservedTransport transport;
  glue::Edges device;
};

Error error_of(const Json& reply) {
  const Json& error = reply["error"];
  return {ErrorClass::refused, error.value("code", ""), error.value("message", "")};
}

tl::unexpected<Error> over(const std::string& what) {
  return failure(ErrorClass::internal, "demo.deadline", "no time is left to wait for " + what);
}

}  // namespace

DemoPhone::DemoPhone(std::string directory, const Deadline& deadline, Watchers watchers)
    : deadline_(deadline), watchers_(std::move(watchers)) {
  auto secrets = phone::SecretFile::open(std::move(directory) + "/keychain.json");
  if (secrets) secrets_ = std::move(*secrets);
}

Result<std::unique_ptr<DemoPhone>> DemoPhone::open(const Json& config, glue::Pace pace,
                                                   const Deadline& deadline, Watchers watchers) {
  std::unique_ptr<DemoPhone> phone(
      new DemoPhone(config.value("directory", ""), deadline, std::move(watchers)));
  const auto make_edges = [&phone, pace](const host::Config& parsed) {
    auto device = glue::device_edges(parsed, pace);
    auto& below = *device.environment.transport;
    const auto edges = std::make_shared<ObservedEdges>(ObservedEdges{
        {below,
         [phone = phone.get()](const http::Request& request, const http::Answer& answer) {
           phone->on_call(request, answer);
         }},
        std::move(device)});
    auto environment = edges->device.environment;
    environment.transport = &edges->transport;
    return glue::Edges{edges, std::move(environment)};
  };
  char* error = nullptr;
  phone->engine_ = glue::open_handle(dump_json(config).c_str(), &error, make_edges);
  if (phone->engine_ == nullptr) {
    const Json told = error != nullptr ? Json::parse(error) : Json::object();
    landfall_free_text(error);
    return failure(error_of(Json{{"error", told}}));
  }
  phone->thread_ = std::thread([phone = phone.get()] { phone->poll_engine(); });
  return phone;
}

DemoPhone::~DemoPhone() {
  if (engine_ == nullptr) return;
  landfall_close(engine_);
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  thread_.join();
}

Result<Json> DemoPhone::ask(const std::string& request, Json params) {
  std::unique_lock lock(mutex_);
  const std::int64_t id = ++last_request_;
  lock.unlock();
  const Json message{{"id", id}, {"request", request}, {"params", std::move(params)}};
  if (landfall_send(engine_, dump_json(message).c_str()) != LANDFALL_OK)
    return failure(ErrorClass::busy, "demo.refused", "the engine takes no " + request);
  const auto until = std::max(deadline_.at(), std::chrono::steady_clock::now() + kLastWords);
  lock.lock();
  if (!changed_.wait_until(lock, until, [&] { return replies_.contains(id); })) {
    return over("the reply to " + request);
  }
  const Json reply = std::move(replies_.extract(id).mapped());
  if (reply.contains("error")) return failure(error_of(reply));
  return reply["result"];
}

Status DemoPhone::wait_until(const std::string& what,
                             const std::function<bool(const PhoneState&)>& done) {
  while (!done(state())) {
    if (deadline_.is_over()) return over(what);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLookAgain);
  }
  return {};
}

PhoneState DemoPhone::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void DemoPhone::poll_engine() {
  while (true) {
    if (const char* const text = landfall_poll(engine_, kPollMs)) {
      on_message(text);
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
  }
}

void DemoPhone::on_message(const std::string& text) {
  Json message = Json::parse(text);
  if (message.contains("question")) {
    if (secrets_) {
      (void)landfall_send(engine_, dump_json(phone::answer_on_desktop(*secrets_, message)).c_str());
    }
  } else if (message.contains("reply")) {
    // First, because an assignment takes its right side first.
    const auto id = message["reply"].get<std::int64_t>();
    const std::lock_guard lock(mutex_);
    replies_[id] = std::move(message);
    changed_.notify_all();
  } else if (message.contains("event")) {
    on_event(message["event"].get<std::string>(), message["data"]);
  }
}

void DemoPhone::on_event(const std::string& event, const Json& data) {
  // Before the state says so, so that what is told comes before what is done about it.
  if (watchers_.on_event) watchers_.on_event(event, data);
  const std::lock_guard lock(mutex_);
  if (event == "engine.state") state_.engine = data.value("state", "");
  if (event == "session.status") state_.session = data.value("status", "");
  if (event == "connectivity.changed") state_.connectivity = data.value("state", "");
  if (event == "pull.completed") ++state_.pulls;
  if (event == "operation.changed")
    state_.operations[data.value("id", "")] = data.value("state", "");
  changed_.notify_all();
}

void DemoPhone::on_call(const http::Request& request, const http::Answer& answer) {
  if (watchers_.on_call) watchers_.on_call(request, answer);
  if (answer.failure != http::TransportFailure::not_sent) return;
  const std::lock_guard lock(mutex_);
  ++state_.not_sent;
  changed_.notify_all();
}

}  // namespace landfall::demo
