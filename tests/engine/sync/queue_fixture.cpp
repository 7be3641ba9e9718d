#include "tests/engine/sync/queue_fixture.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "engine/store/counter_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "schema/embedded.hpp"

namespace landfall::test {
namespace {

constexpr std::array<std::byte, 32> kSeed{};

template <class T>
T value_of(Result<T> result) {
  if (!result) FAIL(result.error().code << ": " << result.error().message);
  return std::move(*result);
}

Json document(const EntityKey& entity, std::int64_t row_version) {
  return Json{{"entity_type", entity.type}, {"entity_id", entity.id},
              {"row_version", row_version}, {"updated_at", "2026-01-01T00:00:00.000Z"},
              {"deleted", false},           {"data", Json::object()}};
}

http::Answer list(const char* name, const std::vector<Json>& items) {
  return response(200, Json{{"server_time", "2026-01-01T00:00:00.000Z"}, {name, items}}.dump());
}

Json item_of_endpoint_call(const http::ApiCall& call) {
  const std::size_t dot = call.endpoint.find('.');
  Json item{{"id", *http::find_header(call.headers, "Idempotency-Key")},
            {"entity_type", call.endpoint.substr(0, dot)},
            {"entity_id", call.variables.at("id")},
            {"action", call.endpoint.substr(dot + 1)},
            {"payload", Json::parse(call.body)}};
  if (const auto match = http::find_header(call.headers, "If-Match")) {
    item["base_version"] = std::stoll(std::string(match->substr(1, match->size() - 2)));
  }
  return item;
}

}  // namespace

Profile test_profile() {
  auto profile = Profile::load(*schema::profile("prokure"));
  if (!profile) FAIL(profile.error().code << ": " << profile.error().message);
  const auto declare = [&](const char* entity, const char* name, profile::ActionKind kind) {
    profile::Action action;
    action.name = name;
    action.kind = kind;
    action.payload_open = true;
    profile->entities.at(entity).actions.insert_or_assign(name, action);
  };
  declare("approval", "comment", profile::ActionKind::update);
  declare("po", "update", profile::ActionKind::update);
  declare("po", "count", profile::ActionKind::commutative);
  profile->sync.batch_operations_max = 8;
  return std::move(*profile);
}

void deliver(Profile& profile, const std::string& entity, const std::string& action,
             profile::Delivery delivery) {
  profile::Endpoint endpoint = *profile.endpoint("push");
  endpoint.name = entity + "." + action;
  endpoint.reply = {{"entity", "entity"}, {"assigned_id", "assigned_id"}};
  endpoint.path = delivery == profile::Delivery::endpoint ? "/api/" + entity + "/${id}/" + action
                                                          : "/api/" + entity + "/bulk";
  auto& rules = profile.entities.at(entity).actions.at(action);
  rules.delivery = delivery;
  rules.endpoint = endpoint.name;
  profile.endpoints.insert_or_assign(endpoint.name, endpoint);
}

bool is_endpoint_call(const sync::PushCall& push) { return push.call.variables.contains("id"); }

OperationId op(int number) {
  OperationId id;
  id.bytes[0] = 0x01;
  id.bytes[6] = 0x70;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

int number_of(const OperationId& id) { return id.bytes[14] * 256 + id.bytes[15]; }

http::Answer response(int status, std::string body, http::Headers headers) {
  return {http::Response{status, std::move(headers), std::move(body)}, std::nullopt};
}

http::Answer lost(http::TransportFailure kind) { return {std::nullopt, kind}; }

Json applied(int number, const EntityKey& entity, std::int64_t row_version) {
  return {{"id", to_text(op(number))},
          {"status", "applied"},
          {"entity", document(entity, row_version)}};
}

Json conflicting(int number, const EntityKey& entity, std::int64_t row_version) {
  return {{"id", to_text(op(number))},
          {"status", "conflict"},
          {"entity", document(entity, row_version)},
          {"reason", "row_version"}};
}

Json rejected(int number, const std::string& code) {
  return {{"id", to_text(op(number))},
          {"status", "rejected"},
          {"error", {{"code", code}, {"message", "no"}}}};
}

Json retry(int number, const std::string& reason, std::optional<int> retry_after_s) {
  Json item{{"id", to_text(op(number))}, {"status", "retry"}, {"reason", reason}};
  if (retry_after_s) item["retry_after_s"] = *retry_after_s;
  return item;
}

http::Answer endpoint_answer(const Json& item) {
  const std::string status = item.at("status");
  if (status == "applied") return response(200, item.dump());
  return response(status == "conflict" ? 409 : 422,
                  Json{{"error", {{"code", "NO"}, {"message", ""}, {"details", item}}}}.dump());
}

http::Answer results(const std::vector<Json>& items) { return list("results", items); }
http::Answer receipts(const std::vector<Json>& items) { return list("receipts", items); }

QueueWorld::QueueWorld(Profile rules) : profile(std::move(rules)), random(kSeed) {
  database = open_database(directory.file("p.db"), "", schema::partition_migrations());
  key = std::make_unique<store::Sealer>(store::SecretKey::generate(random), 1, random);
  make_queue();
}

void QueueWorld::make_queue() {
  queue.reset();
  pace.emplace(repeats);  // a new process knows nothing of what failed
  queue = std::make_unique<sync::SyncQueue>(
      sync::SyncQueue::Parts{profile, *key, random, 7, "device-1", {"u-1", "t-1"}, *pace});
  last = value_of(write([&](store::Transaction& tx) { return queue->on_open(tx, now); }));
}

void QueueWorld::reopen() { make_queue(); }

void QueueWorld::go_online() {
  connectivity(true, true);
  pass(profile.sync.edge_spread.count());
  auth(true);
}

void QueueWorld::go_offline() { connectivity(false, false); }

void QueueWorld::edge() { connectivity(true, true); }

sync::EnqueueRequest QueueWorld::request(int number, const EntityKey& entity,
                                         const std::string& action) const {
  sync::EnqueueRequest request;
  request.id = op(number);
  request.entity = entity;
  request.action = action;
  request.payload = "{}";
  if (entity.type == "approval")
    request.payload = "{\"comment\":\"comment number " + std::to_string(number) + "\"}";
  if (entity.type == "po") request.payload = "{\"note\":\"note " + std::to_string(number) + "\"}";
  if (action == "create")
    request.payload = "{\"lines\":[1],\"title\":\"title " + std::to_string(number) + "\"}";
  const profile::Action* known = profile.action(entity.type, action);
  if (known != nullptr && known->attest == profile::Attest::flag)
    request.attestation = R"({"biometric_verified":true})";
  return request;
}

Result<sync::Accepted> QueueWorld::try_enqueue(const sync::EnqueueRequest& request) {
  return write([&](store::Transaction& tx) {
    auto prepared = sync::prepare(profile, request);
    sync::seal_ahead(prepared, *key);
    prepared.attestor = attestor;
    return queue->on_enqueue(tx, prepared, now);
  });
}

sync::Accepted QueueWorld::enqueue(int number, const EntityKey& entity, const std::string& action) {
  return value_of(try_enqueue(request(number, entity, action)));
}

void QueueWorld::store_document(const EntityKey& entity, std::int64_t row_version) {
  const auto stored = write([&](store::Transaction& tx) -> Status {
    LANDFALL_TRY(tx.run(
        "INSERT INTO documents (entity_type, entity_id, row_version, updated_ms, deleted, scope, "
        "pull_round, stored_ms, bytes, body) VALUES (?1, ?2, ?3, 0, 0, '', 0, 0, 0, x'00') "
        "ON CONFLICT (entity_type, entity_id) DO UPDATE SET row_version = excluded.row_version",
        entity.type, entity.id, row_version));
    return {};
  });
  REQUIRE(stored.has_value());
}

sync::SyncEffects QueueWorld::plan() {
  last = value_of(write([&](store::Transaction& tx) { return queue->plan(tx, now); }));
  return last;
}

sync::Outlook QueueWorld::look_ahead() {
  return value_of(database->read(
      [&](const store::Snapshot& snapshot) { return queue->look_ahead(snapshot, now); }));
}

sync::PushCall QueueWorld::sends(const std::vector<int>& numbers) {
  plan();
  if (last.pushes.size() != 1)
    FAIL("nothing was sent; look again in "
         << (last.wake_at ? std::to_string((*last.wake_at - now).count()) : "never"));
  std::vector<int> sent;
  for (const OperationId& id : last.pushes.front().operations) sent.push_back(number_of(id));
  CHECK(sent == numbers);
  return last.pushes.front();
}

void QueueWorld::sends_nothing() { CHECK(plan().pushes.empty()); }

sync::SyncEffects QueueWorld::answer(const sync::PushCall& push, const http::Answer& answer) {
  last = value_of(write(
      [&](store::Transaction& tx) { return queue->on_push_answer(tx, push.batch, answer, now); }));
  return last;
}

QueueWorld::Step QueueWorld::answer_and_plan(const sync::PushCall& push,
                                             const http::Answer& answer) {
  Step step;
  last = value_of(write([&](store::Transaction& tx) {
    auto effects = queue->on_push_answer_and_plan(tx, push.batch, answer, now);
    step.is_durable = tx.is_made_durable();
    return effects;
  }));
  step.effects = last;
  return step;
}

sync::SyncEffects QueueWorld::receipts_answer(const sync::ReceiptsCall& call,
                                              const http::Answer& answer) {
  last = value_of(write(
      [&](store::Transaction& tx) { return queue->on_receipts_answer(tx, call, answer, now); }));
  return last;
}

Result<sync::SyncEffects> QueueWorld::retry(int number) {
  return write([&](store::Transaction& tx) { return queue->on_retry(tx, op(number), now); });
}

Result<sync::SyncEffects> QueueWorld::cancel(int number) {
  return write([&](store::Transaction& tx) { return queue->on_cancel(tx, op(number), now); });
}

Result<sync::SyncEffects> QueueWorld::discard(int number, bool accept_unknown) {
  return write([&](store::Transaction& tx) {
    return queue->on_discard(tx, op(number), accept_unknown, now);
  });
}

sync::SyncEffects QueueWorld::connectivity(bool reachable, bool is_edge) {
  last = value_of(write(
      [&](store::Transaction& tx) { return queue->on_connectivity(tx, reachable, is_edge, now); }));
  return last;
}

sync::SyncEffects QueueWorld::auth(bool authenticated) {
  last = value_of(
      write([&](store::Transaction& tx) { return queue->on_auth(tx, authenticated, now); }));
  return last;
}

sync::Operation QueueWorld::get(int number) {
  auto found = database->read([&](const store::Snapshot& snapshot) {
    return store::OperationTable::find(snapshot, op(number));
  });
  auto operation = value_of(std::move(found));
  if (!operation) FAIL("there is no operation " << number);
  return std::move(*operation);
}

std::string QueueWorld::state(int number) {
  const sync::Operation operation = get(number);
  std::string text(to_string(operation.state));
  if (operation.state == sync::OperationState::blocked) {
    text += "(" + std::string(to_string(operation.block_reason)) + ")";
  }
  return text;
}

sync::Explanation QueueWorld::explain(int number) {
  return value_of(database->read(
      [&](const store::Snapshot& snapshot) { return queue->explain(snapshot, op(number), now); }));
}

std::int64_t QueueWorld::counter(std::string_view name) {
  return value_of(database->read(
      [&](const store::Snapshot& snapshot) { return store::CounterTable::get(snapshot, name); }));
}

std::vector<sync::Operation> QueueWorld::all() {
  return value_of(database->read([&](const store::Snapshot& snapshot) {
    return store::OperationTable::list(snapshot, true, 0, 100'000);
  }));
}

std::vector<sync::Notice> QueueWorld::notices() {
  return value_of(database->read(
      [&](const store::Snapshot& snapshot) { return store::NoticeTable::unseen(snapshot); }));
}

std::vector<Json> items_of(const sync::PushCall& push) {
  if (is_endpoint_call(push)) return {item_of_endpoint_call(push.call)};
  const Json body = Json::parse(push.call.body);
  return body.at("operations").get<std::vector<Json>>();
}

std::string bytes_of(const sync::PushCall& push, int number) {
  const std::string& body = push.call.body;
  const std::size_t begin = body.find("{\"id\":\"" + to_text(op(number)));
  REQUIRE(begin != std::string::npos);
  const std::size_t next = body.find(",{\"id\":\"", begin);
  return body.substr(begin, (next == std::string::npos ? body.size() - 2 : next) - begin);
}

}  // namespace landfall::test
