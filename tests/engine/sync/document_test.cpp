#include "engine/sync/document.hpp"

#include "engine/sync/document_text.hpp"
#include "schema/limits.hpp"
#include "tests/engine/json_mutations.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::pull_test {
namespace {

constexpr JsonLimits kLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax};
constexpr auto kZero = sync::VersionZero::of_what_never_was;

Json with(std::string_view key, Json value) {
  Json document = wire_document("po", "po-1", 3);
  document[std::string{key}] = std::move(value);
  return document;
}

std::string field_of_error(const Json& value) {
  const auto parsed = sync::parse_document(value, "changes.4");
  REQUIRE_FALSE(parsed);
  return parsed.error().field.value_or("");
}

}  // namespace

TEST_CASE("A document of the wire is read whole (P-29: row_version and updated_at)") {
  const auto document = sync::parse_document(
      wire_document("po", "po-1", 8, {{"note", "x"}, {"amount", 3}}), "items.0");
  REQUIRE(document);
  CHECK(document->entity == EntityKey{"po", "po-1"});
  CHECK(document->row_version == 8);
  CHECK(format_rfc3339(document->updated_at) == "2026-01-31T08:15:00.250Z");
  CHECK_FALSE(document->deleted);
  CHECK(document->data == R"({"amount":3,"note":"x"})");
}

TEST_CASE("A deleted document needs no data, and what it has is dropped") {
  const auto bare = sync::parse_document(wire_tombstone("po", "po-1", 2), "items.0");
  REQUIRE(bare);
  CHECK(bare->deleted);
  CHECK(bare->data == "{}");
  const auto with_data = sync::parse_document(with("deleted", true), "items.0");
  REQUIRE(with_data);
  CHECK(with_data->data == "{}");
}

TEST_CASE("A document without `deleted` is one that is not deleted") {
  Json value = wire_document("po", "po-1", 1);
  value.erase("deleted");
  const auto document = sync::parse_document(value, "items.0");
  REQUIRE(document);
  CHECK_FALSE(document->deleted);
}

TEST_CASE("Every wrong field of a document is named") {
  CHECK(field_of_error(Json::array()) == "changes.4");
  CHECK(field_of_error(with("entity_type", nullptr)) == "changes.4.entity_type");
  CHECK(field_of_error(with("entity_type", "")) == "changes.4.entity_type");
  CHECK(field_of_error(with("entity_type", std::string(limits::kNameBytesMax + 1, 'x'))) ==
        "changes.4.entity_type");
  CHECK(field_of_error(with("entity_id", 7)) == "changes.4.entity_id");
  CHECK(field_of_error(with("entity_id", "")) == "changes.4.entity_id");
  CHECK(field_of_error(with("entity_id", std::string(limits::kEntityIdBytesMax + 1, 'x'))) ==
        "changes.4.entity_id");
  CHECK(field_of_error(with("row_version", 0)) == "changes.4.row_version");
  CHECK(field_of_error(with("row_version", -1)) == "changes.4.row_version");
  CHECK(field_of_error(with("row_version", 1.5)) == "changes.4.row_version");
  CHECK(field_of_error(with("row_version", "8")) == "changes.4.row_version");
  CHECK(field_of_error(with("updated_at", "2026-01-31T08:15:00")) == "changes.4.updated_at");
  CHECK(field_of_error(with("updated_at", 1750000000)) == "changes.4.updated_at");
  CHECK(field_of_error(with("deleted", "yes")) == "changes.4.deleted");
  CHECK(field_of_error(with("data", nullptr)) == "changes.4.data");
  CHECK(field_of_error(with("data", Json::array())) == "changes.4.data");
}

TEST_CASE("A document's data is bounded, and its id may be as long as the bound") {
  const std::string just(limits::kDocumentBytesMax - 8, 'x');  // {"v":""} around it
  CHECK(sync::parse_document(with("data", {{"v", just}}), "items.0"));
  CHECK(field_of_error(with("data", {{"v", just + "x"}})) == "changes.4.data");
  CHECK(sync::parse_document(with("entity_id", std::string(limits::kEntityIdBytesMax, 'x')),
                             "items.0"));
}

TEST_CASE(
    "P-4: what was never there is deleted at version zero where it was asked for, and nothing else "
    "has that version") {
  Json absent{{"entity_type", "po"},
              {"entity_id", "1"},
              {"row_version", 0},
              {"updated_at", "2026-01-31T08:15:00.250Z"},
              {"deleted", true}};
  CHECK(sync::parse_document(absent, "").error().field == "row_version");
  const auto document = sync::parse_document(absent, "", kZero);
  REQUIRE(document);
  CHECK(document->deleted);
  CHECK(document->row_version == 0);
  absent["row_version"] = -1;
  CHECK_FALSE(sync::parse_document(absent, "", kZero));
  absent["row_version"] = 0;
  absent["deleted"] = false;
  absent["data"] = Json::object();
  CHECK(sync::parse_document(absent, "", kZero).error().field == "row_version");
}

TEST_CASE("A document is read from its text as from its tree, or not at all") {
  int understood = 0;
  for (const auto zero : {sync::VersionZero::refused, kZero}) {
    for (const Json& valid : {wire_document("po", "po-1", 8, {{"note", "x"}, {"amount", 3}}),
                              wire_tombstone("po", "po-1", 2)}) {
      for (const auto& mutated : test::mutations_of(valid)) {
        const auto text = JsonText::read(mutated.text, kLimits);
        const auto read = text ? sync::read_document(text->root(), zero) : std::nullopt;
        if (!read) continue;
        INFO(mutated.what);
        ++understood;
        const Json tree = Json::parse(mutated.text, nullptr, false);
        REQUIRE_FALSE(tree.is_discarded());
        const auto parsed = sync::parse_document(tree, "", zero);
        REQUIRE(parsed);
        CHECK(read->entity == parsed->entity);
        CHECK(read->row_version == parsed->row_version);
        CHECK(read->updated_at == parsed->updated_at);
        CHECK(read->deleted == parsed->deleted);
        CHECK(read->data == parsed->data);
      }
    }
  }
  CHECK(understood > 20);
}

TEST_CASE("Of a text too, a document's names, version and size are bounded") {
  const auto is_read = [](const Json& value, sync::VersionZero zero) {
    const std::string text = dump_json(value);
    const auto read = JsonText::read(text, kLimits);
    REQUIRE(read);
    return sync::read_document(read->root(), zero).has_value();
  };
  constexpr auto kRefused = sync::VersionZero::refused;
  CHECK(is_read(with("row_version", 1), kRefused));
  CHECK_FALSE(is_read(with("row_version", 0), kRefused));
  CHECK_FALSE(is_read(with("row_version", 0), kZero));
  Json absent = wire_tombstone("po", "po-1", 1);
  absent["row_version"] = 0;
  CHECK(is_read(absent, kZero));
  CHECK_FALSE(is_read(absent, kRefused));
  CHECK_FALSE(is_read(with("entity_type", ""), kRefused));
  CHECK(is_read(with("entity_id", std::string(limits::kEntityIdBytesMax, 'x')), kRefused));
  CHECK_FALSE(
      is_read(with("entity_id", std::string(limits::kEntityIdBytesMax + 1, 'x')), kRefused));
  CHECK_FALSE(is_read(with("data", Json::array()), kRefused));
  const std::string just(limits::kDocumentBytesMax - std::string(R"({"v":""})").size(), 'x');
  CHECK(is_read(with("data", {{"v", just}}), kRefused));
  CHECK_FALSE(is_read(with("data", {{"v", just + "x"}}), kRefused));
}

}  // namespace landfall::pull_test
