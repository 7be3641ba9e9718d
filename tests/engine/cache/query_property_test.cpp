#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/store/document_table.hpp"
#include "engine/sync/overlay.hpp"
#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

constexpr std::int64_t kLarge = std::int64_t{1} << 53;

Json draw_value(Random& random) {
  switch (random.below(12)) {
    case 0:
      return nullptr;
    case 1:
      return random.chance(0.5);
    case 2:
      return Json::array({1});
    case 3:
      return kLarge + random.between(-1, 2);
    case 4:
      return static_cast<double>(kLarge) + 2.0 * static_cast<double>(random.below(2));
    case 5:
      return static_cast<double>(random.between(-4, 4)) / 2;
    case 6:
    case 7:
      return random.between(-3, 3);
    default:
      return std::string(1, static_cast<char>('a' + random.below(4)));
  }
}

Json draw_data(Random& random) {
  static const std::vector<std::string> kWords = {"steel", "Beam", "sand", "GRAVEL", "Ö"};
  Json data = Json::object();
  for (const char* field : {"status", "created_at", "amount"}) {
    if (random.chance(0.8)) data[field] = draw_value(random);
  }
  data["title"] = kWords[random.below(kWords.size())] + " " + kWords[random.below(kWords.size())];
  if (random.chance(0.5)) data["amount_minor"] = random.between(10, 30);
  return data;
}

std::string draw_id(Random& random) { return std::to_string(random.between(10, 49)); }

// The same order said in another way: a tuple whose numbers are wide enough to be exact.
using Rank = std::tuple<int, long double, std::string>;

Rank rank_of(const Json& data, const std::string& field) {
  const auto found = data.find(field);
  if (found == data.end() || found->is_null()) return {0, 0, ""};
  if (found->is_boolean()) return {1, found->get<bool>() ? 1 : 0, ""};
  if (found->is_number_float()) return {2, found->get<double>(), ""};
  if (found->is_number()) return {2, static_cast<long double>(found->get<std::int64_t>()), ""};
  if (found->is_string()) return {3, 0, found->get<std::string>()};
  return {4, 0, ""};
}

Rank rank_of(const Json& value) { return rank_of(Json{{"v", value}}, "v"); }

std::string lower(std::string text) {
  for (std::size_t at; (at = text.find("Ö")) != std::string::npos;) text.replace(at, 2, "ö");
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
  return text;
}

bool holds(const Json& data, const std::string& field, const Json& wanted) {
  const Rank rank = rank_of(data, field);
  if (!wanted.is_object()) return rank == rank_of(wanted) && std::get<0>(rank) != 4;
  if (wanted.contains("in")) {
    return std::any_of(wanted["in"].begin(), wanted["in"].end(),
                       [&](const Json& one) { return rank == rank_of(one); });
  }
  return std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& end) {
    const Rank bound = rank_of(end.value());
    if (std::get<0>(bound) != std::get<0>(rank)) return false;
    if (end.key() == "gt") return rank > bound;
    if (end.key() == "gte") return rank >= bound;
    return end.key() == "lt" ? rank < bound : rank <= bound;
  });
}

bool is_wanted(const Json& data, const Json& params) {
  const Json filter = params.value("filter", Json::object());
  for (const auto& [field, wanted] : filter.items()) {
    if (!holds(data, field, wanted)) return false;
  }
  if (!params.contains("text")) return true;
  std::string summary = data.value("title", "");
  if (data.contains("amount_minor")) summary += "|" + data["amount_minor"].dump();
  return lower(summary).find(lower(params["text"])) != std::string::npos;
}

// Everything is read, then sorted out.
std::vector<std::string> expected_ids(Partition& partition, const Json& params) {
  const auto views = partition.read([&](const store::Snapshot& snapshot) {
    return sync::read_views(snapshot, partition.profile, partition.outbox_key,
                            partition.documents_key, "pr", std::nullopt, 1'000);
  });
  const std::string by = params.contains("sort") ? params["sort"]["by"].get<std::string>() : "";
  std::vector<std::pair<Rank, std::string>> ranked;
  for (const auto& view : views) {
    const Json data = Json::parse(view.data);
    if (!is_wanted(data, params)) continue;
    Rank rank = by.empty() ? Rank{} : rank_of(data, by);
    if (by == "updated_at") {
      rank = view.updated_at ? Rank{2, view.updated_at->unix_ms, ""} : Rank{4, 0, ""};
    }
    ranked.emplace_back(std::move(rank), view.entity.id);
  }
  const bool down = params.contains("sort") && params["sort"].value("order", "") == "descending";
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return down ? a.first > b.first : a.first < b.first;
  });
  std::vector<std::string> ids;
  for (auto& [rank, id] : ranked) ids.push_back(std::move(id));
  return ids;
}

Json draw_scalar(Random& random) {
  while (true) {
    Json value = draw_value(random);
    if (!value.is_array()) return value;
  }
}

Json draw_range(Random& random) {
  const bool text = random.chance(0.5);
  const auto draw = [&] {
    while (true) {
      Json value = draw_value(random);
      if (text ? value.is_string() : value.is_number()) return value;
    }
  };
  Json range = Json::object();
  if (random.chance(0.7)) range[random.chance(0.5) ? "gt" : "gte"] = draw();
  if (range.empty() || random.chance(0.5)) range[random.chance(0.5) ? "lt" : "lte"] = draw();
  return range;
}

Json draw_query(Random& random) {
  Json params{{"type", "pr"}};
  for (const char* field : {"status", "created_at", "amount"}) {
    if (!random.chance(0.3)) continue;
    const auto kind = random.below(3);
    params["filter"][field] = kind == 0 ? draw_scalar(random)
                              : kind == 1
                                  ? draw_range(random)
                                  : Json{{"in", {draw_scalar(random), draw_scalar(random)}}};
  }
  if (random.chance(0.3)) {
    static const std::vector<std::string> kTexts = {"ste", "BEAM", "2", "ö"};
    params["text"] = kTexts[random.below(kTexts.size())];
  }
  if (random.chance(0.7)) {
    static const std::vector<std::string> kFields = {"status", "created_at", "amount",
                                                     "updated_at"};
    params["sort"]["by"] = kFields[random.below(kFields.size())];
    if (random.chance(0.6))
      params["sort"]["order"] = random.chance(0.5) ? "descending" : "ascending";
  }
  return params;
}

class Life final {
 public:
  explicit Life(std::uint64_t seed)
      : random_(seed), index_(seed % 3 == 0 ? 2'000 : std::size_t{1} << 20) {
    partition_.profile.entities.find("pr")->second.filter = {"status", "created_at", "amount"};
  }

  void change() {
    const std::string id = draw_id(random_);
    touched_[id] = true;
    switch (random_.below(6)) {
      case 0:
        return add(id, random_.chance(0.5) ? "submit" : "delete", Json::object());
      case 1:
        return add(id, random_.chance(0.5) ? "create" : "update", draw_data(random_));
      case 2:
        return partition_.put({{"pr", id}, ++version_, Instant{1}, true, "{}"});
      case 3:
        return settle();
      default:
        return partition_.put({{"pr", id},
                               ++version_,
                               Instant{random_.between(1, 5)},
                               false,
                               dump_json(draw_data(random_))});
    }
  }

  // Page by page, of whatever size, with nothing changed in between.
  void ask() {
    const Json params = draw_query(random_);
    INFO(params.dump());
    REQUIRE(pages_of(params, [] {}) == expected_ids(partition_, params));
  }

  // What did not change while somebody paged is seen once, in its order.
  void ask_while_others_change() {
    const Json params = draw_query(random_);
    INFO(params.dump());
    const auto before = expected_ids(partition_, params);
    touched_.clear();
    const auto seen = pages_of(params, [&] { change(); });
    const auto untouched = [&](const std::vector<std::string>& ids) {
      std::vector<std::string> result;
      for (const auto& id : ids) {
        if (!touched_.contains(id)) result.push_back(id);
      }
      return result;
    };
    REQUIRE(untouched(seen) == untouched(before));
  }

  void change_many() {
    for (int i = 0; i < 60; ++i) change();
  }

 private:
  template <class Between>
  std::vector<std::string> pages_of(Json params, Between between) {
    std::vector<std::string> ids;
    while (true) {
      params["limit"] = random_.between(1, 9);
      const Json reply = query(partition_, index_, params);
      for (auto& id : ids_of(reply)) ids.push_back(std::move(id));
      REQUIRE(index_.bytes() <= (std::size_t{1} << 20));
      REQUIRE(ids.size() < 1'000);  // pages that never get on
      if (!reply.contains("next")) return ids;
      params["after"] = reply["next"];
      between();
    }
  }

  void add(const std::string& id, const std::string& action, const Json& payload) {
    if (operations_ == 250) return;
    lanes_[++operations_] = id;
    add_operation(partition_, {operations_, {"pr", id}, action, dump_json(payload)});
  }

  void settle() {
    if (lanes_.empty()) return;
    const auto [number, id] = *lanes_.begin();
    lanes_.erase(lanes_.begin());
    touched_[id] = true;
    settle_with_entity(partition_, number, sync::OperationState::applied,
                       wire_document("pr", id, ++version_, draw_data(random_)));
    if (random_.chance(0.5)) mark_adopted(partition_, number);
  }

  Random random_;
  Partition partition_;
  cache::SummaryIndex index_;
  std::int64_t version_ = 0;
  std::uint8_t operations_ = 0;
  std::map<std::uint8_t, std::string> lanes_;  // of operations that are not settled
  std::map<std::string, bool> touched_;
};

}  // namespace

TEST_CASE(
    "INV-Q14: filters, orders, searches and pages agree with a model that reads everything, over "
    "random documents, pending operations and changes between the queries") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Life life(seed);
    life.change_many();
    for (int i = 0; i < 25; ++i) {
      life.ask();
      life.ask_while_others_change();
    }
  }
}

}  // namespace landfall::pull_test
