#include <array>
#include <map>
#include <set>

#include "engine/base/random.hpp"
#include "tests/engine/cache/tier_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

constexpr std::size_t kPinnedMax = 6'000;
constexpr std::size_t kOnDemandMax = 9'000;
constexpr std::size_t kTextMax = 1'500;
constexpr std::array<const char*, 4> kTypes = {"approval", "kpi", "pr", "vendor"};

// Changes documents at random and keeps its own book of what must still be there.
class Life final {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) { rig_.limit(kPinnedMax, kOnDemandMax); }

  void step() {
    const EntityKey entity = draw();
    switch (random_.below(8)) {
      case 0:
        if (rig_.has(entity)) note(rig_.remove(entity.type, entity.id), entity);
        break;
      case 1:
        rig_.use(entity.type, entity.id);
        break;
      case 2:
        refer_to(entity);
        break;
      case 3:
        restart();
        break;
      default:
        note(rig_.store(entity.type, entity.id, random_.below(kTextMax)), entity);
        break;
    }
    check();
  }

 private:
  EntityKey draw() {
    return {kTypes[random_.below(kTypes.size())], std::to_string(random_.below(30))};
  }

  // An operation that stays unsettled: its document must stay too.
  void refer_to(const EntityKey& entity) {
    if (referred_.size() >= 3 || !rig_.has(entity)) return;
    if (!referred_.insert(entity).second) return;
    add_operation(rig_, {static_cast<std::uint8_t>(referred_.size()), entity, "update"});
  }

  void restart() {
    if (random_.chance(0.5)) rig_.reopen();
    const auto told = rig_.open();
    REQUIRE_FALSE(told);
  }

  // Told exactly when it turned.
  void note(const std::optional<cache::TierFull>& told, const EntityKey& stored) {
    const bool is_full = rig_.status().beyond.any();
    REQUIRE(told.has_value() == (is_full != was_full_));
    if (told) REQUIRE(told->full == is_full);
    was_full_ = is_full;
    stored_last_ = stored;
  }

  void check() {
    rig_.check_sums();
    const auto status = rig_.status();
    REQUIRE(status.pinned.sums.bytes <= static_cast<std::int64_t>(kPinnedMax));
    std::int64_t exempt = rig_.bytes_of(stored_last_);
    for (const auto& entity : referred_) {
      INFO(entity.type << " " << entity.id);
      REQUIRE(rig_.has(entity));
      if (entity != stored_last_) exempt += rig_.bytes_of(entity);
    }
    REQUIRE(status.on_demand.sums.bytes <= static_cast<std::int64_t>(kOnDemandMax) + exempt);
  }

  Random random_;
  TierRig rig_;
  std::set<EntityKey> referred_;
  EntityKey stored_last_;
  bool was_full_ = false;
};

}  // namespace

TEST_CASE(
    "P-33 P-34: after any changes, uses and restarts the sums are those of the rows, no tier is "
    "over its limit but by what must stay, and the owner hears each turn once") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    Life life(seed);
    for (int i = 0; i < 120; ++i) life.step();
  }
}

}  // namespace landfall::pull_test
