#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "simulator/world/observer.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Writes down what happens in a world in a line each: requests, answers, events, what users do, and
// what befalls the phones. Bounded: the oldest lines go first, and are counted.
class EventLog final : public world::Observer {
 public:
  static constexpr std::size_t kLinesMax = 4'000;

  [[nodiscard]] const std::deque<LogLine>& lines() const { return lines_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  // Rises with every change: who has seen this one has seen all.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  void add(const world::World& world, LogKind kind, std::string what, std::string detail,
           bool is_bad = false);

  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_refused(world::World& world, world::Phone& phone, const world::Intent& intent,
                  const std::string& code) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_network(world::World& world, world::Phone& phone, bool up) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_boot(world::World& world, world::Phone& phone) override;

 private:
  // Many documents change in one pull: they share a line.
  bool joins_last_line(const std::string& event);

  std::deque<LogLine> lines_;
  std::uint64_t dropped_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t documents_in_a_row_ = 0;
};

// The end of an id: enough to tell a few dozen apart.
[[nodiscard]] std::string short_id(const std::string& id);

}  // namespace landfall::ui
