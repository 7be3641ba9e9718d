// Answers to pulls and refreshes: read from their text or from its tree, they say the same.

#include "engine/sync/pull_page.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/engine/json_mutations.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {
namespace {

using test::MutatedJson;
using test::mutations_of;

// The same with a member that nobody reads and only the tree understands.
std::string for_the_tree(const std::string& text) {
  const auto end = text.find_last_of('}');
  return end == std::string::npos
             ? text
             : text.substr(0, end) + R"(,"unread":18446744073709551616)" + text.substr(end);
}

void check_same(const std::vector<sync::Document>& read, const std::vector<sync::Document>& meant) {
  REQUIRE(read.size() == meant.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    CHECK(read[i].entity == meant[i].entity);
    CHECK(read[i].row_version == meant[i].row_version);
    CHECK(read[i].updated_at == meant[i].updated_at);
    CHECK(read[i].deleted == meant[i].deleted);
    CHECK(read[i].data == meant[i].data);
  }
}

}  // namespace

TEST_CASE("a page that is read without a tree says what its tree says") {
  const Json valid{{"scope", "tier1"},
                   {"cursor", "c-1"},
                   {"has_more", true},
                   {"server_time", "2026-01-01T00:00:00.000Z"},
                   {"changes", {wire_document("po", "po-1", 3), wire_tombstone("po", "po-2", 4)}}};
  int taken = 0;
  int timed = 0;
  for (const MutatedJson& mutated : mutations_of(valid)) {
    if (!mutated.text.ends_with('}')) continue;
    INFO(mutated.what);
    const auto read = sync::parse_page(mutated.text, "tier1");
    const auto meant = sync::parse_page(for_the_tree(mutated.text), "tier1");
    REQUIRE(read.has_value() == meant.has_value());
    if (!read) continue;
    ++taken;
    CHECK(read->cursor == meant->cursor);
    CHECK(read->has_more == meant->has_more);
    CHECK(read->server_time == meant->server_time);
    timed += read->server_time ? 1 : 0;
    check_same(read->changes, meant->changes);
  }
  CHECK(taken > 10);
  CHECK(timed > 10);
  CHECK(timed < taken);
}

TEST_CASE("an answer to a refresh that is read without a tree says what its tree says") {
  const std::vector<sync::KnownDocument> documents{{{"po", "po-1"}, 2}, {{"po", "po-2"}, 4}};
  const Json valid{{"server_time", "2026-01-01T00:00:00.000Z"},
                   {"changes", Json::array({wire_document("po", "po-1", 3)})},
                   {"unchanged", Json::array({"po-2"})}};
  int taken = 0;
  for (const MutatedJson& mutated : mutations_of(valid)) {
    if (!mutated.text.ends_with('}')) continue;
    INFO(mutated.what);
    const auto read = sync::parse_refresh(mutated.text, documents);
    const auto meant = sync::parse_refresh(for_the_tree(mutated.text), documents);
    REQUIRE(read.has_value() == meant.has_value());
    if (!read) continue;
    ++taken;
    check_same(read->changes, meant->changes);
    CHECK(read->unchanged == meant->unchanged);
    CHECK(read->unnamed == meant->unnamed);
    CHECK(read->server_time == meant->server_time);
  }
  CHECK(taken > 10);
}

TEST_CASE("a version that is said of two states is refused, at the first that says another") {
  const auto field_of = [](const Json& changes) {
    const Json answer{
        {"scope", "tier1"}, {"cursor", "c"}, {"has_more", false}, {"changes", changes}};
    const auto page = sync::parse_page(answer.dump(), "tier1");
    return page ? std::string{} : page.error().field.value_or("");
  };
  const Json one = wire_document("po", "po-2", 3, {{"v", 1}});
  const Json other = wire_document("po", "po-2", 3, {{"v", 2}});
  const Json early = wire_document("po", "po-1", 3, {{"v", 1}});
  CHECK(field_of({one, early, one}).empty());
  CHECK(field_of({one, early, wire_document("po", "po-2", 4)}).empty());
  CHECK(field_of({one, early, one, other, one}) == "changes.3.row_version");
  CHECK(field_of({other, one, early, wire_tombstone("po", "po-1", 3)}) == "changes.1.row_version");
}

}  // namespace landfall::pull_test
