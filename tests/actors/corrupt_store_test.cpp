#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/base/base64.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

constexpr std::size_t kPageBytes = 4096;

// Logged in, offline, with some operations; closed in order, so that the file has everything.
std::vector<std::string> fill_and_close(Rig& rig, int operations) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.set_online(false);
  std::vector<std::string> ids;
  for (int i = 0; i < operations; ++i) ids.push_back(rig.enqueue_requisition());
  rig.close();
  return ids;
}

world::Bytes page_of(Rig& rig, const std::string& path, std::size_t page) {
  const auto file = rig.disk().read_file(path);
  REQUIRE(file.has_value());
  REQUIRE(file->size() >= (page + 1) * kPageBytes);
  const auto begin = file->begin() + static_cast<std::ptrdiff_t>(page * kPageBytes);
  return {begin, begin + static_cast<std::ptrdiff_t>(kPageBytes)};
}

// What the engine told of damage, or null.
Json told(const Rig& rig) {
  const auto events = rig.events("store.corrupt");
  return events.empty() ? Json() : events.back();
}

TEST_CASE(
    "INV-S4: whichever page of a partition is damaged, the engine opens, and every operation goes "
    "out or is counted; the damaged file is kept") {
  constexpr int kOperations = 30;
  std::size_t pages = 0;
  int replaced = 0;
  for (std::size_t page = 0; page == 0 || page < pages; ++page) {
    Rig rig;
    const auto ids = fill_and_close(rig, kOperations);
    const std::string path = rig.partition_files().front();
    pages = rig.disk().read_file(path)->size() / kPageBytes;
    REQUIRE(rig.disk().flip_bit(path, (page * kPageBytes + 100 + 37 * page % 3'900) * 8));
    const auto damaged = page_of(rig, path, page);
    INFO("page " << page + 1 << " of " << pages);
    rig.boot();
    rig.set_online(false);
    (void)rig.call("documents.query", {{"type", "approval"}});
    (void)rig.call("operations.list", {{"settled", true}});
    rig.settle();
    rig.set_online(true);
    rig.advance(Duration{900'000});
    const Json event = told(rig);
    INFO(event.dump() << Json(rig.events("engine.state")).dump());
    CHECK(rig.engine_state() == "ready");
    std::int64_t done = 0;
    for (const auto& id : ids) done += rig.backend().ledger().effect_count(id) > 0 ? 1 : 0;
    if (event.is_null()) {
      CHECK(done == kOperations);
      continue;
    }
    ++replaced;
    CHECK(event["database"] == "partition");
    // Damage may be met when part of them, or all, have gone out.
    CHECK(event["recovered"] <= done);
    if (!event["lost"].is_null()) CHECK(done + event["lost"].get<int>() == kOperations);
    // What is found when the file is looked through is found behind other writes to it.
    CHECK(page_of(rig, "/phone/" + event["kept_as"].get<std::string>(), page) == damaged);
    CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
    CHECK(rig.call("documents.query", {{"type", "approval"}})["result"]["documents"].size() > 0);
  }
  CHECK(replaced > 5);
}

TEST_CASE("INV-S4: what was in flight when its file was damaged is asked again under the same id") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.script(kPush, [&](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    (void)rig.to_backend()(call);  // it happens, and nobody hears of it
    return std::nullopt;
  });
  const std::string id = rig.enqueue_requisition();
  rig.advance(Duration{3'000});
  rig.kill();
  rig.unscript(kPush);
  // A key that is not the file's would do the same to every page; here the schema's own is cut.
  const std::string path = rig.partition_files().front();
  rig.boot();
  rig.close();
  auto bytes = *rig.disk().read_file(path);
  bytes.resize(bytes.size() - kPageBytes);
  rig.disk().write_file(path, bytes);
  rig.boot();
  rig.advance(Duration{600'000});
  INFO(told(rig).dump());
  CHECK(told(rig)["database"] == "partition");
  CHECK(rig.backend().ledger().effect_count(id) == 1);
  CHECK(rig.engine_state() == "ready");
}

TEST_CASE("INV-S4: another file in the partition's place, or another key, is told with its count") {
  Rig rig;
  const auto ids = fill_and_close(rig, 4);
  const std::string path = rig.partition_files().front();
  Json expected_lost = 4;
  SECTION("a foreign file") {
    rig.disk().write_file(path, std::vector<std::uint8_t>(20'000, std::uint8_t{'x'}));
    expected_lost = Json();
  }
  SECTION("a key that is not the file's") {
    const std::vector<std::byte> other(32, std::byte{9});
    for (auto& [name, value] : rig.keychain()) {
      if (name.starts_with("landfall.outbox.")) value = to_base64(other);
    }
  }
  const auto damaged = rig.disk().read_file(path);
  rig.boot();
  rig.advance(Duration{60'000});
  const Json event = told(rig);
  INFO(event.dump() << Json(rig.events("engine.state")).dump());
  REQUIRE(rig.events("store.corrupt").size() == 1);
  CHECK(event["recovered"] == 0);
  CHECK(event["lost"] == expected_lost);
  CHECK(rig.disk().read_file("/phone/" + event["kept_as"].get<std::string>()) == damaged);
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  rig.close();
  rig.boot();
  CHECK(rig.events("store.corrupt").size() == 1);
  CHECK(rig.engine_state() == "ready");
}

bool has_quarantine(const Rig& rig) {
  return std::ranges::any_of(rig.disk_media(), [](const auto& file) {
    return file.first.find("/quarantine/") != std::string::npos;
  });
}

// Up to the step that replaces the partition, with nothing read of what that step says.
void boot_up_to_replacement(Rig& rig) {
  rig.set_port([](const std::string&, const Json&) { return std::nullopt; });
  rig.boot();  // without its keys it opens no partition
  rig.set_port({});
  for (const Json& message : std::vector<Json>(rig.messages())) {
    if (message.contains("question"))
      rig.answer(message["question"], rig.keychain_answer(message["port"], message["data"]));
  }
  while (!has_quarantine(rig)) {
    if (rig.runtime().ready() == 0) rig.read_messages();
    REQUIRE(rig.runtime().ready() > 0);
    rig.step();
  }
}

TEST_CASE("INV-S4: damage is told again by the next process until the host has heard of it") {
  Rig rig;
  fill_and_close(rig, 4);
  rig.disk().write_file(rig.partition_files().front(),
                        std::vector<std::uint8_t>(20'000, std::uint8_t{'x'}));
  boot_up_to_replacement(rig);
  SECTION("it died before the host polled") {}
  SECTION("it died before the host asked for the next message") {
    std::optional<std::string> text;
    do {
      text = rig.runtime().poll(Duration{0});
      REQUIRE(text.has_value());
    } while (text->find("store.corrupt") == std::string::npos);
    while (rig.runtime().ready() > 0) rig.step();
  }
  rig.kill();
  REQUIRE(rig.events("store.corrupt").empty());
  rig.boot();
  REQUIRE(rig.events("store.corrupt").size() == 1);
  CHECK(told(rig)["database"] == "partition");
  CHECK(told(rig)["recovered"] == 0);
  CHECK(told(rig).contains("lost"));
  CHECK(rig.disk().read_file("/phone/" + told(rig)["kept_as"].get<std::string>()).has_value());
  // And no more from then on.
  rig.kill();
  rig.boot();
  CHECK(rig.events("store.corrupt").size() == 1);
  CHECK(rig.engine_state() == "ready");
}

TEST_CASE("INV-S4: a damaged device.db is replaced; who logs in again finds their partition") {
  for (const bool foreign : {false, true}) {
    Rig rig;
    const auto ids = fill_and_close(rig, 3);
    const std::string path = "/phone/device.db";
    if (foreign) {
      rig.disk().write_file(path, std::vector<std::uint8_t>(9'000, std::uint8_t{'x'}));
    } else {
      const auto size = rig.disk().read_file(path)->size();
      for (std::size_t page = 1; page < size / kPageBytes; ++page)
        REQUIRE(rig.disk().flip_bit(path, (page * kPageBytes + 4'000) * 8));
    }
    rig.boot();
    INFO(Json(rig.events("engine.state")).dump() << told(rig).dump());
    CHECK(told(rig)["database"] == "device");
    CHECK(rig.disk().read_file("/phone/" + told(rig)["kept_as"].get<std::string>()).has_value());
    rig.set_online(true);
    CHECK(rig.login().contains("result"));
    rig.advance(Duration{60'000});
    for (const auto& id : ids) CHECK(rig.backend().ledger().effect_count(id) == 1);
    CHECK(rig.engine_state() == "ready");
  }
}

}  // namespace
}  // namespace landfall::testing
