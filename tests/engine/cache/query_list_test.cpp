#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/document_table.hpp"
#include "schema/limits.hpp"
#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

using Ids = std::vector<std::string>;

void put(Partition& partition, const std::string& id, const Json& data, std::int64_t version = 1,
         std::int64_t updated_ms = 1'750'000'000'000) {
  partition.put({{"pr", id}, version, Instant{updated_ms}, false, dump_json(data)});
}

Ids found(Partition& partition, Json params) {
  params["type"] = "pr";
  return ids_of(query(partition, params));
}

Ids filtered(Partition& partition, const Json& filter) {
  return found(partition, {{"filter", filter}});
}

// Every id of a list in its order, page by page.
Ids all_pages(Partition& partition, cache::SummaryIndex& index, Json params) {
  Ids ids;
  while (true) {
    const Json reply = query(partition, index, params);
    for (auto& id : ids_of(reply)) ids.push_back(std::move(id));
    REQUIRE(ids.size() < 1'000);  // pages that never get on
    if (!reply.contains("next")) return ids;
    params["after"] = reply["next"];
  }
}

Error filter_error(const Json& filter) { return error_of({{"type", "pr"}, {"filter", filter}}); }

}  // namespace

TEST_CASE("a filter asks for values, lists, ranges and for what is not there") {
  Partition partition;
  put(partition, "a", {{"status", "draft"}, {"created_at", "2026-01-03T00:00:00Z"}});
  put(partition, "b", {{"status", "submitted"}, {"created_at", "2026-01-02T00:00:00Z"}});
  put(partition, "c", {{"status", "approved"}, {"created_at", "2026-01-01T00:00:00Z"}});
  put(partition, "d", {{"status", nullptr}, {"created_at", 7}});
  put(partition, "e", Json::object());
  CHECK(filtered(partition, {{"status", "submitted"}}) == Ids{"b"});
  CHECK(filtered(partition, {{"status", {{"in", {"draft", "approved"}}}}}) == Ids{"a", "c"});
  CHECK(filtered(partition, {{"status", nullptr}}) == Ids{"d", "e"});
  CHECK(filtered(partition, {{"created_at", {{"gte", "2026-01-02T00:00:00Z"}}}}) == Ids{"a", "b"});
  CHECK(filtered(partition, {{"created_at", {{"gt", "2026-01-02T00:00:00Z"}}}}) == Ids{"a"});
  CHECK(filtered(partition, {{"created_at", {{"lte", "2026-01-02T00:00:00Z"}}}}) == Ids{"b", "c"});
  CHECK(filtered(partition, {{"created_at", {{"gt", 6}, {"lt", 7.5}}}}) == Ids{"d"});
  CHECK(filtered(partition, {{"created_at", {{"gt", 7}}}}).empty());
  CHECK(filtered(partition, {{"status", "draft"}, {"created_at", 7}}).empty());
  CHECK(filtered(partition, Json::object()) == Ids{"a", "b", "c", "d", "e"});
}

TEST_CASE(
    "INV-Q14: a document changed here is found by its new value, and one made here is found") {
  Partition partition;
  cache::SummaryIndex index;
  put(partition, "a", {{"status", "draft"}, {"title", "Cement"}});
  put(partition, "b", {{"status", "draft"}, {"title", "Sand"}});
  const auto ids = [&](Json params) {
    params["type"] = "pr";
    return ids_of(query(partition, index, params));
  };
  CHECK(ids({{"filter", {{"status", "draft"}}}}) == Ids{"a", "b"});
  add_operation(partition, {1, {"pr", "a"}, "submit"});
  add_operation(partition, {2, {"pr", "b"}, "update", R"({"title":"Gravel"})"});
  add_operation(partition, {3, {"pr", "c"}, "create", R"({"title":"Cement again"})"});
  CHECK(ids({{"filter", {{"status", "draft"}}}}) == Ids{"b", "c"});
  CHECK(ids({{"filter", {{"status", "submitted"}}}}) == Ids{"a"});
  CHECK(ids({{"text", "sand"}}).empty());
  CHECK(ids({{"text", "gravel"}}) == Ids{"b"});
  CHECK(ids({{"text", "CEMENT"}}) == Ids{"a", "c"});
  add_operation(partition, {4, {"pr", "a"}, "delete"});
  CHECK(ids({{"text", "cement"}}) == Ids{"c"});
}

TEST_CASE("a search finds each of its words in the summary, whatever its case") {
  Partition partition;
  put(partition, "a", {{"title", "Steel beams"}, {"number", "PR-1007"}, {"note", "urgent"}});
  put(partition, "b", {{"title", "Stahlträger für die ÖBB"}, {"amount_minor", 129900}});
  put(partition, "c", {{"title", "Цемент"}, {"project", "Αθήνα"}});
  CHECK(found(partition, {{"text", "beam steel"}}) == Ids{"a"});
  CHECK(found(partition, {{"text", "steel pr-1007"}}) == Ids{"a"});
  CHECK(found(partition, {{"text", "beamspr"}}).empty());
  CHECK(found(partition, {{"text", "urgent"}}).empty());
  CHECK(found(partition, {{"text", "STAHLTRÄGER öbb"}}) == Ids{"b"});
  CHECK(found(partition, {{"text", "1299"}}) == Ids{"b"});
  CHECK(found(partition, {{"text", "ЦЕМ ΑΘΉ"}}) == Ids{"c"});
  CHECK(found(partition, {{"text", "ΑΘΗ"}}) == Ids{"c"});  // without its accent
  CHECK(found(partition, {{"text", "ЦЕМ ΑΘ"}}) == Ids{"c"});
}

TEST_CASE("a list is sorted by a field or by its last change, both ways, and by id where alike") {
  Partition partition;
  put(partition, "a", {{"created_at", "2026-01-02"}}, 1, 3'000);
  put(partition, "b", {{"created_at", "2026-01-03"}}, 1, 1'000);
  put(partition, "c", {{"created_at", "2026-01-02"}}, 1, 2'000);
  put(partition, "d", Json::object(), 1, 1'000);
  add_operation(partition, {1, {"pr", "e"}, "create", R"({"title":"new","created_at":4})"});
  const auto by = [&](const char* field, const char* order) {
    return found(partition, {{"sort", {{"by", field}, {"order", order}}}});
  };
  CHECK(by("created_at", "ascending") == Ids{"d", "e", "a", "c", "b"});
  CHECK(by("created_at", "descending") == Ids{"b", "a", "c", "e", "d"});
  CHECK(by("updated_at", "ascending") == Ids{"b", "d", "c", "a", "e"});
  CHECK(by("updated_at", "descending") == Ids{"e", "a", "c", "b", "d"});
  CHECK(found(partition, {{"sort", {{"by", "created_at"}}}, {"limit", 2}}) == Ids{"d", "e"});
}

TEST_CASE("pages go on behind their last document, also when it is gone or moved meanwhile") {
  Partition partition;
  cache::SummaryIndex index;
  for (int i = 10; i < 40; ++i) put(partition, std::to_string(i), {{"created_at", i / 7}});
  const Json params{{"type", "pr"}, {"sort", {{"by", "created_at"}}}, {"limit", 8}};
  const Json first = query(partition, index, params);
  CHECK(ids_of(first).back() == "17");
  partition.put({{"pr", "17"}, 2, Instant{1}, true, "{}"});
  put(partition, "12", {{"created_at", 9}}, 2);
  put(partition, "05", {{"created_at", 0}}, 2);
  Json rest = params;
  rest["after"] = first["next"];
  const Ids seen = all_pages(partition, index, rest);
  CHECK(seen.size() == 23);
  CHECK(seen.front() == "18");
  CHECK(seen.back() == "12");
}

TEST_CASE("what a query does not allow is named") {
  CHECK(filter_error({{"title", "x"}}).code == "query.unknown_field");
  CHECK(filter_error({{"title", "x"}}).field == "params.filter.title");
  CHECK(filter_error({{"title", "x"}}).message ==
        "params.filter.title is no field that pr declares for filters and sorting: status, "
        "created_at");
  CHECK(filter_error({{"status", Json::array({"draft"})}}).code == "field.type");
  CHECK(filter_error({{"status", Json::array({"draft"})}}).field == "params.filter.status");
  CHECK(filter_error({{"status", {{"gt", true}}}}).field == "params.filter.status.gt");
  CHECK(filter_error({{"status", {{"gt", true}}}}).code == "field.type");
  CHECK(filter_error({{"status", {{"gt", 1}, {"lt", "x"}}}}).field == "params.filter.status");
  CHECK(filter_error({{"status", {{"gt", 1}, {"lt", "x"}}}}).code == "field.type");
  CHECK(filter_error({{"status", {{"gt", 1}, {"gte", 1}}}}).code == "field.value");
  CHECK(filter_error({{"status", {{"like", "x"}}}}).field == "params.filter.status.like");
  CHECK(filter_error({{"status", {{"like", "x"}}}}).code == "field.unknown");
  CHECK(filter_error({{"status", Json::object()}}).code == "field.value");
  CHECK(filter_error({{"status", {{"in", "draft"}}}}).field == "params.filter.status.in");
  CHECK(filter_error({{"status", {{"in", Json::array()}}}}).code == "field.value");
  CHECK(filter_error({{"status", {{"in", {"a", Json::object()}}}}}).field ==
        "params.filter.status.in[1]");
  CHECK(filter_error({{"status", {{"in", {"a"}}, {"gt", "b"}}}}).code == "field.value");
  const std::string long_text(limits::kFilterTextBytesMax + 1, 'x');
  CHECK(filter_error({{"status", long_text}}).field == "params.filter.status");
  CHECK(error_of({{"type", "pr"}, {"sort", {{"by", "title"}}}}).field == "params.sort.by");
  CHECK(error_of({{"type", "pr"}, {"sort", {{"by", "title"}}}}).code == "query.unknown_field");
  CHECK(error_of({{"type", "pr"}, {"text", " \t "}}).field == "params.text");
  CHECK(error_of({{"type", "pr"}, {"id", "a"}, {"text", "b"}}).field == "params.text");
  CHECK(error_of({{"type", "pr"}, {"id", "a"}, {"filter", Json::object()}}).field ==
        "params.filter");
}

TEST_CASE("a token of another order, or of nothing, is refused") {
  Partition partition;
  for (int i = 0; i < 3; ++i) put(partition, std::to_string(i), {{"status", "draft"}});
  const Json sorted{{"type", "pr"}, {"sort", {{"by", "status"}}}, {"limit", 1}};
  Json other{{"type", "pr"}, {"after", query(partition, sorted)["next"]}};
  CHECK(error_of(other).field == "params.after");
  other["sort"] = {{"by", "status"}, {"order", "descending"}};
  CHECK(error_of(other).field == "params.after");
  for (const char* nonsense : {"pr-31", "W10=", "WyIiLGZhbHNlLFs5LDAsMCwiIl0sIiJd", "%"}) {
    INFO(nonsense);
    CHECK(error_of({{"type", "pr"}, {"after", nonsense}}).code == "field.value");
  }
}

TEST_CASE(
    "fields that are too long are compared as far as they are kept, and searched no further") {
  Partition partition;
  const std::string stem(limits::kFieldTextBytesMax - 1, 'x');
  put(partition, "a", {{"status", stem + "é1"}, {"title", std::string(3'000, 'y') + " end"}});
  put(partition, "b", {{"status", stem + "é0"}});
  put(partition, "c", {{"status", std::string(limits::kFilterTextBytesMax, 'x')}});
  CHECK(found(partition, {{"sort", {{"by", "status"}}}}) == Ids{"c", "a", "b"});
  CHECK(filtered(partition, {{"status", std::string(limits::kFilterTextBytesMax, 'x')}}) ==
        Ids{"c"});
  CHECK(found(partition, {{"text", "end"}}).empty());
  cache::SummaryIndex index;
  CHECK(all_pages(partition, index, {{"type", "pr"}, {"sort", {{"by", "status"}}}, {"limit", 1}}) ==
        Ids{"c", "a", "b"});
}
}  // namespace landfall::pull_test
