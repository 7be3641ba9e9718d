#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "schema/embedded.hpp"
#include "simulator/world/virtual_world.hpp"
#include "simulator/world/workload.hpp"
#include "tests/engine/cache/followed_list.hpp"

using namespace landfall;

namespace {

// Some lists of one phone, as an app would keep them on its screens.
class Lists final : public world::Observer {
 public:
  Lists(world::VirtualWorld& world, world::VirtualPhone& phone) : world_(world), phone_(phone) {
    world.add_observer(*this);
    for (Json params : {Json{{"type", "approval"}, {"filter", {{"status", "pending"}}}},
                        Json{{"type", "pr"},
                             {"sort", {{"by", "updated_at"}, {"order", "descending"}}},
                             {"limit", 5}},
                        Json{{"type", "pr"}, {"text", "a"}}, Json{{"type", "grn"}}}) {
      lists_.push_back({std::move(params)});
    }
  }

  void on_event(world::World&, world::Phone&, const std::string& event, const Json& data) override {
    if (!event.starts_with("subscription.")) return;
    for (auto& list : lists_) {
      if (list.subscription != data["subscription"]) continue;
      if (event == "subscription.ended") {
        list.subscription = 0;
        ++ended;
      } else {
        follow(list, data);
      }
    }
  }

  void on_crash(world::World&, world::Phone&, bool) override {
    for (auto& list : lists_) list.subscription = 0;
  }

  // Opens what is closed, and looks whether what is open shows what a query does.
  void check() {
    world_.settle();
    for (auto& list : lists_) {
      if (!phone_.is_ready()) return;
      if (list.subscription == 0) {
        open(list);
      } else {
        compare(list);
      }
      world_.settle();
    }
  }

  int changes = 0;
  int compared = 0;
  int ended = 0;

 private:
  struct List {
    Json params;
    std::int64_t subscription = 0;
    std::int64_t commit_seq = 0;
    testing::FollowedList shown{};
    std::map<std::string, std::int64_t> versions{};
  };

  void open(List& list) {
    phone_.request("documents.subscribe", list.params, [&list](const Json& message) {
      if (!message.contains("result")) return;
      list.subscription = message["result"]["subscription"];
      list.commit_seq = message["result"]["commit_seq"];
      list.versions.clear();
      list.shown.begin(message["result"]["documents"]);
    });
  }

  void follow(List& list, const Json& data) {
    ++changes;
    INFO(data.dump());
    REQUIRE(data["commit_seq"] > list.commit_seq);
    list.commit_seq = data["commit_seq"];
    for (const char* kind : {"added", "changed"}) {
      for (const auto& entry : data[kind]) never_goes_back(list, entry["document"]);
    }
    list.shown.follow(data);
  }

  // Never an old version after a newer one.
  static void never_goes_back(List& list, const Json& document) {
    if (!document["row_version"].is_number()) return;
    auto& newest = list.versions[document["entity_id"]];
    REQUIRE(document["row_version"] >= newest);
    newest = document["row_version"];
  }

  void compare(List& list) {
    phone_.request("documents.query", list.params, [this, &list](const Json& message) {
      if (!message.contains("result")) return;
      ++compared;
      INFO(list.params.dump());
      Json documents = message["result"]["documents"];
      for (Json& document : documents) document.erase("fetched_at");
      REQUIRE(list.shown.documents() == documents);
    });
  }

  world::VirtualWorld& world_;
  world::VirtualPhone& phone_;
  std::vector<List> lists_;
};

void let_server_give_ids(world::WorldOptions& options) {
  options.profile = Json::parse(*schema::profile("prokure"));
  options.profile["entities"]["pr"]["ids"] = "server";
  options.backend.assigns_ids = true;
}

}  // namespace

TEST_CASE(
    "INV-Q14: lists that are subscribed to show what a query shows, through faults, crashes, "
    "logouts, a cleared cache, ids that the server gives and the changes of others, and never an "
    "old version after a newer one") {
  int changes = 0;
  int compared = 0;
  int ended = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    INFO("seed " << seed);
    Random plan = Random::stream(seed, "plan");
    world::WorldOptions options;
    options.seed = seed;
    options.plan = faults::FaultPlan::draw(plan);
    if (seed % 2 == 0) let_server_give_ids(options);
    world::VirtualWorld world(options);
    const auto& user = backend::Backend::seed_users()[0];
    auto& phone = world.add_phone("phone1", {user.id, user.email, user.password});
    Lists lists(world, phone);
    world::Workload workload(world, phone, Duration{12'000});
    phone.boot();
    workload.start();
    world.start_chaos();
    for (int i = 0; i < 60; ++i) {
      world.run_for(Duration{15'000});
      lists.check();
      if (i % 30 == 20 && phone.is_ready()) phone.request("cache.clear", Json::object());
    }
    workload.stop();
    world.heal();
    world.run_for(Duration{600'000});
    lists.check();
    lists.check();
    for (const auto& violation : world.violations()) FAIL(violation.oracle << violation.detail);
    changes += lists.changes;
    compared += lists.compared;
    ended += lists.ended;
  }
  INFO(changes << " changes, " << compared << " compared, " << ended << " ended");
  CHECK(changes > 300);
  CHECK(compared > 400);
}
