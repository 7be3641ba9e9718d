#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "mobile_glue/embed.hpp"
#include "schema/limits.hpp"
#include "tests/mobile_glue/host.hpp"
#include "tests/mobile_glue/stepped_desk.hpp"

using namespace landfall;
using landfall::test::Host;
using landfall::test::reply_to_bad_text;
using landfall::test::SteppedDesk;
using landfall::test::TemporaryDirectory;
using nlohmann::json;

namespace {

struct BadText {
  std::string text;
  json reply;  // the id that could be read, or null
  std::string code;
  std::string field;
  int offset = -1;
};

std::string nested(std::size_t depth) {
  return R"({"id":1,"request":"engine.status","params":)" + std::string(depth - 1, '[') +
         std::string(depth - 1, ']') + "}";
}

json enqueue_params() {
  return {{"id", "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e"},
          {"entity_type", "approval"},
          {"entity_id", "PO-1"},
          {"action", "approve"},
          {"attestation", {{"biometric_verified", true}}},
          {"payload", json::object()}};
}

}  // namespace

TEST_CASE("bad input at send gets one reply that names the field or the byte, and costs nothing") {
  const std::string too_large =
      R"({"id":1,"request":")" + std::string(limits::kRequestJsonBytesMax, 'x') + "\"}";
  const std::vector<BadText> texts = {
      {"", nullptr, "json.invalid", "", 0},
      {R"({"id":1,"request":"engine.st)", nullptr, "json.invalid", "", 28},
      {"{\"id\":1,\"request\":\"a\xff\"}", nullptr, "json.invalid", "", 20},
      {"{\"id\":1,\"request\":\"\xed\xa0\x80\"}", nullptr, "json.invalid", "", 20},
      {R"({"id":1,"request":"\ud800"})", nullptr, "json.invalid", "", 25},
      {R"({"id":1e400,"request":"engine.status"})", nullptr, "json.invalid", "", 6},
      {R"({"id":1,"x":[18446744073709551616]})", nullptr, "json.invalid", "", 13},
      {nested(65), nullptr, "json.too_deep", "", 106},
      {too_large, nullptr, "json.too_large", "", -1},
      {"[]", nullptr, "request.invalid", "", -1},
      {R"({"hello":1})", nullptr, "request.invalid", "", -1},
      {R"({"request":"engine.status"})", nullptr, "field.missing", "id", -1},
      {R"({"id":"7","request":"engine.status"})", nullptr, "field.type", "id", -1},
      {R"({"id":1.5,"request":"engine.status"})", nullptr, "field.type", "id", -1},
      {R"({"id":18446744073709551615,"request":"engine.status"})", nullptr, "field.range", "id",
       -1},
      {R"({"id":7,"request":9})", 7, "field.type", "request", -1},
      {R"({"id":7,"request":"engine.explode"})", 7, "request.unknown", "request", -1},
      {R"({"id":7,"request":"engine.status","parms":{}})", 7, "field.unknown", "parms", -1},
      {R"({"id":7,"request":"engine.status","params":[]})", 7, "field.type", "params", -1},
      {R"({"id":7,"request":"engine.status","params":{"x":1}})", 7, "field.unknown", "params.x",
       -1},
      {R"({"id":7,"request":"network.hint","params":{"up":"yes"}})", 7, "field.type", "params.up",
       -1},
      {R"({"id":7,"request":"network.hint"})", 7, "field.missing", "params.up", -1},
      {R"({"answer":1})", nullptr, "request.invalid", "result", -1},
      {R"({"answer":1,"result":7})", nullptr, "field.type", "result", -1},
      {R"({"answer":"1","result":{}})", nullptr, "field.type", "answer", -1},
  };
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  for (const BadText& bad : texts) {
    INFO(bad.text.substr(0, 120));
    const json message = reply_to_bad_text(host, bad.text);
    INFO(message.dump());
    CHECK(message["reply"] == bad.reply);
    CHECK(message["error"]["code"] == bad.code);
    CHECK(message["error"].value("field", "") == bad.field);
    CHECK(message["error"].value("offset", -1) == bad.offset);
  }
  host.send({{"id", 99}, {"request", "engine.status"}});
  CHECK(host.wait_for_reply(99).contains("result"));
}

TEST_CASE("texts of 64 MiB and of 100,000 levels are refused at once, by both ways in") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  const std::vector<std::pair<std::string, std::string>> bad = {
      {std::string(64 * limits::kMiB, ' '), "json.too_large"},
      {std::string(64 * limits::kMiB, '['), "json.too_large"},
      {std::string(100'000, '['), "json.too_deep"}};
  for (const auto& [text, code] : bad) {
    CHECK(reply_to_bad_text(host, text)["error"]["code"] == code);
    const std::int64_t ticket = landfall_enqueue(host.engine(), text.c_str());
    REQUIRE(ticket > 0);
    const json reply =
        host.wait_for([&](const json& message) { return message.value("ticket", 0) == ticket; });
    CHECK(reply["error"]["code"] == code);
    CHECK(reply.dump().size() < 1'024);
  }
}

TEST_CASE("a request of 64 levels and one of the largest size are still read") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  CHECK(reply_to_bad_text(host, nested(64))["error"]["code"] == "field.type");
  std::string largest = R"({"id":1,"request":"engine.status"})";
  largest.append(limits::kRequestJsonBytesMax - largest.size(), ' ');
  REQUIRE(landfall_send(host.engine(), largest.c_str()) == LANDFALL_OK);
  CHECK(host.wait_for_reply(1).contains("result"));
}

TEST_CASE(
    "before the device is open a request is told so, and what needs a user is refused whole") {
  const TemporaryDirectory directory;
  SteppedDesk desk;
  Host host{desk.open(directory.path())};
  actors::SteppedRuntime& runtime = *glue::stepped_of(host.engine());
  host.send({{"id", 1}, {"request", "session.status"}});
  host.send({{"id", 2}, {"request", "engine.status"}});
  // The supervisor, which opens the device, waits behind the others.
  while (runtime.ready() > 1) REQUIRE(runtime.step(0) != "supervisor");
  json opening;
  json status;
  for (const json& message : host.drain()) {
    if (message.value("reply", 0) == 1) opening = message;
    if (message.value("reply", 0) == 2) status = message;
  }
  CHECK(opening["error"]["code"] == "engine.opening");
  CHECK(status["result"]["state"] == "opening");

  test::run_all(runtime);
  host.send({{"id", 3}, {"request", "operations.enqueue"}, {"params", enqueue_params()}});
  host.send({{"id", 4}, {"request", "documents.query"}, {"params", {{"type", "approval"}}}});
  const std::int64_t ticket = landfall_enqueue(host.engine(), enqueue_params().dump().c_str());
  CHECK(ticket > 0);
  test::run_all(runtime);
  CHECK(host.wait_for_reply(3)["error"]["code"] == "engine.locked");
  CHECK(host.wait_for_reply(4)["error"]["code"] == "engine.locked");
  const json acknowledgement =
      host.wait_for([&](const json& message) { return message.value("ticket", 0) == ticket; });
  CHECK(acknowledgement["error"]["code"] == "engine.locked");
}

TEST_CASE("params of an enqueue that do not fit are answered under the ticket") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  json params = enqueue_params();
  params["id"] = "not an id";
  const std::vector<std::pair<std::string, std::string>> bad = {
      {params.dump(), "field.value"}, {"{", "json.invalid"}, {"[]", "field.type"}};
  for (const auto& [text, code] : bad) {
    const std::int64_t ticket = landfall_enqueue(host.engine(), text.c_str());
    REQUIRE(ticket > 0);
    const json reply =
        host.wait_for([&](const json& message) { return message.value("ticket", 0) == ticket; });
    CHECK(reply["error"]["code"] == code);
  }
}

TEST_CASE(
    "beyond the bound on open requests send is busy, and takes again once replies were polled") {
  const TemporaryDirectory directory;
  SteppedDesk desk;
  Host host{desk.open(directory.path())};
  const std::string status = R"({"id":1,"request":"engine.status"})";
  for (std::size_t i = 0; i < limits::kOpenRequestsMax; ++i) {
    REQUIRE(landfall_send(host.engine(), status.c_str()) == LANDFALL_OK);
  }
  CHECK(landfall_send(host.engine(), status.c_str()) == LANDFALL_BUSY);
  CHECK(landfall_send(host.engine(), "no JSON at all") == LANDFALL_BUSY);
  CHECK(landfall_enqueue(host.engine(), enqueue_params().dump().c_str()) == LANDFALL_BUSY);
  CHECK(landfall_send(host.engine(), R"({"answer":1,"result":{}})") == LANDFALL_OK);

  // Replies that wait to be polled hold their slots: a host that never polls is not served for
  // ever.
  test::run_all(*glue::stepped_of(host.engine()));
  CHECK(landfall_send(host.engine(), status.c_str()) == LANDFALL_BUSY);
  (void)host.wait_for_reply(1);
  CHECK(landfall_send(host.engine(), status.c_str()) == LANDFALL_OK);
  CHECK(landfall_send(host.engine(), status.c_str()) == LANDFALL_BUSY);
}

TEST_CASE("ten threads send at once and each request gets its one reply") {
  constexpr int kThreads = 10;
  constexpr int kEach = 200;
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string text =
            json{{"id", 1 + thread * kEach + i}, {"request", "engine.status"}}.dump();
        int code = LANDFALL_BUSY;
        while ((code = landfall_send(host.engine(), text.c_str())) == LANDFALL_BUSY) {
          std::this_thread::yield();
        }
        if (code != LANDFALL_OK) return;
      }
    });
  }
  std::map<int, int> replies;
  for (int left = kThreads * kEach; left > 0; --left) {
    const json message = host.wait_for([](const json& m) { return m.contains("reply"); });
    ++replies[message["reply"].get<int>()];
  }
  for (auto& thread : threads) thread.join();
  CHECK(replies.size() == kThreads * kEach);
  for (const auto& [id, count] : replies) CHECK(count == 1);
}
