#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"

namespace landfall {

// A value of a JsonText: as cheap to copy as two words, and valid as long as that. Asked for what
// it is not it gives nothing.
class JsonValue final {
 public:
  using Member = std::function<bool(std::string_view name, JsonValue value)>;
  using Item = std::function<bool(JsonValue item)>;

  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] std::optional<std::string_view> string() const;  // as valid as this
  [[nodiscard]] std::optional<std::int64_t> integer() const;     // a whole number without . or e
  [[nodiscard]] std::optional<bool> boolean() const;

  // Shows the members of an object as they stand in the text: in its order, and a name may come
  // twice. Stops at the first that `member` says no to. False then, and of what is no object.
  [[nodiscard]] bool each_member(const Member& member) const;
  // The same of an array.
  [[nodiscard]] bool each_item(const Item& item) const;

  // Appends what dump_json makes of the tree, without the tree.
  void append_to(std::string& text) const;
  // What parse_json gives.
  [[nodiscard]] Json tree() const;

 private:
  friend class JsonText;
  // simdjson's own word for a value (dom::element), whose header is long and stays in one source.
  using Place = std::array<std::uintptr_t, 2>;
  explicit JsonValue(Place place) : place_(place) {}

  Place place_;
};

// A JSON text that was read and validated by simdjson, which builds no tree: for long answers and
// frequent ones. What it reads is what parse_json and dump_json make of the text. To some of what
// is valid and seldom it says nothing all the same (an integer that 64 bits do not hold,
// nesting near the limit, a byte order mark): whoever gets
// nothing asks parse_json, which knows all of JSON and says what is wrong.
//
// The text itself is no longer needed. One thread. The memory behind it is wiped, and used again by
// the next text that anybody reads, unless it was a large one.
class JsonText final {
  struct Parser;
  struct Delete {
    void operator()(Parser* parser) const;
  };

 public:
  // For whoever reads several large texts, one after the other: the next one finds the memory of
  // the last, wiped, and the system is not asked for a few megabytes each time. Outlives each of
  // the texts; one thread.
  class Memory final {
   public:
    // Gives it back to the system.
    void release() { parser_.reset(); }

   private:
    friend class JsonText;
    std::unique_ptr<Parser, Delete> parser_;  // null: it is lent, or there is none yet
  };

  // Nothing also where the text may have more values than these, counted as check_value_count does.
  // `memory`: null when this text is one of its own.
  [[nodiscard]] static std::optional<JsonText> read(std::string_view text, JsonLimits limits,
                                                    std::size_t values_max = SIZE_MAX,
                                                    Memory* memory = nullptr);

  [[nodiscard]] JsonValue root() const { return root_; }

 private:
  struct GiveBack {
    Memory* memory;  // null: to whoever reads next
    void operator()(Parser* parser) const;
  };
  using Lent = std::unique_ptr<Parser, GiveBack>;

  JsonText(Lent parser, JsonValue root);
  class KeptParsers;
  [[nodiscard]] static KeptParsers& kept_parsers();
  [[nodiscard]] static Lent lend(Memory* memory);

  Lent parser_;
  JsonValue root_;
};

}  // namespace landfall
