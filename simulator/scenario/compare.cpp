#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "simulator/faults/path_pattern.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/scenario/compare_sent.hpp"
#include "simulator/scenario/stage.hpp"

// What is compared in an `expect` step, section by section.
namespace landfall::scenario {
namespace {

using Outcome = std::optional<Mismatch>;

constexpr Duration kReplyMax{std::chrono::seconds{5}};
constexpr int kCountMax = 200;

// What every section works on.
struct Scene {
  Stage& stage;
  world::Phone& phone;
};

Outcome no_answer(const std::string& request) {
  return Mismatch{"an answer to " + request, "none"};
}

Outcome compare_operations(Scene& scene, const Json& expected) {
  const auto outbox = oracles::read_outbox(scene.stage.world(), scene.phone);
  if (!outbox) return no_answer("operations.list");
  Json by_name = Json::object();
  for (const auto& operation : *outbox)
    by_name[scene.stage.names().operation_name(operation["id"])] = operation;
  return match(scene.stage.names().resolve(expected), by_name, "operations");
}

Outcome compare_acknowledged(Scene& scene, const Json& expected) {
  Json by_name = Json::object();
  for (const auto& [name, fields] : expected.items()) {
    const auto all = scene.stage.recorder().acknowledgements(scene.stage.names().operation(name));
    if (!all.empty()) by_name[name] = all.back();
  }
  return match(expected, by_name, "acknowledged");
}

Outcome compare_explained(Scene& scene, const Json& expected) {
  for (const auto& [name, cause] : expected.items()) {
    const auto reply = scene.stage.ask(scene.phone, "operations.explain",
                                       {{"id", scene.stage.names().operation(name)}}, kReplyMax);
    if (!reply || !reply->contains("result")) return no_answer("operations.explain");
    const auto& causes = (*reply)["result"]["causes"];
    if (std::find(causes.begin(), causes.end(), cause) == causes.end())
      return Mismatch{"explained." + name + " has " + dump_json(cause), dump_json(causes)};
  }
  return std::nullopt;
}

Outcome compare_effects(Scene& scene, const Json& expected) {
  Json counts = Json::object();
  scene.stage.world().with_backend([&](const auto& backend, Instant) {
    for (const auto& [name, count] : expected.items())
      counts[name] = backend.ledger().effect_count(scene.stage.names().operation(name));
  });
  return match(expected, counts, "effects");
}

// How often the server saw an operation in a push, decided or not.
Outcome compare_sightings(Scene& scene, const Json& expected) {
  const auto sightings = scene.stage.world().ask_backend(
      [](const auto& backend) { return backend.ledger().sightings(); });
  Json counts = Json::object();
  for (const auto& [name, count] : expected.items()) {
    const auto& id = scene.stage.names().operation(name);
    counts[name] = std::count_if(sightings.begin(), sightings.end(),
                                 [&](const auto& sighting) { return sighting.operation_id == id; });
  }
  return match(expected, counts, "sightings");
}

Outcome compare_documents(Scene& scene, const Json& expected) {
  for (const auto& [name, view] : expected.items()) {
    const auto key = scene.stage.names().find_entity(name);
    if (!key) return Mismatch{"documents." + name, "the backend has too few"};
    const Json params{{"type", key->type}, {"id", key->id}};
    const auto reply = scene.stage.ask(scene.phone, "documents.query", params, kReplyMax);
    if (!reply || !reply->contains("result")) return no_answer("documents.query");
    scene.stage.world().observe_view(scene.phone, params, (*reply)["result"]);
    const auto& found = (*reply)["result"]["documents"];
    const Json actual = found.empty() ? Json{} : found.front();
    if (auto mismatch = match(scene.stage.names().resolve(view), actual, "documents." + name))
      return mismatch;
  }
  return std::nullopt;
}

Outcome compare_server(Scene& scene, const Json& expected) {
  for (const auto& [name, wanted] : expected.items()) {
    const auto key = scene.stage.names().find_entity(name);
    const auto document = scene.stage.world().ask_backend(
        [&](auto& backend) { return key ? backend.find_document(*key) : std::nullopt; });
    const Json actual = document ? Json::parse(backend::to_wire(*document)) : Json{};
    if (auto mismatch = match(scene.stage.names().resolve(wanted), actual, "at_server." + name))
      return mismatch;
  }
  return std::nullopt;
}

// How many documents of a type the phone shows; at most a page of them.
Outcome compare_counts(Scene& scene, const Json& expected) {
  Json counts = Json::object();
  for (const auto& [type, count] : expected.items()) {
    const Json params{{"type", type}, {"limit", kCountMax}};
    const auto reply = scene.stage.ask(scene.phone, "documents.query", params, kReplyMax);
    if (!reply || !reply->contains("result")) return no_answer("documents.query");
    scene.stage.world().observe_view(scene.phone, params, (*reply)["result"]);
    counts[type] = (*reply)["result"]["documents"].size();
  }
  return match(expected, counts, "counts");
}

Outcome compare_requests(Scene& scene, const Json& expected) {
  const auto& requests = scene.stage.recorder().of(scene.phone).requests;
  Json counts = Json::object();
  for (const auto& [endpoint, count] : expected.items()) {
    int calls = 0;
    for (const auto& [target, times] : requests) {
      if (faults::matches_path(scene.stage.path_of(endpoint), target)) calls += times;
    }
    counts[endpoint] = calls;
  }
  return match(expected, counts, "requests");
}

Outcome compare_last_calls(Scene& scene, const Json& expected) {
  return compare_sent(scene.stage, scene.stage.recorder().of(scene.phone),
                      scene.stage.names().resolve(expected));
}

Outcome compare_refreshes(Scene& scene, const Json& expected) {
  Json counts{{"rotated", 0}, {"repeated", 0}, {"refused", 0}};
  static constexpr std::array<const char*, 3> kOutcomes = {"rotated", "repeated", "refused"};
  const auto refreshes = scene.stage.world().ask_backend(
      [](const auto& backend) { return backend.ledger().refreshes(); });
  for (const auto& decision : refreshes) {
    auto& count = counts[kOutcomes[static_cast<std::size_t>(decision.outcome)]];
    count = count.get<int>() + 1;
  }
  return match(expected, counts, "refreshes");
}

Outcome compare_batches(Scene& scene, const Json& expected) {
  Json batches = Json::array();
  for (const auto& batch : scene.stage.recorder().of(scene.phone).batches) {
    Json names = Json::array();
    for (const auto& id : batch) names.push_back(scene.stage.names().operation_name(id));
    batches.push_back(std::move(names));
  }
  return match(expected, batches, "batches");
}

Outcome compare_notices(Scene& scene, const Json& expected) {
  const auto reply = scene.stage.ask(scene.phone, "notices.list", Json::object(), kReplyMax);
  if (!reply || !reply->contains("result")) return no_answer("notices.list");
  Json notices = (*reply)["result"]["notices"];
  for (auto& notice : notices)
    notice["operation"] = scene.stage.names().operation_name(notice["operation"]);
  return match(expected, notices, "notices");
}

Outcome compare_events(Scene& scene, const Json& expected) {
  const auto& events = scene.stage.recorder().of(scene.phone).events;
  for (const auto& wanted : expected) {
    const Json data = scene.stage.names().resolve(wanted.value("data", Json::object()));
    const bool seen = std::any_of(events.begin(), events.end(), [&](const auto& event) {
      return event.first == wanted["event"] && !match(data, event.second, "");
    });
    if (!seen) return Mismatch{"the event " + dump_json(wanted), "it was not seen"};
  }
  return std::nullopt;
}

Outcome compare_shown(Scene& scene, const Json& expected) {
  const auto& shown = scene.stage.recorder().of(scene.phone).shown;
  return match(scene.stage.names().resolve(expected), Json(shown), "shown");
}

Outcome compare_session(Scene& scene, const Json& expected) {
  return match(expected, scene.phone.session_status(), "session");
}

Outcome compare_engine(Scene& scene, const Json& expected) {
  return match(expected, scene.phone.engine_state(), "engine");
}

Outcome compare_connectivity(Scene& scene, const Json& expected) {
  return match(expected, scene.phone.connectivity(), "connectivity");
}

std::string delays_text(const std::vector<Duration>& delays) {
  std::string text;
  for (const auto delay : delays)
    text += (text.empty() ? "" : ", ") + std::to_string(delay.count()) + " ms";
  return "[" + text + "]";
}

Outcome compare_sends(Scene& scene, const Sends& expected) {
  const auto times =
      scene.stage.recorder().sends(scene.stage.names().operation(expected.operation));
  const Duration late = expected.late + scene.stage.world().lag();
  std::vector<Duration> delays;
  for (std::size_t i = 0; i < times.size(); ++i)
    delays.push_back(i == 0 ? Duration{0} : times[i] - times[i - 1]);
  const bool equal = std::equal(delays.begin(), delays.end(), expected.delays.begin(),
                                expected.delays.end(), [&](Duration actual, Duration wanted) {
                                  return actual >= wanted && actual <= wanted + late;
                                });
  if (equal) return std::nullopt;
  return Mismatch{"sends." + expected.operation + " after " + delays_text(expected.delays) +
                      ", each at most " + std::to_string(late.count()) + " ms later",
                  delays_text(delays)};
}

struct Section {
  const char* name;
  Outcome (*compare)(Scene&, const Json&);
};

constexpr std::array<Section, 18> kSections = {{{"operations", compare_operations},
                                                {"acknowledged", compare_acknowledged},
                                                {"explained", compare_explained},
                                                {"effects", compare_effects},
                                                {"sightings", compare_sightings},
                                                {"documents", compare_documents},
                                                {"at_server", compare_server},
                                                {"counts", compare_counts},
                                                {"requests", compare_requests},
                                                {"sent", compare_last_calls},
                                                {"refreshes", compare_refreshes},
                                                {"batches", compare_batches},
                                                {"notices", compare_notices},
                                                {"events", compare_events},
                                                {"shown", compare_shown},
                                                {"session", compare_session},
                                                {"engine", compare_engine},
                                                {"connectivity", compare_connectivity}}};

}  // namespace

std::optional<Mismatch> compare(Stage& stage, const Expect& expect) {
  Scene scene{stage, stage.phone(expect.phone)};
  for (const auto& section : kSections) {
    if (!expect.sections.contains(section.name)) continue;
    if (auto mismatch = section.compare(scene, expect.sections[section.name])) return mismatch;
  }
  for (const auto& sends : expect.sends) {
    if (auto mismatch = compare_sends(scene, sends)) return mismatch;
  }
  return std::nullopt;
}

}  // namespace landfall::scenario
