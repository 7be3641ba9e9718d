// The params of operations.enqueue, with a tree and without, say the same.

#include "engine/host/enqueue_text.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/incoming.hpp"
#include "engine/host/operation_json.hpp"
#include "schema/limits.hpp"
#include "tests/engine/json_mutations.hpp"

using namespace landfall;

namespace {

Json all_params() {
  return {
      {"id", "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e"},
      {"entity_type", "po"},
      {"entity_id", "PO-1"},
      {"action", "approve"},
      {"payload", {{"comment", "fine \n \"x\""}, {"lines", {1, 2.5, {{"b", 1}, {"a", nullptr}}}}}},
      {"base_version", 4},
      {"supersedes", "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7f"},
      {"group_id", "g"},
      {"attestation", {{"pin", true}}}};
}

std::optional<sync::EnqueueRequest> by_tree(const std::string& text) {
  const auto params = host::parse_params("operations.enqueue", text);
  if (!params) return std::nullopt;
  const auto request = host::parse_enqueue(**params);
  if (!request) return std::nullopt;
  return *request;
}

void check_same(const sync::EnqueueRequest& read, const sync::EnqueueRequest& meant) {
  CHECK(read.id == meant.id);
  CHECK(read.entity == meant.entity);
  CHECK(read.action == meant.action);
  CHECK(read.payload == meant.payload);
  CHECK(read.base_version == meant.base_version);
  CHECK(read.supersedes == meant.supersedes);
  CHECK(read.group_id == meant.group_id);
  CHECK(read.attestation == meant.attestation);
}

}  // namespace

TEST_CASE("an operation that is read without a tree is the one that its tree says, or none") {
  int taken = 0;
  int left = 0;
  for (const auto& mutated : test::mutations_of(all_params())) {
    INFO(mutated.what);
    const auto read = host::read_enqueue(mutated.text);
    const auto meant = by_tree(mutated.text);
    if (!read) {
      left += meant ? 1 : 0;
      continue;
    }
    ++taken;
    REQUIRE(meant);
    check_same(read->request, *meant);
    std::string payload;
    read->payload.append_to(payload);
    CHECK(payload == meant->payload);
    CHECK(read->params.root().tree() == Json::parse(mutated.text));
  }
  CHECK(taken > 50);
  CHECK(left < taken);  // what is said twice, and what 64 bits do not hold
}

TEST_CASE("an operation with no more than it needs is read without a tree, in any order") {
  const std::string text =
      R"( {"payload":{"b":1,"a":2}, "action":"approve","entity_id":"PO-1","entity_type":"po",)"
      R"("id":"0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e"} )";
  const auto read = host::read_enqueue(text);
  REQUIRE(read);
  const auto meant = by_tree(text);
  REQUIRE(meant);
  check_same(read->request, *meant);
  CHECK(read->request.payload == R"({"a":2,"b":1})");
}

TEST_CASE("each member of an operation is bounded as with a tree") {
  const auto is_read = [](const std::string& key, Json value) {
    Json params = all_params();
    params[key] = std::move(value);
    const std::string text = dump_json(params);
    const bool is_read = host::read_enqueue(text).has_value();
    CHECK(is_read == by_tree(text).has_value());
    return is_read;
  };
  for (const auto& [key, most] : {std::pair{"entity_type", limits::kNameBytesMax},
                                  {"entity_id", limits::kEntityIdBytesMax},
                                  {"action", limits::kNameBytesMax},
                                  {"group_id", limits::kNameBytesMax}}) {
    CAPTURE(key);
    CHECK(is_read(key, std::string(most, 'x')));
    CHECK_FALSE(is_read(key, std::string(most + 1, 'x')));
    CHECK_FALSE(is_read(key, ""));
    CHECK_FALSE(is_read(key, nullptr));
  }
  CHECK(is_read("base_version", 1));
  CHECK_FALSE(is_read("base_version", 0));
  CHECK_FALSE(is_read("attestation", nullptr));
  CHECK_FALSE(is_read("unknown", 1));
  const std::string blanks(limits::kRequestJsonBytesMax, ' ');
  CHECK_FALSE(host::read_enqueue(dump_json(all_params()) + blanks));
}
