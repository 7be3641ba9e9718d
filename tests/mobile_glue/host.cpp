#include "tests/mobile_glue/host.hpp"

#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

namespace landfall::test {
namespace {

using nlohmann::json;

// Longer than anything takes, also under the sanitizers on a busy machine; only a failure waits it
// out.
constexpr int kPatienceMs = 60'000;

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "landfall-glue-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

json config_for(const std::string& directory) {
  return json{{"directory", directory}, {"profile", "prokure"},  {"app_version", "2.4.0"},
              {"platform", "ANDROID"},  {"os_version", "14"},    {"device_name", "desk"},
              {"locale", "en-IN"},      {"zone", "Asia/Kolkata"}};
}

json refusal_of(const std::string& config) {
  char* error = nullptr;
  landfall_engine* engine = landfall_open(config.c_str(), &error);
  CHECK(engine == nullptr);
  landfall_close(engine);
  REQUIRE(error != nullptr);
  json told = json::parse(error);
  landfall_free_text(error);
  return told;
}

Host::Host(landfall_engine* engine) : engine_(engine) { REQUIRE(engine != nullptr); }

Host Host::open(const std::string& directory) {
  char* error = nullptr;
  landfall_engine* engine = landfall_open(config_for(directory).dump().c_str(), &error);
  if (engine == nullptr) FAIL((error != nullptr ? error : "no error text"));
  CHECK(error == nullptr);
  return Host{engine};
}

Host::~Host() { landfall_close(engine_); }

void Host::send(const json& message) {
  REQUIRE(landfall_send(engine_, message.dump().c_str()) == LANDFALL_OK);
}

json Host::wait_for(const std::function<bool(const json&)>& wanted) {
  std::string heard;
  while (const char* text = landfall_poll(engine_, kPatienceMs)) {
    json message = json::parse(text);
    if (wanted(message)) return message;
    heard += std::string{text} + "\n";
  }
  FAIL("it did not come; what came was\n" << heard);
  return {};
}

json Host::wait_for_reply(std::int64_t id) {
  return wait_for(
      [id](const json& message) { return message.contains("reply") && message["reply"] == id; });
}

json Host::wait_for_event(const std::string& event) {
  return wait_for([&](const json& message) { return message.value("event", "") == event; });
}

std::vector<json> Host::drain() {
  std::vector<json> messages;
  while (const char* text = landfall_poll(engine_, 0)) messages.push_back(json::parse(text));
  return messages;
}

json reply_to_bad_text(Host& host, const std::string& text) {
  REQUIRE(landfall_send(host.engine(), text.c_str()) == LANDFALL_OK);
  return host.wait_for(
      [](const json& message) { return message.contains("reply") && message.contains("error"); });
}

}  // namespace landfall::test
