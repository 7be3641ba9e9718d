#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simulator/world/observer.hpp"

namespace landfall::scenario {

// What one phone did since it was marked.
struct PhoneRecord {
  std::map<std::string, int> requests;            // by path
  std::vector<http::Request> calls;               // the same, as they left
  std::vector<std::vector<std::string>> batches;  // the pushes, each with its operations' ids
  std::vector<std::pair<std::string, nlohmann::json>> events;
  std::vector<nlohmann::json> shown;  // notifications, as the host was asked to show them
};

// Writes down what scenarios compare.
class Recorder final : public world::Observer {
 public:
  void mark(const world::Phone& phone) { phones_[&phone] = {}; }
  [[nodiscard]] const PhoneRecord& of(const world::Phone& phone) { return phones_[&phone]; }
  // When an operation left its phone, in order; from the start.
  [[nodiscard]] std::vector<Instant> sends(const std::string& operation) const;
  // Every acknowledgement of an operation, in order.
  [[nodiscard]] std::vector<nlohmann::json> acknowledgements(const std::string& operation) const;
  // The last code with which it was refused; empty when it never was.
  [[nodiscard]] std::string refusal(const std::string& operation) const;

  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_refused(world::World& world, world::Phone& phone, const world::Intent& intent,
                  const std::string& code) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_shown(world::World& world, world::Phone& phone, const nlohmann::json& data) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;

 private:
  std::map<const world::Phone*, PhoneRecord> phones_;
  std::map<std::string, std::vector<Instant>> sends_;
  std::map<std::string, std::vector<nlohmann::json>> acknowledgements_;
  std::map<std::string, std::string> refusals_;
};

}  // namespace landfall::scenario
