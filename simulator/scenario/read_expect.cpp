#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/scenario/read_step.hpp"

namespace landfall::scenario {
namespace {

// What the keys of a section name, and what may stand behind them.
enum class Keys { operation, entity, type, endpoint, outcome };
enum class Value { object, object_or_null, count, text };

struct Section {
  std::string_view name;
  Keys keys;
  Value value;
};

constexpr std::array<Section, 11> kSections = {
    {{"operations", Keys::operation, Value::object_or_null},
     {"acknowledged", Keys::operation, Value::object},
     {"explained", Keys::operation, Value::text},
     {"effects", Keys::operation, Value::count},
     {"sightings", Keys::operation, Value::count},
     {"documents", Keys::entity, Value::object_or_null},
     {"at_server", Keys::entity, Value::object_or_null},
     {"counts", Keys::type, Value::count},
     {"requests", Keys::endpoint, Value::count},
     {"sent", Keys::endpoint, Value::object},
     {"refreshes", Keys::outcome, Value::count}}};

constexpr std::array<std::string_view, 3> kWords = {"session", "engine", "connectivity"};

constexpr Duration kLate{1'500};

bool fits(const Json& value, Value kind) {
  switch (kind) {
    case Value::object:
      return value.is_object();
    case Value::object_or_null:
      return value.is_object() || value.is_null();
    case Value::count:
      return value.is_number_integer() && value >= 0;
    case Value::text:
      return value.is_string();
  }
  return false;
}

std::string_view expected(Value kind) {
  switch (kind) {
    case Value::object:
      return "expected an object";
    case Value::object_or_null:
      return "expected an object, or null for none";
    case Value::count:
      return "expected a number of times";
    case Value::text:
      return "expected a text";
  }
  return "";
}

class Checker final {
 public:
  Checker(Fields& fields, const Vocabulary& vocabulary, Mistake& mistake)
      : fields_(fields), vocabulary_(vocabulary), mistake_(mistake) {}

  void check_key(const Section& section, const std::string& key, const std::string& path) {
    switch (section.keys) {
      case Keys::operation:
        return check_operation(key, path);
      case Keys::entity:
        return check_entity(key, path);
      case Keys::type:
        if (!vocabulary_.entity_types.contains(key))
          mistake_.note(path, "the profile has no such entity");
        return;
      case Keys::endpoint:
        if (!vocabulary_.endpoints.contains(key))
          mistake_.note(path, "the profile has no such endpoint");
        return;
      case Keys::outcome:
        if (key != "rotated" && key != "repeated" && key != "refused")
          mistake_.note(path, "expected one of rotated repeated refused");
        return;
    }
  }

  Json read_section(const Section& section) {
    const Json& entries = fields_.object(section.name);
    for (const auto& [key, value] : entries.items()) {
      const std::string path = fields_.path(section.name) + "." + path_part(key);
      check_key(section, key, path);
      if (!fits(value, section.value)) mistake_.note(path, std::string{expected(section.value)});
    }
    return entries;
  }

  // [["first","second"],["first"]]: the pushes in order, each with its operations in order.
  Json read_batches() {
    const Json& batches = fields_.array("batches");
    for (std::size_t i = 0; i < batches.size(); ++i) {
      const std::string path = element("batches", i);
      if (!batches[i].is_array()) mistake_.note(path, "expected a list of operations");
      for (const auto& name : batches[i]) check_operation(name, path);
    }
    return batches;
  }

  Json read_notices() {
    const Json& notices = fields_.array("notices");
    for (std::size_t i = 0; i < notices.size(); ++i) {
      Fields notice(notices[i], element("notices", i), mistake_);
      check_operation(notice.text("operation"), notice.path("operation"));
      (void)notice.text_or("kind", "");
      (void)notice.text_or("code", "");
      notice.finish();
    }
    return notices;
  }

  Json read_events() {
    const Json& events = fields_.array("events");
    for (std::size_t i = 0; i < events.size(); ++i) {
      Fields event(events[i], element("events", i), mistake_);
      (void)event.text("event");
      (void)event.object_or_empty("data");
      event.finish();
    }
    return events;
  }

  Json read_shown() {
    const Json& shown = fields_.array("shown");
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (!shown[i].is_object()) mistake_.note(element("shown", i), "expected an object");
    }
    return shown;
  }

  std::vector<Sends> read_sends() {
    const Duration late = fields_.duration_or("late", kLate);
    std::vector<Sends> sends;
    for (const auto& [name, delays] : fields_.object("sends").items()) {
      const std::string path = fields_.path("sends") + "." + path_part(name);
      check_operation(name, path);
      sends.push_back({name, read_delays(delays, path), late});
    }
    return sends;
  }

 private:
  std::string element(std::string_view key, std::size_t index) const {
    return fields_.path(key) + "[" + std::to_string(index) + "]";
  }

  void check_operation(const Json& name, const std::string& path) {
    if (!name.is_string() || !vocabulary_.operations.contains(name.get<std::string>()))
      mistake_.note(path, "no operation has this name yet");
  }

  void check_entity(const std::string& name, const std::string& path) {
    const EntityName entity = parse_entity(name, path, vocabulary_, mistake_);
    if (!entity.seeded && !vocabulary_.entities.contains(name))
      mistake_.note(path, "no step before this one made it");
  }

  std::vector<Duration> read_delays(const Json& delays, const std::string& path) {
    std::vector<Duration> read;
    if (!delays.is_array()) mistake_.note(path, "expected a list of times");
    for (const auto& delay : delays) {
      const auto span =
          delay.is_string() ? parse_duration(delay.get_ref<const std::string&>()) : std::nullopt;
      if (!span) mistake_.note(path, "expected times such as 250ms, 10s or 5m");
      read.push_back(span.value_or(Duration{0}));
    }
    return read;
  }

  Fields& fields_;
  const Vocabulary& vocabulary_;
  Mistake& mistake_;
};

}  // namespace

Expect read_expect(Fields& fields, std::string phone, const Vocabulary& vocabulary,
                   Mistake& mistake) {
  Expect expect{std::move(phone)};
  Checker checker(fields, vocabulary, mistake);
  for (const auto& section : kSections) {
    const std::string name{section.name};
    if (fields.has(name)) expect.sections[name] = checker.read_section(section);
  }
  for (const auto word : kWords) {
    if (fields.has(word)) expect.sections[std::string{word}] = fields.text(word);
  }
  if (fields.has("batches")) expect.sections["batches"] = checker.read_batches();
  if (fields.has("notices")) expect.sections["notices"] = checker.read_notices();
  if (fields.has("events")) expect.sections["events"] = checker.read_events();
  if (fields.has("shown")) expect.sections["shown"] = checker.read_shown();
  if (fields.has("sends")) expect.sends = checker.read_sends();
  fields.finish();  // a misspelt section is told before "nothing is expected"
  if (expect.sections.empty() && expect.sends.empty())
    fields.note("expect", "nothing is expected here");
  return expect;
}

}  // namespace landfall::scenario
