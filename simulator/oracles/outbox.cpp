#include "simulator/oracles/outbox.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace landfall::oracles {
namespace {

constexpr std::size_t kPage = 500;

struct Reading {
  std::vector<nlohmann::json> operations;
  OutboxReader then;
};

void read_page(world::Phone& phone, const std::shared_ptr<Reading>& reading,
               std::int64_t after_seq) {
  phone.request("operations.list", {{"settled", true}, {"after_seq", after_seq}, {"limit", kPage}},
                [&phone, reading](const nlohmann::json& message) {
                  if (!message.contains("result")) return reading->then(std::nullopt);
                  const auto& page = message["result"]["operations"];
                  for (const auto& operation : page) reading->operations.push_back(operation);
                  if (page.size() < kPage) return reading->then(std::move(reading->operations));
                  read_page(phone, reading, page.back()["seq"].get<std::int64_t>());
                });
}

std::optional<std::vector<nlohmann::json>> read_once(world::World& world, world::Phone& phone) {
  if (!phone.is_ready()) return std::nullopt;
  struct Answered {
    bool done = false;
    std::optional<std::vector<nlohmann::json>> outbox;
  };
  const auto answered = std::make_shared<Answered>();
  ask_outbox(phone, [answered](const auto& outbox) {
    answered->outbox = outbox;
    answered->done = true;
  });
  (void)world.run_until(Duration{5'000}, [&] { return answered->done; });
  return answered->outbox;
}

}  // namespace

bool is_moving(const nlohmann::json& operation) {
  const auto state = operation.value("state", "");
  if (state == "queued" || state == "sending" || state == "unknown") return true;
  return state == "blocked" && operation.value("block_reason", "") == "auth";
}

void ask_outbox(world::Phone& phone, OutboxReader then) {
  read_page(phone, std::make_shared<Reading>(Reading{{}, std::move(then)}), 0);
}

std::optional<std::vector<nlohmann::json>> read_outbox(world::World& world, world::Phone& phone) {
  if (auto outbox = read_once(world, phone)) return outbox;
  (void)world.run_until(Duration{5'000}, [] { return false; });
  return read_once(world, phone);
}

}  // namespace landfall::oracles
