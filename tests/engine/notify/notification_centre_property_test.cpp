#include <array>
#include <map>
#include <set>

#include "engine/base/random.hpp"
#include "tests/engine/notify/centre_rig.hpp"

namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;
using notify::ShowAnswer;
using notify::Verdict;

constexpr std::array<const char*, 5> kTypes = {"KPI_ALERT", "ANOMALY_ALERT", "APPROVAL_PENDING",
                                               "DELIVERY_UPDATE", "BUDGET_WARNING"};

// A phone in the hands of somebody who travels, whose process dies at any moment, with a platform
// that remembers what it shows. It keeps a book of promises.
class Traveller final {
 public:
  explicit Traveller(std::uint64_t seed) : random_(seed) {}

  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      act();
      look_at_questions();
    }
    come_to_rest();
  }

 private:
  void act() {
    switch (random_.below(10)) {
      case 0:
        return rig_.set_zone(zone());
      case 1:
        return die();
      case 2:
      case 3:
        return pass_time();
      case 4:
      case 5:
        if (!rig_.asked.empty()) answer();
        return;
      case 6:
        if (!pushed_.empty()) return push(pushed_[random_.below(pushed_.size())]);
        return;
      default:
        return push(new_push());
    }
  }

  Zone zone() {
    const auto quarters = random_.between(-48, 56);
    return Zone::fixed("Somewhere", std::chrono::minutes{15 * quarters}).value();
  }

  Json new_push() {
    Json payload{{"type", kTypes[random_.below(kTypes.size())]},
                 {"notification_id", "n-" + std::to_string(pushed_.size())},
                 {"title", "t"}};
    if (random_.chance(0.3)) {
      const Instant at = rig_.now + Duration{random_.between(1, 50'000'000)};
      payload["expires_at"] = format_rfc3339(at);
      expiries_[payload["notification_id"]] = at;
    }
    pushed_.push_back(payload);
    return payload;
  }

  void push(const Json& payload) {
    const std::string id = payload["notification_id"];
    const bool dies_first = random_.chance(0.1);
    if (dies_first) return die_while_pushing(payload);
    const auto decision = rig_.push(payload);
    const bool is_new = !promised_.contains(id) && !lost_.contains(id);
    if (decision.verdict == Verdict::drop) {
      REQUIRE((decision.reason == "duplicate" || decision.reason == "expired"));
      if (is_new) REQUIRE(decision.reason == "expired");
      return;
    }
    REQUIRE(promised_.insert(id).second);
  }

  // The transaction is rolled back, or committed and nobody hears of it.
  void die_while_pushing(const Json& payload) {
    const bool commits = random_.chance(0.5);
    (void)rig_.database->write("test.die", store::Durability::durable,
                               [&](store::Transaction& tx) -> Status {
                                 LANDFALL_TRY(rig_.centre->on_push(tx, payload, rig_.now));
                                 if (commits) return {};
                                 return failure(ErrorClass::internal, "test.died", "");
                               });
    lost_.insert(payload["notification_id"].get<std::string>());
    die();
  }

  // Some questions were answered by the platform, and the answer died with the process.
  void die() {
    for (const auto& show : rig_.asked) {
      if (random_.chance(0.5)) display(show);
    }
    rig_.asked.clear();
    seen_ = 0;
    open_questions_.clear();
    answered_.clear();
    if (random_.chance(0.3)) rig_.reopen();
    rig_.now = rig_.now + Duration{random_.between(0, 20'000'000)};
    rig_.open();
  }

  void pass_time() {
    if (rig_.wake_at && random_.chance(0.6)) return rig_.wake_on_time();
    rig_.now = rig_.now + Duration{random_.between(0, 10'000'000)};
    if (rig_.wake_at && rig_.now >= *rig_.wake_at) rig_.wake();
  }

  void answer() {
    const auto show = rig_.asked.front();
    const bool silent = random_.chance(0.2);
    if (!silent) {
      display(show);
      answered_.insert(show.notification.id);
    } else if (random_.chance(0.5)) {
      display(show);
    }
    open_questions_.erase(show.notification.id);
    --seen_;
    rig_.answer(silent ? ShowAnswer::unanswered : ShowAnswer::shown);
  }

  // The platform rings for a notification that it does not show already, when it is not told that
  // it may.
  void display(const notify::ShowNotification& show) {
    const std::string& id = show.notification.id;
    if (!show.again || !displayed_.contains(id)) ++rings_[id];
    displayed_.insert(id);
    REQUIRE(rings_[id] == 1);
  }

  // Every new question stands on a promise, at a time when it may be shown.
  void look_at_questions() {
    for (; seen_ < rig_.asked.size(); ++seen_) {
      const auto& show = rig_.asked[seen_];
      const std::string& id = show.notification.id;
      INFO(id << " at " << format_rfc3339(rig_.now));
      REQUIRE((promised_.contains(id) || lost_.contains(id)));
      REQUIRE(open_questions_.insert(id).second);
      REQUIRE_FALSE(answered_.contains(id));
      const auto& defaults = rig_.profile.notifications.defaults;
      const bool is_override = defaults.overrides.contains(show.notification.type);
      REQUIRE((is_override || !notify::is_quiet(defaults, rig_.zone, rig_.now)));
      REQUIRE_FALSE(has_expired(id));
    }
  }

  bool has_expired(const std::string& id) const {
    const auto found = expiries_.find(id);
    return found != expiries_.end() && rig_.now >= found->second;
  }

  // Everybody answers, and time goes on until nothing waits.
  void come_to_rest() {
    for (int i = 0; i < 20'000 && rig_.waiting() > 0; ++i) {
      while (!rig_.asked.empty()) {
        const auto show = rig_.asked.front();
        display(show);
        answered_.insert(show.notification.id);
        open_questions_.erase(show.notification.id);
        --seen_;
        rig_.answer(ShowAnswer::shown);
        look_at_questions();
      }
      if (rig_.waiting() == 0) break;
      rig_.wake_on_time();
      look_at_questions();
    }
    REQUIRE(rig_.waiting() == 0);
    for (const auto& id : promised_) {
      INFO(id);
      REQUIRE((displayed_.contains(id) || has_expired(id)));
    }
    for (const auto& drop : rig_.dropped) REQUIRE(has_expired(drop.id));
  }

  Random random_;
  CentreRig rig_;
  std::vector<Json> pushed_;
  std::map<std::string, Instant> expiries_;
  std::set<std::string> promised_;   // what the engine said that it shows or holds
  std::set<std::string> lost_;       // pushes whose process died over them
  std::set<std::string> displayed_;  // by the platform, for ever
  std::map<std::string, int> rings_;
  std::set<std::string> answered_;  // in this process's life
  std::set<std::string> open_questions_;
  std::size_t seen_ = 0;
};

}  // namespace

TEST_CASE(
    "INV-T2: over any order of pushes, deaths, journeys and silence a notification rings once, "
    "never in quiet hours, and none is lost") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Traveller(seed).live(80);
  }
}

}  // namespace landfall::pull_test
