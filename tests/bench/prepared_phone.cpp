#include "tests/bench/prepared_phone.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/database.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/sealer.hpp"
#include "mobile_glue/device_clock.hpp"
#include "schema/embedded.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/phone/secret_file.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/documents.hpp"
#include "tests/bench/operations.hpp"

namespace landfall::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRowsATransaction = 5'000;

template <class T>
T needed(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

void needed(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

// Lets the login through and nothing else, so that the store stays empty.
http::Answer answer_login(backend::Backend& backend, const http::Request& request) {
  if (request.target != backend.options().routes.login) {
    return {std::nullopt, http::TransportFailure::not_sent};
  }
  return {backend.handle(request, glue::DeviceClock::wall_clock()), std::nullopt};
}

std::string key_named(const std::string& folder, const std::string& what) {
  const std::string partition = fs::path(partition_file(folder)).stem().string();
  const auto secrets = needed(phone::SecretFile::open(folder + "/keychain.json"));
  const auto text = secrets.read("landfall." + what + "." + partition);
  const auto bytes = text ? from_base64(*text) : std::nullopt;
  if (!bytes || bytes->size() != store::kSecretKeyBytes) {
    throw std::runtime_error("the keychain has no key of the partition");
  }
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

store::Sealer sealer_of(const std::string& folder, const std::string& what, SecureRandom& random) {
  const std::string key = key_named(folder, what);
  const auto bytes = std::as_bytes(std::span(key)).first<store::kSecretKeyBytes>();
  return store::Sealer(store::SecretKey(bytes), 1, random);
}

// As SyncQueue::on_enqueue makes it.
sync::Operation operation_of(const BenchOperation& made, Instant at) {
  sync::Operation operation;
  operation.id.bytes = made.id;
  operation.entity = {"pr", made.entity_id};
  operation.action = "create";
  operation.created_at = at;
  operation.bytes = static_cast<std::int64_t>(made.text.size());
  return operation;
}

store::OperationHash hash_of(const std::string& text) {
  store::OperationHash hash{};
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return hash;
}

// Calls `add(tx, i)` for each number below `count`, some thousands in one transaction.
template <class Add>
void add_rows(store::Database& database, std::size_t count, Add add) {
  for (std::size_t at = 0; at < count; at += kRowsATransaction) {
    const std::size_t end = std::min(count, at + kRowsATransaction);
    needed(database.write("bench.fill", store::Durability::ordered,
                          [&](store::Transaction& tx) -> Status {
                            for (std::size_t i = at; i < end; ++i) LANDFALL_TRY(add(tx, i));
                            return {};
                          }));
  }
}

Status add_operation(store::Transaction& tx, store::Sealer& key, const BenchOperation& made) {
  LANDFALL_TRY(store::OperationTable::insert(tx, key, operation_of(made, kFirstOperationAt),
                                             hash_of(made.text), {made.payload, std::nullopt}));
  return {};
}

Status add_document(store::Transaction& tx, store::Sealer& key, std::size_t number,
                    const std::string& data) {
  const sync::Document document{
      {"po", "po-" + std::to_string(number)}, 1, kFirstOperationAt, false, data};
  LANDFALL_TRY(store::put_document(tx, key, document, {}, kFirstOperationAt));
  return {};
}

}  // namespace

void prepare_phone(const std::string& folder) {
  fs::create_directories(folder);
  LibsodiumRandom random;
  // No workload runs for so long that its token has to be renewed ahead of its end.
  backend::BackendOptions options;
  options.access_lifetime = std::chrono::hours{24};
  const auto backend =
      needed(backend::Backend::open(std::move(options), random, glue::DeviceClock::wall_clock()));
  SteppedNetwork network(
      [&](const http::Request& request) { return answer_login(*backend, request); });
  BenchHost host({folder, "", Caller::in_process, &network});
  host.wait_for_state("locked");
  const auto& user = backend::Backend::seed_users().front();
  (void)host.request("session.login", {{"email", user.email}, {"password", user.password}});
  host.wait_for_state("ready");
}

void fill_phone(const std::string& folder, const Filling& filling) {
  LibsodiumRandom random;
  store::Sealer outbox = sealer_of(folder, "outbox", random);
  store::Sealer documents = sealer_of(folder, "documents", random);
  store::OpenOptions options;
  options.path = partition_file(folder);
  options.migrations = schema::partition_migrations();
  const auto database = needed(store::Database::open(std::move(options)));
  OperationMaker maker;
  add_rows(*database, filling.operations, [&](store::Transaction& tx, std::size_t) {
    return add_operation(tx, outbox, maker.next());
  });
  const DocumentShelf shelf;
  add_rows(*database, filling.documents, [&](store::Transaction& tx, std::size_t i) {
    return add_document(tx, documents, i, shelf.data_of(i));
  });
  needed(database->checkpoint(store::CheckpointMode::truncate));
}

std::string partition_file(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder + "/engine/partitions")) {
    if (entry.path().extension() == ".db") return entry.path().string();
  }
  throw std::runtime_error("the phone has no partition");
}

std::string outbox_key(const std::string& folder) { return key_named(folder, "outbox"); }

}  // namespace landfall::bench
