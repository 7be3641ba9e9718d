#include "simulator/oracles/known_documents.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

constexpr std::array<const char*, 4> kTier1Types{"approval", "kpi", "notification", "user_profile"};
// What a cached read answered is kept as a document that the server has under no version.
constexpr const char* kAnswers = "answer";
constexpr Duration kPullMax{600'000};  // the longest ladder step, a Retry-After and some pages

EntityKey key_of(const Json& document) {
  return {document.value("entity_type", ""), document.value("entity_id", "")};
}

std::string name_of(const EntityKey& key) { return key.type + "/" + key.id; }

bool is_pending(const Json& document) {
  return document.value("pending_sync", false) ||
         (document.contains("operations") && !document["operations"].empty());
}

std::optional<std::int64_t> version_of(const Json& document) {
  const auto found = document.find("row_version");
  if (found == document.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

struct Shown {
  std::map<EntityKey, Json> documents;
  std::size_t open = 0;
  bool failed = false;
};

void ask_page(world::Phone& phone, const std::shared_ptr<Shown>& shown, const std::string& type,
              const std::string& after) {
  Json params{{"type", type}, {"limit", 500}};
  if (!after.empty()) params["after"] = after;
  ++shown->open;
  phone.request("documents.query", std::move(params), [&phone, shown, type](const Json& message) {
    --shown->open;
    if (!message.contains("result")) {
      shown->failed = true;
      return;
    }
    const Json& result = message["result"];
    for (const Json& document : result["documents"]) {
      shown->documents[key_of(document)] = document;
    }
    if (result.contains("next")) ask_page(phone, shown, type, result["next"].get<std::string>());
  });
}

std::optional<std::map<EntityKey, Json>> read_tier1(world::World& world, world::Phone& phone) {
  const auto shown = std::make_shared<Shown>();
  for (const char* type : kTier1Types) ask_page(phone, shown, type, "");
  const bool answered = world.run_until(Duration{5'000}, [&] { return shown->open == 0; });
  if (!answered || shown->failed) return std::nullopt;
  return std::move(shown->documents);
}

}  // namespace

void KnownDocuments::on_view(world::World& world, world::Phone& phone, const Json&,
                             const Json& result) {
  if (!result.contains("documents")) return;
  for (const Json& document : result["documents"]) judge_shown(world, phone, document);
}

void KnownDocuments::judge_shown(world::World& world, const world::Phone& phone,
                                 const Json& document) {
  const EntityKey key = key_of(document);
  if (is_pending(document) || key.type == kAnswers) return;
  const auto version = version_of(document);
  const std::string text = name_of(key) + " version " + (version ? std::to_string(*version) : "-");
  const auto known = world.ask_backend([&](const auto& backend) {
    return version ? backend.ledger().hash_at(key, *version) : std::optional<std::string>{};
  });
  if (known && *known == backend::sha256_hex(dump_json(document.value("data", Json())))) return;
  if (!told_.insert(phone.name() + text).second) return;
  world.violate("INV-Q11", phone.name() + " shows " + text + " at " + format_rfc3339(world.now()) +
                               (known ? " with other content than the server had"
                                      : ", which the server never had"));
}

void KnownDocuments::on_event(world::World&, world::Phone& phone, const std::string& event,
                              const Json&) {
  if (event == "pull.completed") ++pulls_completed_[&phone];
}

bool KnownDocuments::pull_once(world::World& world, world::Phone& phone) {
  const auto before = pulls_completed_[&phone];
  phone.request("sync.now", Json::object());
  return world.run_until(kPullMax, [&] { return pulls_completed_[&phone] > before; });
}

void KnownDocuments::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    if (!phone->is_ready() || phone->session_status() != "authenticated") continue;
    // The second one certainly began after everything was healed.
    if (!pull_once(world, *phone) || !pull_once(world, *phone)) {
      world.violate("INV-Q13", phone->name() + " completes no pull although all is well, until " +
                                   format_rfc3339(world.now()));
      continue;
    }
    const auto shown = read_tier1(world, *phone);
    if (shown) judge_tier1(world, *phone, *shown);
  }
}

void KnownDocuments::judge_tier1(world::World& world, const world::Phone& phone,
                                 const std::map<EntityKey, Json>& shown) {
  const auto tier1 =
      world.ask_backend([&](auto& backend) { return backend.tier1_documents(phone.user_id()); });
  for (const auto& document : tier1) {
    if (shown.contains(document.key)) continue;
    world.violate("INV-Q11", phone.name() + " lacks " + name_of(document.key) + " version " +
                                 std::to_string(document.row_version) + " after a completed pull");
  }
  for (const auto& [key, document] : shown) {
    judge_shown(world, phone, document);
    const auto version = version_of(document);
    if (!version) continue;  // exists only here so far
    const auto current = world.ask_backend(
        [&, &wanted = key](auto& backend) { return backend.find_document(wanted); });
    const bool is_current = current && !current->deleted && current->row_version == *version;
    if (is_current) continue;
    const std::string has = !current           ? "has none"
                            : current->deleted ? "deleted it"
                                               : "has " + std::to_string(current->row_version);
    world.violate("INV-Q13", phone.name() + " still shows " + name_of(key) + " version " +
                                 std::to_string(*version) + " after a completed pull; the server " +
                                 has);
  }
}

}  // namespace landfall::oracles
