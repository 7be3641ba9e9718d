#include "tests/engine/sync/pull_rig.hpp"

#include "engine/store/document_table.hpp"
#include "schema/embedded.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace landfall::pull_test {
namespace {

std::array<std::byte, 32> seed_of(std::uint8_t seed) {
  std::array<std::byte, 32> bytes{};
  bytes[0] = std::byte{seed};
  return bytes;
}

Profile load_profile() {
  auto profile = Profile::load(*schema::profile("prokure"));
  if (!profile) Partition::stop(profile.error());
  return std::move(*profile);
}

}  // namespace

Partition::Partition(std::uint8_t seed)
    : random(seed_of(seed)),
      documents_key(store::SecretKey::generate(random), 1, random),
      outbox_key(store::SecretKey::generate(random), 1, random),
      profile(load_profile()) {
  reopen();
}

void Partition::stop(const Error& error) {
  throw std::runtime_error(error.code + ": " + error.message + " " + error.field.value_or(""));
}

void Partition::put(const sync::Document& document) {
  (void)write([&](store::Transaction& tx) {
    return store::put_document(tx, documents_key, document, {}, Instant{1});
  });
}

std::optional<sync::Document> Partition::document(const EntityKey& entity) {
  return read([&](const store::Snapshot& snapshot) {
    return store::find_document(snapshot, documents_key, entity);
  });
}

std::optional<store::PullCursor> Partition::cursor(std::string_view scope) {
  return read([&](const store::Snapshot& snapshot) { return store::find_cursor(snapshot, scope); });
}

std::vector<EntityKey> Partition::stored() {
  return read([&](const store::Snapshot& snapshot) -> Result<std::vector<EntityKey>> {
    LANDFALL_TRY_ASSIGN(store::Rows rows,
                        snapshot.select("SELECT entity_type, entity_id FROM documents"
                                        " ORDER BY entity_type, entity_id"));
    return rows.all([](const store::Rows& row) {
      return EntityKey{std::string{row.text(0)}, std::string{row.text(1)}};
    });
  });
}

void Partition::reopen() {
  database.reset();
  database =
      test::open_database(directory.file("partition.db"), "", schema::partition_migrations());
}

Json wire_document(std::string_view type, std::string_view id, std::int64_t row_version,
                   Json data) {
  if (data.is_null()) data = Json{{"v", row_version}};
  return Json{{"entity_type", type},        {"entity_id", id},
              {"row_version", row_version}, {"updated_at", "2026-01-31T08:15:00.250Z"},
              {"deleted", false},           {"data", std::move(data)}};
}

Json wire_tombstone(std::string_view type, std::string_view id, std::int64_t row_version) {
  return Json{{"entity_type", type},
              {"entity_id", id},
              {"row_version", row_version},
              {"updated_at", "2026-01-31T08:15:00.250Z"},
              {"deleted", true}};
}

std::string page(std::string_view cursor, bool has_more, std::vector<Json> changes,
                 std::string_view scope) {
  return dump_json(Json{{"server_time", "2026-01-31T08:15:00.250Z"},
                        {"scope", scope},
                        {"cursor", cursor},
                        {"has_more", has_more},
                        {"changes", std::move(changes)}});
}

http::Answer ok(std::string body) { return answered(200, {}, std::move(body)); }

http::Answer answered(int status, http::Headers headers, std::string body) {
  return {http::Response{status, std::move(headers), std::move(body)}, std::nullopt};
}

http::Answer failed(http::TransportFailure kind) { return {std::nullopt, kind}; }

sync::PullEffects PullRig::note(sync::PullEffects effects) {
  if (effects.pull) call = effects.pull;
  return effects;
}

sync::PullEffects PullRig::open() {
  machine.emplace(sync::DeltaPull::Parts{profile, documents_key, "device-1", repeats, owner});
  call.reset();
  return note(*write([&](store::Transaction& tx) { return machine->on_open(tx, now); }));
}

sync::PullEffects PullRig::start() {
  open();
  return ready(true, true);
}

void PullRig::fill() {
  start();
  const auto effects = answer(ok(page("c1", false, {wire_document("approval", "a-1", 3)})));
  REQUIRE(effects.scopes_completed == std::vector<std::string>{"tier1"});
}

std::int64_t PullRig::version_of(const EntityKey& entity) {
  const auto found = document(entity);
  return found ? found->row_version : 0;
}

sync::PullEffects PullRig::ready(bool reachable, bool authenticated) {
  return note(machine->on_ready(reachable, authenticated, now));
}

sync::PullEffects PullRig::answer(const http::Answer& answer) {
  REQUIRE(call);
  return this->answer(call->number, answer);
}

sync::PullEffects PullRig::answer(std::uint64_t number, const http::Answer& answer) {
  return note(
      *write([&](store::Transaction& tx) { return machine->on_answer(tx, number, answer, now); }));
}

sync::PullEffects PullRig::refresh(std::vector<EntityKey> entities) {
  return note(
      *write([&](store::Transaction& tx) { return machine->on_refresh(tx, entities, now); }));
}

sync::PullEffects PullRig::entities(std::vector<sync::EntityOfVerdict> entities) {
  return note(
      *write([&](store::Transaction& tx) { return machine->on_entities(tx, entities, now); }));
}

sync::PullEffects PullRig::request() { return note(machine->on_requested(now)); }

sync::PullEffects PullRig::request_by_user() { return note(machine->on_user_requested(now)); }

sync::PullEffects PullRig::wake_after(Duration delay) {
  now = now + delay;
  return note(machine->on_wake(now));
}

Json PullRig::body() const {
  REQUIRE(call);
  return Json::parse(call->call.body);
}

}  // namespace landfall::pull_test
