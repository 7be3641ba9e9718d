#include "engine/realtime/hub_message.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "engine/realtime/data_changed.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::realtime;

namespace {

std::string record(std::string_view json) { return std::string{json} + kRecordSeparator; }

// Everything that comes out of `bytes`, fed in pieces that end where `random` says.
std::vector<std::string> split(const std::string& bytes, Random& random) {
  RecordReader reader;
  std::vector<std::string> records;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t piece = 1 + random.below(bytes.size() - at);
    auto some = reader.feed(std::string_view(bytes).substr(at, piece));
    REQUIRE(some);
    records.insert(records.end(), some->begin(), some->end());
    at += piece;
  }
  return records;
}

std::string random_bytes(Random& random, std::size_t size_max) {
  std::string bytes(random.below(size_max + 1), '\0');
  for (char& byte : bytes) {
    byte = random.chance(0.02) ? kRecordSeparator : static_cast<char>(random.below(256));
  }
  return bytes;
}

}  // namespace

TEST_CASE("wherever a stream of the hub is cut, the same messages come out of it") {
  const std::string stream = record("{}") + record(R"({"type":6})") +
                             record(R"({"type":1,"target":"DataChanged","arguments":[{}]})") +
                             record("") + record(R"({"type":7,"error":"bye"})") + "{\"ty";
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Random random(seed);
    const auto records = split(stream, random);
    REQUIRE(records.size() == 5);
    CHECK(records[0] == "{}");
    CHECK(records[2] == R"({"type":1,"target":"DataChanged","arguments":[{}]})");
    CHECK(records[3].empty());
    CHECK(records[4] == R"({"type":7,"error":"bye"})");
  }
}

TEST_CASE(
    "whatever bytes come, none crashes the hub's reader and none makes it keep more than one "
    "message may have") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    RecordReader reader;
    for (int i = 0; i < 10; ++i) {
      const auto records = reader.feed(random_bytes(random, 3'000));
      CHECK(reader.pending_bytes() <= limits::kHubMessageBytesMax);
      if (!records) continue;
      for (const auto& each : *records) {
        (void)parse_hub_message(each);
        (void)parse_handshake_reply(each);
        (void)parse_negotiation(each);
      }
    }
  }
}

TEST_CASE("a message that is larger than one may be is refused before it is kept") {
  RecordReader reader;
  const std::string half(limits::kHubMessageBytesMax, 'x');
  REQUIRE(reader.feed(half));
  const auto more = reader.feed("x");
  REQUIRE_FALSE(more);
  CHECK(more.error().code == "hub.too_large");
  CHECK(reader.pending_bytes() == 0);
}

TEST_CASE("messages of the hub mean what the protocol says, and what is not known is ignored") {
  SECTION("an invocation") {
    const auto message = parse_hub_message(
        R"({"type":1,"target":"PermissionsUpdated","arguments":[{"UserId":"u"}],"headers":{}})");
    REQUIRE(message);
    CHECK(message->kind == HubMessageKind::invocation);
    CHECK(message->target == "PermissionsUpdated");
    CHECK(message->arguments[0]["UserId"] == "u");
    CHECK(message->invocation_id.empty());
  }
  SECTION("one whose caller waits") {
    const auto message =
        parse_hub_message(R"({"type":1,"invocationId":"7","target":"Ask","arguments":[]})");
    REQUIRE(message);
    CHECK(message->invocation_id == "7");
    CHECK(completion_record("7", "no") == record(R"({"error":"no","invocationId":"7","type":3})"));
  }
  SECTION("a close, which allows a reconnect only where it says so") {
    CHECK_FALSE(parse_hub_message(R"({"type":7})")->allow_reconnect);
    const auto close = parse_hub_message(R"({"type":7,"error":"e","allowReconnect":true})");
    CHECK(close->kind == HubMessageKind::close);
    CHECK(close->allow_reconnect);
    CHECK(close->error == "e");
  }
  SECTION("pings, and types of other versions") {
    CHECK(parse_hub_message(R"({"type":6})")->kind == HubMessageKind::ping);
    for (const char* text : {R"({"type":2,"item":1})", R"({"type":99})", R"({"type":-1})",
                             R"({"type":18446744073709551615})"})
      CHECK(parse_hub_message(text)->kind == HubMessageKind::other);
  }
  SECTION("what is none") {
    for (const char* text :
         {"", "[]", "7", "{", "{}", R"({"type":"1"})", R"({"type":1})",
          R"({"type":1,"target":"T"})", R"({"type":1,"target":7,"arguments":[]})",
          R"({"type":1,"target":"T","arguments":{}})", R"({"type":7,"allowReconnect":"yes"})"}) {
      const auto message = parse_hub_message(text);
      REQUIRE_FALSE(message);
      CHECK(message.error().code == "hub.invalid");
    }
  }
}

TEST_CASE(
    "a negotiation of version 0 names an id, one of version 1 a token, and none is followed "
    "elsewhere") {
  const std::string sockets =
      R"("availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}])";
  CHECK(parse_negotiation(R"({"connectionId":"a",)" + sockets + "}")->connection == "a");
  CHECK(parse_negotiation(R"({"negotiateVersion":1,"connectionId":"a","connectionToken":"b",)" +
                          sockets + "}")
            ->connection == "b");
  const auto code = [](const std::string& body) { return parse_negotiation(body).error().code; };
  CHECK(code(R"({"url":"https://elsewhere.example","accessToken":"t"})") == "hub.negotiate");
  CHECK(code(R"({"error":"full"})") == "hub.negotiate");
  CHECK(code(R"({"connectionId":"a","availableTransports":[{"transport":"LongPolling"}]})") ==
        "hub.transport");
  CHECK(code(R"({"negotiateVersion":1,"connectionId":"a",)" + sockets + "}") == "hub.invalid");
  CHECK(code("<html>") == "hub.invalid");
}

TEST_CASE("the handshake asks for the JSON protocol, and an answer that is none is no handshake") {
  CHECK(handshake_record() == record(R"({"protocol":"json","version":1})"));
  CHECK(ping_record() == record(R"({"type":6})"));
  CHECK(parse_handshake_reply("{}"));
  CHECK(parse_handshake_reply(R"({"error":"no"})").error().code == "hub.refused");
  CHECK(parse_handshake_reply(R"({"type":6})").error().code == "hub.invalid");
  CHECK(parse_handshake_reply("").error().code == "hub.invalid");
}

TEST_CASE("DataChanged names one document and its version, or is ignored (A-40)") {
  const auto parse = [](const char* text) { return parse_data_changed(Json::parse(text)); };
  const auto changed =
      parse(R"([{"entity_type":"approval","entity_id":"a1","row_version":8,"more":1}])");
  REQUIRE(changed);
  CHECK(changed->entity == EntityKey{"approval", "a1"});
  CHECK(changed->row_version == 8);
  CHECK(parse("[]").error().field == "arguments");
  CHECK(parse("[{},{}]").error().field == "arguments");
  CHECK(parse(R"([{"entity_id":"a","row_version":1}])").error().field == "entity_type");
  CHECK(parse(R"([{"entity_type":"a","entity_id":"","row_version":1}])").error().field ==
        "entity_id");
  CHECK(parse(R"([{"entity_type":"a","entity_id":"b","row_version":0}])").error().field ==
        "row_version");
}
