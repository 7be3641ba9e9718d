#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "simulator/backend/files.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

constexpr const char* kPhoto = "/sdcard/photo.jpg";
constexpr const char* kUploads = "/api/mobile/attachments";
constexpr const char* kReport = "/api/mobile/reports/report-7/download";
constexpr std::size_t kPieceBytes = 262'144;  // of ProKure's profile

std::string photo_of(std::size_t bytes) {
  Random random(11);
  std::string content = "\xFF\xD8\xFF";
  while (content.size() < bytes) content.push_back(static_cast<char>(random.below(256)));
  return content;
}

std::string hex_hash_of(const std::string& content) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(content.data()), content.size());
  char hex[2 * sizeof hash + 1];
  sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
  return hex;
}

void write_file(Rig& rig, const std::string& path, const std::string& content) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
  rig.disk().write_file(path, std::span(bytes, content.size()));
}

std::optional<std::string> read_file(Rig& rig, const std::string& path) {
  const auto bytes = rig.disk().read_file(path);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

std::vector<std::string> sealed_files(Rig& rig) {
  return rig.disk().files().list("/phone/attachments");
}

// Logged in, with an operation that waits for a network and a photograph on the host's disk.
struct Desk {
  explicit Desk(std::size_t photo_bytes = 2 * kPieceBytes + 99) : photo(photo_of(photo_bytes)) {
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{2'000});
    rig.set_online(false);
    operation = rig.enqueue_requisition();
    write_file(rig, kPhoto, photo);
  }

  Json params() {
    return {{"id", id}, {"operation", operation}, {"path", kPhoto}, {"content_type", "image/jpeg"}};
  }
  Json add() {
    id = rig.make_id();
    return rig.call("attachments.add", params());
  }
  Json row(const std::string& of) {
    const Json list = rig.call("attachments.list", {{"settled", true}})["result"]["attachments"];
    const auto found =
        std::ranges::find_if(list, [&](const Json& each) { return each["id"] == of; });
    return found == list.end() ? Json() : *found;
  }
  void check_at_server() {
    const auto& files = rig.backend().ledger().files();
    REQUIRE(files.size() == 1);
    CHECK(files[0].id == id);
    CHECK(files[0].operation_id == operation);
    CHECK(files[0].sha256 == hex_hash_of(photo));
    CHECK(rig.backend().ledger().violations().empty());
  }

  Rig rig;
  std::string photo;
  std::string operation;
  std::string id;
};

void suspend(Rig& rig) {
  (void)rig.runtime().suspend(Duration{1'000});
  rig.settle();
  REQUIRE(rig.engine_state() == "suspended");
  const auto held = rig.disk().held();
  INFO((held.empty() ? "" : held.front()));
  CHECK(held.empty());
  CHECK(rig.network().open_calls().empty());
}

}  // namespace

TEST_CASE(
    "an operation commits with its photo pending, and the photo follows in pieces, once, with "
    "its hash (P-72, P-80)") {
  Desk desk;
  const Json added = desk.add();
  REQUIRE(added.contains("result"));
  CHECK(added["result"]["state"] == "waiting");
  CHECK(added["result"]["bytes"] == desk.photo.size());
  CHECK(added["result"]["sha256"] == hex_hash_of(desk.photo));
  // The host's file may go.
  CHECK(desk.rig.disk().erase_file(kPhoto));
  CHECK(desk.row(desk.id)["would_help"] == "sync");
  desk.rig.set_online(true);
  desk.rig.advance(Duration{20'000});
  CHECK(desk.rig.states()["applied"] == 1);
  CHECK(desk.row(desk.id)["state"] == "done");
  desk.check_at_server();
  CHECK(desk.rig.network().sent(kUploads).size() == 1);
  CHECK(desk.rig.network().sent(std::string(kUploads) + "/" + desk.id).size() == 3);
  const auto events = desk.rig.events("attachment.changed");
  REQUIRE_FALSE(events.empty());
  CHECK(events.back()["state"] == "done");
  CHECK(events.back()["bytes_done"] == desk.photo.size());
}

TEST_CASE("no byte of a photograph stands in clear on the phone's disk (INV-X1)") {
  Desk desk;
  REQUIRE(desk.add().contains("result"));
  CHECK(desk.rig.disk().erase_file(kPhoto));
  const std::string part = desk.photo.substr(1'000, 16);
  for (const auto& name : desk.rig.disk().list_files())
    CHECK(read_file(desk.rig, name)->find(part) == std::string::npos);
}

TEST_CASE("an upload that is cut in the middle goes on from the byte that the server has") {
  Desk desk;
  bool is_first = true;
  desk.rig.backend().set_file_hook([&](const std::string&) {
    backend::FileFault fault;
    if (std::exchange(is_first, false)) fault.keep_bytes = 1'000;
    return fault;
  });
  REQUIRE(desk.add().contains("result"));
  desk.rig.set_online(true);
  desk.rig.advance(Duration{30'000});
  CHECK(desk.row(desk.id)["state"] == "done");
  desk.check_at_server();
  std::vector<std::string> ranges;
  for (const auto& call : desk.rig.network().sent(std::string(kUploads) + "/" + desk.id)) {
    ranges.push_back(call.request.method == "HEAD"
                         ? "HEAD"
                         : http::header_text(call.request.headers, "Content-Range"));
  }
  const std::string total = "/" + std::to_string(desk.photo.size());
  CHECK(ranges ==
        std::vector<std::string>{"bytes 0-262143" + total, "HEAD", "bytes 1000-262143" + total,
                                 "bytes 262144-524287" + total, "bytes 524288-524386" + total});
}

TEST_CASE(
    "P-101: an upload that a too old app may not finish goes on when the server takes it again") {
  Desk desk;
  bool is_first = true;
  desk.rig.backend().set_file_hook([&](const std::string&) {
    if (std::exchange(is_first, false)) desk.rig.backend().set_minimum_app_version("2.0.0");
    return backend::FileFault{};
  });
  REQUIRE(desk.add().contains("result"));
  desk.rig.set_online(true);
  desk.rig.advance(Duration{20'000});
  const Json row = desk.row(desk.id);
  CHECK(row["state"] == "blocked");
  CHECK(row["block_reason"] == "upgrade");
  CHECK(row["would_help"] == "update");
  desk.rig.advance(Duration{600'000});
  CHECK(desk.row(desk.id)["state"] == "blocked");
  desk.rig.backend().set_minimum_app_version("1.0.0");
  desk.rig.advance(Duration{900'000});
  CHECK(desk.row(desk.id)["state"] == "done");
  desk.check_at_server();
}

TEST_CASE("a hash that the server finds to differ is sent again from the first byte, then said") {
  Desk desk(5'000);
  int times = 1;
  SECTION("once") {}
  SECTION("always") { times = 1'000; }
  desk.rig.backend().set_file_hook([&](const std::string&) {
    backend::FileFault fault;
    fault.find_mismatch = times-- > 0;
    return fault;
  });
  const bool is_always = times > 1;
  REQUIRE(desk.add().contains("result"));
  desk.rig.set_online(true);
  desk.rig.advance(Duration{400'000});
  const Json row = desk.row(desk.id);
  CHECK(row["state"] == (is_always ? "failed" : "done"));
  if (!is_always) return desk.check_at_server();
  CHECK(row["cause"] == "attachment.hash_mismatch");
  CHECK(row["would_help"] == "retry");
  desk.rig.backend().set_file_hook({});
  REQUIRE(desk.rig.call("attachments.retry", {{"id", desk.id}}).contains("result"));
  desk.rig.advance(Duration{10'000});
  desk.check_at_server();
}

TEST_CASE(
    "a suspension holds no file, in the middle of taking one in and in the middle of sending "
    "it (INV-S8)") {
  for (int steps = 0; steps < 24; ++steps) {
    INFO("after " << steps << " steps");
    Desk desk(kPieceBytes + 5);
    desk.rig.set_online(true);
    desk.rig.advance(Duration{10'000});
    desk.id = desk.rig.make_id();
    const auto asked = desk.rig.ask("attachments.add", desk.params());
    for (int i = 0; i < steps && desk.rig.runtime().ready() > 0; ++i) desk.rig.step();
    suspend(desk.rig);
    const Json reply = desk.rig.reply(asked);
    REQUIRE_FALSE(reply.is_null());
    REQUIRE(desk.rig.runtime().resume());
    desk.rig.settle();
    // The same id again, whatever became of the first time.
    REQUIRE(desk.rig.call("attachments.add", desk.params()).contains("result"));
    desk.rig.advance(Duration{60'000});
    CHECK(desk.row(desk.id)["state"] == "done");
    desk.check_at_server();
  }
}

TEST_CASE(
    "a process that is killed while it takes a photograph in has it whole or leaves no file") {
  Desk desk(kPieceBytes + 5);
  int whole = 0;
  for (std::uint64_t change = 0; change < 30; ++change) {
    INFO("at change " << change);
    desk.id = desk.rig.make_id();
    desk.rig.disk().crash_at(desk.rig.disk().io_operations() + change);
    (void)desk.rig.ask("attachments.add", desk.params());
    desk.rig.settle();
    desk.rig.kill();
    desk.rig.boot();
    const Json row = desk.row(desk.id);
    if (row.is_null()) continue;
    ++whole;
    CHECK(row["kept"] == true);
  }
  CHECK(whole > 0);
  CHECK(sealed_files(desk.rig).size() == static_cast<std::size_t>(whole));
}

TEST_CASE("what is given up leaves no file behind, its operation's end takes it along") {
  Desk desk(5'000);
  REQUIRE(desk.add().contains("result"));
  const std::string first = desk.id;
  REQUIRE(desk.add().contains("result"));
  CHECK(sealed_files(desk.rig).size() == 2);
  REQUIRE(desk.rig.call("attachments.cancel", {{"id", first}}).contains("result"));
  CHECK(desk.row(first)["state"] == "cancelled");
  CHECK(sealed_files(desk.rig).size() == 1);
  REQUIRE(desk.rig.call("operations.cancel", {{"id", desk.operation}}).contains("result"));
  CHECK(desk.row(desk.id)["state"] == "discarded");
  CHECK(sealed_files(desk.rig).empty());
}

TEST_CASE("a photograph that cannot be taken is refused by name and nothing stays of it") {
  Desk desk;
  const auto code_of = [&](Json params) {
    return desk.rig.call("attachments.add", std::move(params))["error"]["code"].get<std::string>();
  };
  desk.id = desk.rig.make_id();
  Json params = desk.params();
  params["path"] = "/sdcard/none.jpg";
  CHECK(code_of(params) == "attachment.source_missing");
  params["path"] = "sdcard/photo.jpg";
  CHECK(code_of(params) == "field.value");
  params = desk.params();
  params["content_type"] = "image/png";
  CHECK(code_of(params) == "attachment.type_mismatch");
  params["content_type"] = "text/html";
  CHECK(code_of(params) == "attachment.type_unknown");
  params = desk.params();
  params["operation"] = desk.rig.make_id();
  CHECK(code_of(params) == "operation.not_found");
  write_file(desk.rig, kPhoto, "");
  CHECK(code_of(desk.params()) == "attachment.empty");
  write_file(desk.rig, kPhoto, photo_of(10'485'761));
  CHECK(code_of(desk.params()) == "attachment.too_large");
  write_file(desk.rig, kPhoto, photo_of(100'000));
  desk.rig.disk().full_after(1);
  CHECK(code_of(desk.params()) == "storage.full");
  desk.rig.disk().heal();
  CHECK(sealed_files(desk.rig).empty());
}

TEST_CASE(
    "a download goes on where it was, is checked, and is put where the host wants it (P-75)") {
  Desk desk;
  desk.rig.set_online(true);
  desk.rig.advance(Duration{10'000});
  const std::string id = desk.rig.make_id();
  const std::string content = *backend::report_content("report-7");
  INFO(content.size() << " bytes");
  REQUIRE(content.size() > kPieceBytes);
  int pieces = 0;
  desk.rig.script(kReport, [&](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    if (++pieces > 1) return answer_with(http::TransportFailure::cut);
    return desk.rig.to_backend()(call);
  });
  const Json started =
      desk.rig.call("downloads.start", {{"id", id}, {"kind", "report"}, {"source", "report-7"}});
  REQUIRE(started.contains("result"));
  desk.rig.settle();
  CHECK(desk.row(id)["bytes_done"] == kPieceBytes);
  CHECK(
      desk.rig.call("attachments.open", {{"id", id}, {"path", "/sdcard/r.pdf"}})["error"]["code"] ==
      "attachment.not_ready");
  desk.rig.kill();
  desk.rig.unscript(kReport);
  desk.rig.boot();
  const auto before = desk.rig.network().sent(kReport).size();
  desk.rig.advance(Duration{20'000});
  CHECK(desk.row(id)["state"] == "done");
  CHECK(desk.rig.network().sent(kReport).size() == before + 1);
  CHECK(http::header_text(desk.rig.network().sent(kReport).back().request.headers, "Range") ==
        "bytes=262144-" + std::to_string(content.size() - 1));
  const Json opened = desk.rig.call("attachments.open", {{"id", id}, {"path", "/sdcard/r.pdf"}});
  REQUIRE(opened.contains("result"));
  CHECK(read_file(desk.rig, "/sdcard/r.pdf") == content);
  CHECK(desk.rig.call("attachments.open",
                      {{"id", id}, {"path", "/phone/../phone/device.db"}})["error"]["code"] ==
        "field.value");
  REQUIRE(desk.rig.call("attachments.discard", {{"id", id}}).contains("result"));
  CHECK(sealed_files(desk.rig).empty());
}

TEST_CASE("a stored document that was damaged is said to be, and nothing of it is put anywhere") {
  Desk desk;
  desk.rig.set_online(true);
  const std::string id = desk.rig.make_id();
  (void)desk.rig.call("downloads.start", {{"id", id}, {"kind", "report"}, {"source", "report-7"}});
  desk.rig.advance(Duration{20'000});
  REQUIRE(desk.row(id)["state"] == "done");
  REQUIRE(sealed_files(desk.rig).size() == 1);
  CHECK(desk.rig.disk().flip_bit("/phone/attachments/" + sealed_files(desk.rig)[0], 8'000));
  CHECK(
      desk.rig.call("attachments.open", {{"id", id}, {"path", "/sdcard/r.pdf"}})["error"]["code"] ==
      "attachment.damaged");
  CHECK_FALSE(read_file(desk.rig, "/sdcard/r.pdf"));
}

TEST_CASE("a background window sends the operation and then its photo (P-27)") {
  Desk desk(kPieceBytes + 5);
  REQUIRE(desk.add().contains("result"));
  suspend(desk.rig);
  desk.rig.network().set_script(desk.rig.to_backend());
  REQUIRE(desk.rig.runtime().run_window(Duration{30'000}) == actors::WindowBegun::begun);
  desk.rig.settle();
  for (int i = 0; i < 400 && desk.rig.events("window.finished").empty(); ++i)
    desk.rig.advance(Duration{100});
  REQUIRE(desk.rig.events("window.finished").size() == 1);
  CHECK(desk.rig.events("window.finished")[0]["why"] == "done");
  desk.check_at_server();
}

TEST_CASE("a host is told of progress at most twice a second") {
  Desk desk(10 * kPieceBytes);
  REQUIRE(desk.add().contains("result"));
  desk.rig.set_online(true);
  desk.rig.advance(Duration{20'000});
  desk.check_at_server();
  const auto events = desk.rig.events("attachment.changed");
  const auto moving = std::ranges::count_if(events, [](const Json& event) {
    return event["bytes_done"] > 0 && event["state"] != "done";
  });
  CHECK(moving <= 2);
}

}  // namespace landfall::testing
