#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/http/message.hpp"
#include "simulator/demo/display.hpp"
#include "simulator/net/fault_proxy.hpp"

namespace landfall::demo {

// Puts what the phone, its calls and the network do into words. Any thread.
class Narrator final {
 public:
  // The display outlives the narrator.
  explicit Narrator(Display& display) : display_(display) {}

  // How people call an operation, before the phone hears of it.
  void name_operation(const std::string& id, const std::string& label);

  void on_event(const std::string& event, const nlohmann::json& data);
  void on_call(const http::Request& request, const http::Answer& answer);
  void on_fault(const net::StruckFault& fault);
  void on_effects(std::size_t effects);

 private:
  void on_operation(const nlohmann::json& data);
  [[nodiscard]] std::string label_of(const std::string& id) const;

  Display& display_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> labels_;  // by operation id
  std::map<std::string, std::string> states_;  // the last that was told
};

}  // namespace landfall::demo
