#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mobile_glue/c/landfall.h"

namespace landfall::test {

// A directory of its own for one test, gone with it.
class TemporaryDirectory final {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

[[nodiscard]] nlohmann::json config_for(const std::string& directory);

// The error that landfall_open refuses a config with; fails the test when it opens.
[[nodiscard]] nlohmann::json refusal_of(const std::string& config);

// A host on the thread of the test: sends, polls, and keeps what it heard in order. Fails the test
// when something that it waits for does not come.
class Host final {
 public:
  explicit Host(landfall_engine* engine);
  // Opens an engine of the device's own edges.
  [[nodiscard]] static Host open(const std::string& directory);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] landfall_engine* engine() const { return engine_; }
  void send(const nlohmann::json& message);
  // Polls until `wanted` says yes, and returns that message.
  nlohmann::json wait_for(const std::function<bool(const nlohmann::json&)>& wanted);
  nlohmann::json wait_for_reply(std::int64_t id);
  nlohmann::json wait_for_event(const std::string& event);
  // What is there without waiting.
  std::vector<nlohmann::json> drain();

 private:
  landfall_engine* engine_;
};

// Sends `text`, which is no valid request, and returns the error of the reply that comes back.
[[nodiscard]] nlohmann::json reply_to_bad_text(Host& host, const std::string& text);

}  // namespace landfall::test
