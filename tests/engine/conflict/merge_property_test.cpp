#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/conflict/exact_json.hpp"
#include "engine/conflict/merge.hpp"
#include "tests/engine/conflict/merge_model.hpp"

using namespace landfall;
using namespace landfall::conflict;
using profile::FieldRule;

namespace {

// One field a rule, named after it; "nested" and whatever else comes go by `newer`.
profile::ConflictPolicy policy() {
  profile::ConflictPolicy rules;
  rules.otherwise = FieldRule::newer;
  for (const FieldRule rule :
       {FieldRule::server, FieldRule::mine, FieldRule::newer, FieldRule::sum_delta, FieldRule::max,
        FieldRule::set_union, FieldRule::forward_only, FieldRule::ask}) {
    rules.fields.emplace(std::string{to_string(rule)}, rule);
  }
  rules.order["forward_only"] = {"draft", "submitted", "rejected"};
  return rules;
}

const profile::ConflictPolicy kPolicy = policy();

// Few values, so that sides often agree, stand still or meet in the wrong type.
Json any_value(Random& random) {
  switch (random.below(9)) {
    case 0:
      return nullptr;
    case 1:
      return "draft";
    case 2:
      return "submitted";
    case 3:
      return "rejected";
    case 4: {
      Json list = Json::array();
      for (int i = 0; i < 4; ++i) {
        if (random.chance(0.5)) list.push_back(random.below(5));
      }
      return list;
    }
    default:
      return random.below(5);
  }
}

Json any_document(Random& random) {
  Json data = Json::object();
  for (const auto& [name, unused] : kPolicy.fields) {
    if (random.chance(0.8)) data[name] = any_value(random);
  }
  if (random.chance(0.6)) {
    data["nested"] = Json::object();
    for (const char* name : {"a", "b"}) {
      if (random.chance(0.7)) data["nested"][name] = any_value(random);
    }
  }
  return data;
}

struct Three {
  Json base, mine, theirs;
  MergeTimes times;

  explicit Three(std::uint64_t seed) {
    Random random(seed);
    base = any_document(random);
    mine = any_document(random);
    theirs = any_document(random);
    times = {Instant{random.between(0, 3)}, Instant{random.between(0, 3)},
             Duration{random.between(-1, 1)}};
  }
};

MergeResult merged(const Json& base, const Json& mine, const Json& theirs,
                   const MergeTimes& times = {}) {
  return merge(kPolicy, {&base, &mine, &theirs}, times);
}

std::string told(const MergeResult& result) {
  std::string text = result.document.dump();
  for (const auto& field : result.fields) {
    text += "|" + field.field + " " + std::string{to_string(field.taken)} +
            (field.rule ? std::string{to_string(*field.rule)} : "");
  }
  for (const auto& open : result.open)
    text += "|" + open.field + std::string{to_string(open.reason)};
  return text;
}

// What forward_only and sum_delta are excepted from.
Json without(Json data, const std::string& field) {
  data.erase(field);
  return data;
}

Json as_sets(Json value) {
  if (value.is_array()) {
    std::sort(value.begin(), value.end(),
              [](const Json& a, const Json& b) { return compare_json(a, b) < 0; });
  }
  if (value.is_object()) {
    for (auto& item : value.items()) item.value() = as_sets(item.value());
  }
  return value;
}

// A document of what is declared to be associative, with values of the right types.
Json counted(Random& random) {
  Json list = Json::array();
  for (int i = 0; i < 6; ++i) {
    if (random.chance(0.5)) list.push_back(i);
  }
  return {{"sum_delta", random.between(-9'007'199'254'740'993, 9'007'199'254'740'993)},
          {"max", random.between(-3, 3)},
          {"union", std::move(list)}};
}

Json merged_document(const Json& base, const Json& mine, const Json& theirs) {
  const MergeResult result = merged(base, mine, theirs);
  RC_ASSERT(result.open.empty());
  return as_sets(result.document);
}

}  // namespace

TEST_CASE("P-29: a merge is the same every time") {
  CHECK(rc::check([](std::uint64_t seed) {
    const Three a(seed), b(seed);
    RC_ASSERT(told(merged(a.base, a.mine, a.theirs, a.times)) ==
              told(merged(b.base, b.mine, b.theirs, b.times)));
  }));
}

TEST_CASE("P-29: who did nothing changes nothing") {
  CHECK(rc::check([](std::uint64_t seed) {
    const Three three(seed);
    const auto theirs = merged(three.base, three.base, three.theirs, three.times);
    RC_ASSERT(theirs.document == three.theirs);
    RC_ASSERT(theirs.open.empty());
    const auto mine = merged(three.base, three.mine, three.base, three.times);
    RC_ASSERT(without(mine.document, "forward_only") == without(three.mine, "forward_only"));
    RC_ASSERT(mine.open.empty() || (mine.open.size() == 1 && mine.open[0].field == "forward_only"));
  }));
}

TEST_CASE("P-29: two who did the same agree, but two who counted the same count twice") {
  CHECK(rc::check([](std::uint64_t seed) {
    const Three three(seed);
    const auto both = merged(three.base, three.mine, three.mine, three.times);
    RC_ASSERT(without(both.document, "sum_delta") == without(three.mine, "sum_delta"));
  }));
  CHECK(
      merged({{"sum_delta", 10}}, {{"sum_delta", 15}}, {{"sum_delta", 15}}).document["sum_delta"] ==
      20);
}

TEST_CASE("P-29: what was merged stays when it is merged again over theirs") {
  CHECK(rc::check([](std::uint64_t seed) {
    const Three three(seed);
    const auto once = merged(three.base, three.mine, three.theirs, three.times);
    const auto again = merged(three.theirs, once.document, three.theirs, three.times);
    RC_ASSERT(again.document == once.document);
    RC_ASSERT(again.open.empty());
  }));
}

TEST_CASE("P-29: sum_delta, max and union do not care who comes first") {
  CHECK(rc::check([](std::uint64_t seed) {
    Random random(seed);
    const Json base = counted(random);
    const Json x = random.chance(0.2) ? base : counted(random);
    const Json y = random.chance(0.2) ? base : counted(random);
    const Json z = random.chance(0.2) ? x : counted(random);
    RC_ASSERT(merged_document(base, x, y) == merged_document(base, y, x));
    RC_ASSERT(merged_document(base, x, merged_document(base, y, z)) ==
              merged_document(base, merged_document(base, x, y), z));
  }));
}

TEST_CASE("P-29: every field is merged as the simplest telling of its rule says") {
  CHECK(rc::check([](std::uint64_t seed) {
    const Three three(seed);
    const auto result = merged(three.base, three.mine, three.theirs, three.times);
    const auto text_of = [](const Json& document, const std::string& name) {
      return document.contains(name) ? model::Field{document[name].dump()} : std::nullopt;
    };
    for (const auto& [name, unused] : kPolicy.fields) {
      const auto expected =
          model::merge_field(name, text_of(three.base, name), text_of(three.mine, name),
                             text_of(three.theirs, name), three.times.mine_is_newer());
      const bool open = std::any_of(result.open.begin(), result.open.end(),
                                    [&, field = name](const auto& o) { return o.field == field; });
      RC_LOG() << name << ": " << three.base.dump() << " " << three.mine.dump() << " "
               << three.theirs.dump();
      RC_ASSERT(open == !expected.has_value());
      RC_ASSERT(text_of(result.document, name) == expected.value_or(text_of(three.theirs, name)));
    }
  }));
}

TEST_CASE("P-29: no order of decisions brings a rejected approval back to life") {
  CHECK(rc::check([](std::uint64_t seed) {
    Random random(seed);
    constexpr std::array<const char*, 3> kStates{"draft", "submitted", "rejected"};
    Json server = {{"forward_only", "draft"}};
    bool was_rejected = false;
    for (int i = 0; i < 12; ++i) {
      const Json base = random.chance(0.5) ? server : Json{{"forward_only", "draft"}};
      const Json mine = {{"forward_only", kStates[random.below(3)]}};
      server = merged(base, mine, server).document;
      was_rejected = was_rejected || server["forward_only"] == "rejected";
      RC_ASSERT(!was_rejected || server["forward_only"] == "rejected");
    }
  }));
}
