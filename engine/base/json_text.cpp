#include "engine/base/json_text.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <charconv>
#include <type_traits>
#include <utility>
#include <vector>

#include <simdjson.h>
#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/json_string.hpp"

namespace landfall {
namespace {

namespace dom = simdjson::dom;

// Texts are mostly operations, documents and answers of a few kilobytes. A parser takes fifteen
// bytes for each byte of the largest text it has read, so that one of an answer's size goes.
constexpr std::size_t kCapacityKeptMax = 32 * 1024;
constexpr std::size_t kCapacityMin = 1024;
// Large texts that follow each other are mostly of about one length.
constexpr std::size_t kCapacityStep = 64 * 1024;

using Place = std::array<std::uintptr_t, 2>;
static_assert(sizeof(dom::element) == sizeof(Place) && std::is_trivially_copyable_v<dom::element>);

dom::element element_at(const Place& place) { return std::bit_cast<dom::element>(place); }

// Integers from zero on are unsigned in a tree, as the library's parser has them (but for -0, which
// is equal to it).
Json integer_tree(std::int64_t value) {
  return value < 0 ? Json(value) : Json(static_cast<std::uint64_t>(value));
}

Json tree_of(const dom::element& element);

Json array_tree(const dom::array& array) {
  Json::array_t items;
  items.reserve(array.size());
  for (const dom::element item : array) items.push_back(tree_of(item));
  return Json(std::move(items));
}

// Members mostly come in the order of their names. Of those with one name the last counts.
Json object_tree(const dom::object& object) {
  Json::object_t members;
  for (const auto& [name, value] : object)
    members.insert_or_assign(members.end(), std::string{name}, tree_of(value));
  return Json(std::move(members));
}

Json tree_of(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return array_tree(element.get_array().value_unsafe());
    case dom::element_type::OBJECT:
      return object_tree(element.get_object().value_unsafe());
    case dom::element_type::INT64:
      return integer_tree(element.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return element.get_uint64().value_unsafe();
    case dom::element_type::DOUBLE:
      return element.get_double().value_unsafe();
    case dom::element_type::STRING:
      return std::string{element.get_string().value_unsafe()};
    case dom::element_type::BOOL:
      return element.get_bool().value_unsafe();
    case dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

template <class Integer>
void append_integer(std::string& text, Integer value) {
  std::array<char, 24> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), written.ptr);
}

// The text of a value with the members of its objects in the order of their names.
class CanonicalWriter final {
 public:
  explicit CanonicalWriter(std::string& text) : text_(text) {}

  void add(const dom::element& element) {
    switch (element.type()) {
      case dom::element_type::ARRAY:
        return add_array(element.get_array().value_unsafe());
      case dom::element_type::OBJECT:
        return add_object(element.get_object().value_unsafe());
      case dom::element_type::INT64:
        return append_integer(text_, element.get_int64().value_unsafe());
      case dom::element_type::UINT64:
        return append_integer(text_, element.get_uint64().value_unsafe());
      case dom::element_type::DOUBLE:
        text_ += dump_json(element.get_double().value_unsafe());
        return;
      case dom::element_type::STRING:
        return append_json_utf8(text_, element.get_string().value_unsafe());
      case dom::element_type::BOOL:
        text_ += element.get_bool().value_unsafe() ? "true" : "false";
        return;
      case dom::element_type::NULL_VALUE:
        text_ += "null";
    }
  }

 private:
  struct Member {
    std::string_view name;
    dom::element value;
  };

  void add_array(const dom::array& array) {
    text_ += '[';
    bool is_first = true;
    for (const dom::element item : array) {
      if (!std::exchange(is_first, false)) text_ += ',';
      add(item);
    }
    text_ += ']';
  }

  // Objects in this one put their own members behind its own and take them away again.
  void add_object(const dom::object& object) {
    const std::size_t first = members_.size();
    bool is_sorted = true;
    for (const auto& [name, value] : object) {
      is_sorted = is_sorted && (members_.size() == first || members_.back().name < name);
      members_.push_back({name, value});
    }
    if (!is_sorted) sort_members(first);
    text_ += '{';
    for (std::size_t i = first; i < members_.size(); ++i) {
      if (i > first) text_ += ',';
      append_json_utf8(text_, members_[i].name);
      text_ += ':';
      const dom::element value = members_[i].value;  // `members_` may grow
      add(value);
    }
    text_ += '}';
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(first), members_.end());
  }

  // Of those with one name the last stays.
  void sort_members(std::size_t first) {
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    std::stable_sort(begin, members_.end(),
                     [](const Member& one, const Member& other) { return one.name < other.name; });
    auto kept = begin;
    for (auto member = begin; member != members_.end(); ++member) {
      const auto next = member + 1;
      if (next == members_.end() || next->name != member->name) *kept++ = *member;
    }
    members_.erase(kept, members_.end());
  }

  std::string& text_;
  std::vector<Member> members_;  // of the objects that are being written
};

}  // namespace

struct JsonText::Parser {
  dom::parser parser;
  std::vector<char> text;

  [[nodiscard]] static std::size_t capacity_for(std::size_t bytes) {
    if (bytes <= kCapacityKeptMax) return std::bit_ceil(std::max(bytes, kCapacityMin));
    return (bytes + kCapacityStep - 1) / kCapacityStep * kCapacityStep;
  }

  // Room for a text of so many bytes, nested below this depth; false where there is no memory.
  [[nodiscard]] bool allocate(std::size_t bytes, std::size_t depth_max) {
    const std::size_t capacity = std::max(parser.capacity(), capacity_for(bytes));
    if (parser.doc.capacity() < capacity && parser.doc.allocate(capacity) != simdjson::SUCCESS)
      return false;
    if (parser.capacity() == capacity && parser.max_depth() == depth_max) return true;
    return parser.allocate(capacity, depth_max) == simdjson::SUCCESS;
  }

  [[nodiscard]] simdjson::simdjson_result<dom::element> parse(std::string_view from) {
    text.reserve(from.size() + simdjson::SIMDJSON_PADDING);
    text.assign(from.begin(), from.end());
    return parser.parse(text.data(), from.size(), false);
  }

  // Some texts are secrets, and this outlives them.
  void forget_text() {
    sodium_memzero(text.data(), text.size());
    // As many bytes as simdjson itself reckons with for the strings of a text.
    if (parser.doc.string_buf) sodium_memzero(parser.doc.string_buf.get(), 5 * text.size() / 3);
    text.clear();
  }

  // Each value takes a word or more, an empty list two: there are no more values than words.
  [[nodiscard]] std::size_t words() const {
    return static_cast<std::size_t>(parser.doc.tape[0] & simdjson::internal::JSON_VALUE_MASK);
  }
};

JsonText::JsonText(Lent parser, JsonValue root) : parser_(std::move(parser)), root_(root) {}

// A parser for whoever reads next; few texts are read at one time.
class JsonText::KeptParsers final {
 public:
  ~KeptParsers() {
    for (auto& slot : slots_) delete slot.exchange(nullptr);
  }

  [[nodiscard]] Lent take() {
    for (auto& slot : slots_) {
      if (Parser* const kept = slot.exchange(nullptr)) return Lent(kept, GiveBack{nullptr});
    }
    return Lent(new Parser, GiveBack{nullptr});
  }

  void keep(std::unique_ptr<Parser> parser) {
    for (auto& slot : slots_) {
      Parser* empty = nullptr;
      if (!slot.compare_exchange_strong(empty, parser.get())) continue;
      (void)parser.release();
      return;
    }
  }

 private:
  std::array<std::atomic<Parser*>, 4> slots_{};
};

JsonText::KeptParsers& JsonText::kept_parsers() {
  static KeptParsers kept;
  return kept;
}

void JsonText::GiveBack::operator()(Parser* parser) const {
  std::unique_ptr<Parser> owned(parser);
  owned->forget_text();
  if (memory != nullptr) {
    memory->parser_.reset(owned.release());
    return;
  }
  if (owned->parser.capacity() <= kCapacityKeptMax) kept_parsers().keep(std::move(owned));
}

void JsonText::Delete::operator()(Parser* parser) const { delete parser; }

JsonText::Lent JsonText::lend(Memory* memory) {
  if (memory == nullptr) return kept_parsers().take();
  Parser* const kept = memory->parser_.release();
  return Lent(kept != nullptr ? kept : new Parser, GiveBack{memory});
}

std::optional<JsonText> JsonText::read(std::string_view text, JsonLimits limits,
                                       std::size_t values_max, Memory* memory) {
  if (text.empty() || text.size() > limits.bytes_max) return std::nullopt;
  Lent lent = lend(memory);
  // It counts no empty list, and so gives up one level too early rather than too late.
  if (!lent->allocate(text.size(), limits.depth_max)) return std::nullopt;
  dom::element root;
  if (lent->parse(text).get(root) != simdjson::SUCCESS) return std::nullopt;
  if (lent->words() > values_max) return std::nullopt;
  return JsonText(std::move(lent), JsonValue(std::bit_cast<Place>(root)));
}

bool JsonValue::is_null() const { return element_at(place_).is_null(); }

bool JsonValue::is_object() const { return element_at(place_).is_object(); }

bool JsonValue::is_array() const { return element_at(place_).is_array(); }

std::optional<std::string_view> JsonValue::string() const {
  std::string_view value;
  if (element_at(place_).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

// A tree too takes one without a fraction for an integer, and no other.
std::optional<std::int64_t> JsonValue::integer() const {
  const dom::element element = element_at(place_);
  if (!element.is_int64()) return std::nullopt;
  return element.get_int64().value_unsafe();
}

std::optional<bool> JsonValue::boolean() const {
  bool value = false;
  if (element_at(place_).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

bool JsonValue::each_member(const Member& member) const {
  dom::object object;
  if (element_at(place_).get(object) != simdjson::SUCCESS) return false;
  return std::all_of(object.begin(), object.end(), [&](const auto& each) {
    return member(each.key, JsonValue(std::bit_cast<Place>(each.value)));
  });
}

bool JsonValue::each_item(const Item& item) const {
  dom::array array;
  if (element_at(place_).get(array) != simdjson::SUCCESS) return false;
  return std::all_of(array.begin(), array.end(), [&](const dom::element& each) {
    return item(JsonValue(std::bit_cast<Place>(each)));
  });
}

void JsonValue::append_to(std::string& text) const {
  CanonicalWriter(text).add(element_at(place_));
}

Json JsonValue::tree() const { return tree_of(element_at(place_)); }

}  // namespace landfall
