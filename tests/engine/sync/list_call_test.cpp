#include "engine/sync/list_call.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/http/request_builder.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {
namespace {

const Profile& prokure() {
  static const Partition partition;
  return partition.profile;
}

sync::ListQuestion orders() {
  sync::ListQuestion question;
  question.type = "po";
  return question;
}

sync::ListQuestion dashboard() {
  sync::ListQuestion question;
  question.type = "kpi";
  question.read = "dashboard";
  return question;
}

Error refused(const sync::ListQuestion& question, const std::string& body) {
  const auto answer = sync::parse_list(prokure(), question, body);
  REQUIRE_FALSE(answer);
  return answer.error();
}

}  // namespace

TEST_CASE("P-70 P-71: a list is asked for as the wire has its third form") {
  auto question = orders();
  CHECK(Json::parse(sync::list_call(prokure(), "device-1", question).body) ==
        Json{{"device_id", "device-1"},
             {"query", {{"entity_type", "po"}, {"filter", Json::object()}, {"after", nullptr}}}});
  question.filter = R"({"status":{"in":["open","sent"]}})";
  question.text = "steel";
  question.after = "PO-7";
  question.limit = 50;
  const auto call = sync::list_call(prokure(), "device-1", question);
  CHECK(call.endpoint == "pull");
  CHECK(Json::parse(call.body)["query"] ==
        Json{{"entity_type", "po"},
             {"filter", {{"status", {{"in", {"open", "sent"}}}}}},
             {"text", "steel"},
             {"after", "PO-7"},
             {"limit", 50}});
}

TEST_CASE(
    "P-97: a page of a cached read is asked for behind the path, and a mark stays one value") {
  auto question = dashboard();
  question.read = "notifications";
  question.type = "notification";
  const auto target = [&] {
    return http::build_request(prokure(),
                               {{"device_id", "d"},
                                {"app_version", "1"},
                                {"platform", "IOS"},
                                {"os_version", "17"},
                                {"zone", "Asia/Kolkata"}},
                               sync::list_call(prokure(), "d", question), "r", nullptr)
        .value()
        .target;
  };
  CHECK(target() == "/api/mobile/notifications");
  question.after = "a/b?c=d&e";
  question.limit = 20;
  CHECK(target() == "/api/mobile/notifications?after=a%2Fb%3Fc%3Dd%26e&limit=20");
  question.after = "..";  // a server may mark as it likes
  CHECK(target() == "/api/mobile/notifications?after=..&limit=20");
  CHECK(sync::list_call(prokure(), "d", question).body.empty());
}

TEST_CASE("A list's documents come in the server's order, with its mark for the next page") {
  const Json body{{"changes", {wire_document("po", "2", 1), wire_document("po", "1", 4)}},
                  {"next", "1"}};
  const auto answer = sync::parse_list(prokure(), orders(), dump_json(body));
  REQUIRE(answer);
  REQUIRE(answer->documents.size() == 2);
  CHECK(answer->documents[0].entity.id == "2");
  CHECK(answer->documents[1].row_version == 4);
  CHECK(answer->next == "1");
  CHECK(answer->kept.empty());
}

TEST_CASE("P-91: what stands beside the items of a cached read is kept, and each item as its id") {
  const Json body{
      {"server_time", "2026-01-31T08:15:00.250Z"},
      {"items",
       {wire_document("kpi", "B", 1), wire_document("kpi", "A", 4), wire_tombstone("kpi", "C", 2)}},
      {"totals", {{"pending_approvals", 7}}},
      {"next", nullptr}};
  const auto answer = sync::parse_list(prokure(), dashboard(), dump_json(body));
  REQUIRE(answer);
  CHECK(answer->documents.size() == 3);
  CHECK_FALSE(answer->next);
  CHECK(Json::parse(answer->kept) ==
        Json{{"items", {"B", "A"}}, {"totals", {{"pending_approvals", 7}}}, {"next", nullptr}});
}

TEST_CASE("An answer to a list is understood whole or not at all") {
  CHECK(refused(orders(), "<html>").code == "pull.answer_invalid");
  CHECK(refused(orders(), "[]").kind == ErrorClass::transient);
  CHECK(refused(orders(), "{}").field == "changes");
  CHECK(refused(orders(), R"({"changes":{}})").field == "changes");
  CHECK(refused(dashboard(), R"({"changes":[]})").field == "items");
  const Json other{{"changes", {wire_document("po", "1", 1), wire_document("pr", "1", 1)}}};
  CHECK(refused(orders(), dump_json(other)).message.find("another type") != std::string::npos);
  const Json broken{{"changes", {wire_document("po", "1", 0)}}};
  CHECK(refused(orders(), dump_json(broken)).field == "changes.0.row_version");
  const Json never_was{{"changes", {wire_tombstone("po", "1", 0)}}};
  CHECK(refused(orders(), dump_json(never_was)).field == "changes.0.row_version");
  CHECK(refused(orders(), R"({"changes":[],"next":7})").field == "next");
  CHECK(refused(orders(), R"({"changes":[],"next":""})").field == "next");
  const Json long_mark{{"changes", Json::array()}, {"next", std::string(1'025, 'x')}};
  CHECK(refused(orders(), dump_json(long_mark)).field == "next");
  const Json too_much{{"items", Json::array()}, {"totals", std::string(600'000, 'x')}};
  CHECK(refused(dashboard(), dump_json(too_much)).code == "pull.answer_invalid");
}

}  // namespace landfall::pull_test
