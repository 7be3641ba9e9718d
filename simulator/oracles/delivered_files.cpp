#include "simulator/oracles/delivered_files.hpp"

#include <cstdint>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

using nlohmann::json;
using Rows = DeliveredFiles::Rows;

constexpr std::size_t kPage = 200;
// The ladder's steps, a timeout before each, and some.
constexpr Duration kRest{600'000};

struct Reading {
  bool done = false;
  std::optional<Rows> rows = Rows{};
};

void read_page(world::Phone& phone, const std::shared_ptr<Reading>& reading,
               std::int64_t after_seq) {
  phone.request("attachments.list", {{"settled", true}, {"after_seq", after_seq}, {"limit", kPage}},
                [&phone, reading](const json& message) {
                  reading->done = true;
                  if (!message.contains("result")) return reading->rows.reset();
                  const auto& page = message["result"]["attachments"];
                  for (const auto& row : page) {
                    reading->rows->emplace(row["id"].get<std::string>(), row);
                  }
                  if (page.size() < kPage) return;
                  reading->done = false;
                  read_page(phone, reading, page.back()["seq"].get<std::int64_t>());
                });
}

// What the phone lists, settled ones as well; nothing when it cannot answer.
std::optional<Rows> read_files(world::World& world, world::Phone& phone) {
  if (!phone.is_ready()) return std::nullopt;
  const auto reading = std::make_shared<Reading>();
  read_page(phone, reading, 0);
  (void)world.run_until(Duration{5'000}, [&] { return reading->done; });
  return reading->done ? reading->rows : std::nullopt;
}

// It would go on by itself.
bool moves(const json& row) {
  const std::string state = row["state"];
  return state == "moving" || (state == "waiting" && row.value("cause", "") != "operation.pending");
}

bool any_moves(const Rows& rows) {
  for (const auto& [id, row] : rows) {
    if (moves(row)) return true;
  }
  return false;
}

bool has_reason(const json& row) {
  const std::string state = row["state"];
  return state != "done" && !row.value("cause", "").empty();
}

}  // namespace

void DeliveredFiles::on_attached(world::World&, world::Phone& phone, const json& result) {
  acknowledged_[&phone].push_back({result["id"], result["sha256"]});
}

void DeliveredFiles::judge(world::World& world, const world::Phone& phone,
                           const std::vector<Photo>& photos, const Rows& rows,
                           const Hashes& at_server) {
  for (const Photo& photo : photos) {
    const auto stored = at_server.find(photo.id);
    const bool is_stored = stored != at_server.end();
    const auto row = rows.find(photo.id);
    const bool is_listed = row != rows.end();
    if (is_stored && stored->second != photo.sha256) {
      world.violate("INV-F1", "the server has another content of " + photo.id);
    } else if (!is_listed && !is_stored) {
      world.violate("INV-F1", phone.name() + " lost the photograph " + photo.id);
    } else if (is_listed && row->second["state"] == "done" && !is_stored) {
      world.violate("INV-F1",
                    phone.name() + " calls " + photo.id + " done, the server does not have it");
    } else if (is_listed && !is_stored && !has_reason(row->second)) {
      world.violate("INV-F1", phone.name() + " does not say why " + photo.id + " is not sent");
    } else if (is_listed && moves(row->second)) {
      world.violate("INV-F1", photo.id + " of " + phone.name() + " does not come to rest");
    }
  }
}

void DeliveredFiles::check_phone(world::World& world, world::Phone& phone,
                                 const Hashes& at_server) const {
  const auto photos = acknowledged_.find(&phone);
  if (photos == acknowledged_.end()) return;
  const auto rows = read_files(world, phone);
  if (rows) return judge(world, phone, photos->second, *rows, at_server);
  world.violate("INV-F1",
                phone.name() + " cannot list its files at the end, engine " + phone.engine_state());
}

void DeliveredFiles::on_end(world::World& world) {
  bool are_moving = false;
  for (const auto& phone : world.phones()) {
    const auto rows = read_files(world, *phone);
    are_moving = are_moving || (rows && any_moves(*rows));
  }
  if (are_moving) world.run_for(kRest);
  Hashes at_server;
  world.with_backend([&](backend::Backend& backend, Instant) {
    for (const auto& file : backend.ledger().files()) {
      if (!at_server.emplace(file.id, file.sha256).second)
        world.violate("INV-F1", "the photograph " + file.id + " was completed twice");
    }
  });
  for (const auto& phone : world.phones()) check_phone(world, *phone, at_server);
}

}  // namespace landfall::oracles
