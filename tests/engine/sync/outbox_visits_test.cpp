#include "engine/sync/outbox_visits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using sync::ClosedOutbox;
using sync::OutboxVisits;

namespace {

constexpr Instant kNow{1'767'583'800'000};
constexpr Duration kGap{limits::kVisitGapMs};

Instant in(std::int64_t ms) { return kNow + Duration{ms}; }

ClosedOutbox outbox(const std::string& organisation) {
  PartitionId id;
  id.bytes[0] = static_cast<std::uint8_t>(organisation.front());
  return {organisation, id};
}

OutboxVisits two() { return {{outbox("north"), outbox("south")}, kNow}; }

// Nothing stands in the way any more.
void make_way(OutboxVisits& order) {
  order.on_active_outbox(false, Instant{});
  order.on_connectivity(true, false, kNow);
  order.on_auth(true, false);
}

std::string begun(OutboxVisits& order, Instant now) {
  const auto outbox = order.begin(now);
  return outbox ? outbox->organisation : "";
}

Error error(ErrorClass kind) { return {kind, "some.code", "something"}; }

}  // namespace

TEST_CASE("only a profile whose requests name the organisation has other outboxes (C-22)") {
  const auto names = [](const char* profile) {
    return sync::names_organisation(Profile::load(schema::profile(profile).value()).value());
  };
  CHECK(names("ims"));
  CHECK_FALSE(names("prokure"));
  CHECK_FALSE(names("almafrica"));
}

TEST_CASE("another outbox has its turn when the active one is empty, never before (C-22)") {
  auto order = two();
  CHECK(begun(order, kNow).empty());
  CHECK_FALSE(order.next_visit_at().has_value());
  SECTION("nothing in the way") {
    make_way(order);
    CHECK(order.next_visit_at() == kNow);
    CHECK(begun(order, kNow) == "north");
    CHECK(order.may_send());
  }
  SECTION("work in the active one") {
    make_way(order);
    order.on_active_outbox(true, Instant{});
    CHECK(begun(order, kNow).empty());
  }
  SECTION("no network") {
    make_way(order);
    order.on_connectivity(false, false, kNow);
    CHECK(begun(order, kNow).empty());
  }
  SECTION("no session") {
    make_way(order);
    order.on_auth(false, false);
    CHECK(begun(order, kNow).empty());
  }
  SECTION("about to sleep") {
    make_way(order);
    order.on_paused();
    CHECK(begun(order, kNow).empty());
  }
  // Whatever stands in the way, a background window is wished for.
  CHECK(order.wish() == kNow);
}

TEST_CASE("one is visited at a time, and each has its turn") {
  auto order = two();
  make_way(order);
  REQUIRE(begun(order, kNow) == "north");
  CHECK(begun(order, kNow).empty());
  CHECK_FALSE(order.next_visit_at().has_value());
  order.on_left(kNow, kNow);
  CHECK(begun(order, kNow) == "south");
  order.on_left(std::nullopt, kNow);
  // No file is opened again within the gap, whatever its queue would like.
  CHECK(begun(order, kNow).empty());
  CHECK(order.next_visit_at() == kNow + kGap);
  CHECK(begun(order, kNow + kGap) == "north");
  order.on_left(std::nullopt, kNow + kGap);
  CHECK(order.is_done());
  CHECK_FALSE(order.wish().has_value());
}

TEST_CASE("a visit yields to the active outbox: no further call, and none is waited for") {
  auto order = two();
  make_way(order);
  REQUIRE(begun(order, kNow) == "north");
  CHECK(order.should_stay(in(limits::kVisitStayMs), kNow));
  CHECK_FALSE(order.should_stay(in(limits::kVisitStayMs + 1), kNow));
  CHECK_FALSE(order.should_stay(std::nullopt, kNow));
  order.on_active_outbox(true, Instant{});
  CHECK_FALSE(order.may_send());
  CHECK_FALSE(order.should_stay(kNow, kNow));
  CHECK(order.is_visiting());
}

TEST_CASE("what the server asked of one outbox holds for all (C-18, INV-Q8)") {
  auto order = two();
  make_way(order);
  SECTION("of the active one") { order.on_active_outbox(false, in(60'000)); }
  SECTION("of a visited one") {
    REQUIRE(begun(order, kNow) == "north");
    CHECK(order.on_quiet(in(60'000)));
    CHECK_FALSE(order.on_quiet(in(60'000)));
    CHECK_FALSE(order.on_quiet(in(30'000)));
    order.on_left(in(60'000), kNow);
  }
  CHECK(begun(order, in(59'999)).empty());
  CHECK(order.next_visit_at() == in(60'000));
  CHECK_FALSE(begun(order, in(60'000)).empty());
}

TEST_CASE("an edge makes all of them due, and their queues hear of it") {
  OutboxVisits order({outbox("north")}, kNow);
  make_way(order);
  REQUIRE(begun(order, kNow) == "north");
  CHECK_FALSE(order.is_behind_edge());
  order.on_left(in(120'000), kNow);
  order.on_connectivity(false, false, in(1'000));
  order.on_connectivity(true, true, in(2'000));
  // Not within the gap.
  CHECK(order.next_visit_at() == kNow + kGap);
  REQUIRE(begun(order, kNow + kGap) == "north");
  CHECK(order.is_behind_edge());
  order.on_left(in(120'000), kNow + kGap);
  REQUIRE(begun(order, in(120'000)) == "north");
  CHECK_FALSE(order.is_behind_edge());
}

TEST_CASE("a visit that fails is tried again where that may help, else left to its user (INV-A7)") {
  OutboxVisits order({outbox("north")}, kNow);
  make_way(order);
  REQUIRE(begun(order, kNow) == "north");
  for (const ErrorClass passes :
       {ErrorClass::transient, ErrorClass::busy, ErrorClass::storage_full, ErrorClass::internal}) {
    order.on_failed(error(passes), kNow);
    CHECK(order.next_visit_at() == in(limits::kVisitRetryMs));
    REQUIRE(begun(order, in(limits::kVisitRetryMs)) == "north");
  }
  SECTION("damage or another key") { order.on_failed(error(ErrorClass::corrupt), kNow); }
  SECTION("a file of a newer version") { order.on_failed(error(ErrorClass::refused), kNow); }
  CHECK(order.is_done());
}

TEST_CASE("a session that was refused wishes for no visit until its user has logged in (C-22)") {
  auto order = two();
  make_way(order);
  CHECK(order.wish() == kNow);
  order.on_auth(false, true);
  CHECK_FALSE(order.wish());
  CHECK_FALSE(order.next_visit_at());
  CHECK_FALSE(order.is_done());
  order.on_auth(false, false);
  CHECK(order.wish() == kNow);
}
