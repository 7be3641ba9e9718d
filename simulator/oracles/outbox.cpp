#include "simulator/oracles/outbox.hpp"

#include <memory>

namespace landfall::oracles {
namespace {

struct Reading {
  std::vector<nlohmann::json> operations;
  bool answered = false;
  bool failed = false;
};

void read_page(world::Phone& phone, const std::shared_ptr<Reading>& reading,
               std::int64_t after_seq) {
  phone.request("operations.list", {{"settled", true}, {"after_seq", after_seq}, {"limit", 500}},
                [&phone, reading](const nlohmann::json& message) {
                  if (!message.contains("result")) {
                    reading->failed = true;
                    return;
                  }
                  const auto& page = message["result"]["operations"];
                  for (const auto& operation : page) reading->operations.push_back(operation);
                  if (page.size() < 500) {
                    reading->answered = true;
                  } else {
                    read_page(phone, reading, page.back()["seq"].get<std::int64_t>());
                  }
                });
}

}  // namespace

std::optional<std::vector<nlohmann::json>> read_outbox(world::World& world, world::Phone& phone) {
  if (!phone.is_ready()) return std::nullopt;
  const auto reading = std::make_shared<Reading>();
  read_page(phone, reading, 0);
  (void)world.run_until(Duration{5'000}, [&] { return reading->answered || reading->failed; });
  if (!reading->answered) return std::nullopt;
  return std::move(reading->operations);
}

}  // namespace landfall::oracles
