#include "simulator/scenario/read_step.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/zones/desktop_zone.hpp"

namespace landfall::scenario {
namespace {

using FaultKind = faults::Fault;

constexpr std::int64_t kTimesMax = 1'000;
constexpr std::int64_t kPhotoBytesMax = 20'000'000;

// Those that strike a call; the others are steps of their own.
constexpr std::array<FaultKind, 12> kFaultsOfCalls = {
    FaultKind::lost_answer, FaultKind::lost_request, FaultKind::server_error,
    FaultKind::late_error,  FaultKind::retry_after,  FaultKind::unauthorized,
    FaultKind::cut_body,    FaultKind::garbage_body, FaultKind::duplicate_request,
    FaultKind::refused,     FaultKind::slow,         FaultKind::revoked_tokens};

struct Reader {
  Fields& fields;
  Vocabulary& vocabulary;
  Mistake& mistake;

  // The value of the step's verb, for most of them.
  std::string phone(std::string_view key) {
    std::string name = fields.text(key);
    if (!vocabulary.phones.contains(name)) fields.note(key, "no phone has this name");
    return name;
  }

  EntityName entity(std::string_view key, bool defines) {
    EntityName entity = parse_entity(fields.text(key), fields.path(key), vocabulary, mistake);
    if (entity.seeded) return entity;
    if (defines) {
      vocabulary.entities.insert(entity.text);
    } else if (!vocabulary.entities.contains(entity.text)) {
      fields.note(key, "no step before this one made it");
    }
    return entity;
  }

  void operation_exists(std::string_view key, const std::string& name) {
    if (!vocabulary.operations.contains(name)) fields.note(key, "no operation has this name yet");
  }
};

Action read_boot(Reader& r) { return Boot{r.phone("boot")}; }
Action read_login(Reader& r) { return Login{r.phone("login")}; }
Action read_logout(Reader& r) { return Logout{r.phone("logout")}; }
std::optional<NextWindow> read_next(Reader& r) {
  if (!r.fields.has("next")) return std::nullopt;
  if (r.fields.text("next") == "none") return NextWindow{};
  return NextWindow{r.fields.duration("next")};
}

Action read_suspend(Reader& r) {
  Suspend step{r.phone("suspend"), {}};
  step.next = read_next(r);
  return step;
}

Action read_window(Reader& r) {
  Window step{r.phone("window"), r.fields.duration("budget"), {}, {}};
  step.finished = r.fields.object_or_empty("finished");
  step.next = read_next(r);
  return step;
}

Action read_resume(Reader& r) { return Resume{r.phone("resume")}; }
Action read_mark(Reader& r) { return Mark{r.phone("mark")}; }
Action read_run(Reader& r) {
  const Duration span = r.fields.duration("run");
  const Duration real = r.fields.duration_or("real", span);
  if (real < kRunMinAtSaidSpeed * r.vocabulary.speed) {
    r.fields.note(r.fields.has("real") ? "real" : "run",
                  "is over too soon: expected " +
                      std::to_string((kRunMinAtSaidSpeed * r.vocabulary.speed).count()) +
                      "ms or more at this speed, in \"real\" where it is another time");
  }
  return Run{span, real};
}

Action read_network(Reader& r) {
  Network step;
  step.phone = r.phone("network");
  step.up = r.fields.word("is", {"up", "down"}) == 0;
  step.told = r.fields.boolean_or("told", true);
  return step;
}

Action read_disk(Reader& r) {
  Disk step;
  step.phone = r.phone("disk");
  step.full = r.fields.word("is", {"full", "roomy"}) == 0;
  if (!r.vocabulary.is_virtual) r.fields.note("disk", "needs \"virtual\": true");
  return step;
}

Action read_damage(Reader& r) {
  Damage step;
  step.phone = r.phone("damage");
  step.table = r.fields.text("table");
  if (!r.vocabulary.is_virtual) r.fields.note("damage", "needs \"virtual\": true");
  return step;
}

Action read_zone(Reader& r) {
  InZone step;
  step.phone = r.phone("zone");
  step.zone = r.fields.text("is");
  if (!zones::desktop_zone(step.zone)) r.fields.note("is", "no time zone has this name");
  if (!r.vocabulary.is_virtual) r.fields.note("zone", "needs \"virtual\": true");
  return step;
}

std::string path_of_route(Reader& r) {
  const std::string route = r.fields.text("route");
  const auto found = r.vocabulary.endpoints.find(route);
  if (found != r.vocabulary.endpoints.end()) return found->second;
  r.fields.note("route", "the profile has no such endpoint");
  return {};
}

int status_or(Reader& r, int fallback) {
  return static_cast<int>(r.fields.integer_or("status", fallback, 400, 599));
}

// The details that a kind of fault can have; any other is found as an unknown field.
void read_details(Reader& r, faults::ScriptedFault& fault) {
  switch (fault.fault) {
    case FaultKind::server_error:
    case FaultKind::late_error:
      fault.status = status_or(r, 500);
      break;
    case FaultKind::retry_after:
      fault.status = status_or(r, 503);
      fault.retry_after = r.fields.duration("after");
      break;
    case FaultKind::slow:
      fault.delay = r.fields.duration("delay");
      break;
    case FaultKind::garbage_body:
      if (r.fields.has("status")) fault.status = status_or(r, 401);
      fault.body = r.fields.text_or("body", "<html><body>Welcome to the portal</body></html>");
      break;
    case FaultKind::cut_body:
      fault.is_noticed = r.fields.boolean_or("noticed", true);
      break;
    default:
      break;
  }
}

Action read_fault(Reader& r) {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto fault : kFaultsOfCalls) list.emplace_back(faults::to_string(fault));
    return list;
  }();
  Fault step;
  step.phone = r.phone("fault");
  step.scripted.path = path_of_route(r);
  step.scripted.fault = kFaultsOfCalls[r.fields.word("kind", names)];
  step.scripted.times = static_cast<int>(r.fields.integer_or("times", 1, 1, kTimesMax));
  step.scripted.skip = static_cast<int>(r.fields.integer_or("skip", 0, 0, kTimesMax));
  read_details(r, step.scripted);
  return step;
}

Action read_crash(Reader& r) {
  Crash step;
  step.phone = r.phone("crash");
  step.power = r.fields.word("how", {"kill", "power_cut"}) == 1;
  if (r.fields.has("at"))
    step.at = static_cast<CrashAt>(r.fields.word("at", {"now", "commit", "io"}));
  if (r.fields.has("in")) {
    step.label = r.fields.text("in");
    step.at = CrashAt::io;
  }
  if (step.at == CrashAt::io)
    step.io = static_cast<std::uint64_t>(r.fields.integer("io", 0, 1'000'000));
  if (r.fields.has("real")) {
    (void)r.fields.word("real", {"close"});
    step.closes_really = true;
    if (step.at != CrashAt::now) r.fields.note("real", "needs \"at\": \"now\"");
  } else if (!r.vocabulary.is_virtual) {
    r.fields.note("crash", "needs \"virtual\": true, or \"real\": \"close\"");
  }
  return step;
}

Json read_extra(Reader& r) {
  Json extra = Json::object();
  if (r.fields.has("base_version"))
    extra["base_version"] = r.fields.integer("base_version", 1, INT64_MAX);
  if (r.fields.has("supersedes")) {
    const std::string name = r.fields.text("supersedes");
    r.operation_exists("supersedes", name);
    extra["supersedes"] = "$" + name;
  }
  if (r.fields.has("group")) extra["group_id"] = r.fields.text("group");
  if (r.fields.has("attestation")) extra["attestation"] = r.fields.object("attestation");
  return extra;
}

Action read_enqueue(Reader& r) {
  Enqueue step;
  step.phone = r.phone("enqueue");
  if (r.fields.has("same")) {
    step.same = r.fields.text("same");
    r.operation_exists("same", *step.same);
    step.name = *step.same;
  } else {
    step.name = r.fields.text("as");
    if (!r.vocabulary.operations.insert(step.name).second)
      r.fields.note("as", "another operation has this name");
  }
  step.entity = r.entity("entity", true);
  step.action = r.fields.text("action");
  step.payload = r.fields.object_or_empty("payload");
  step.extra = read_extra(r);
  step.proof = r.fields.text_or("proof", "");
  if (!step.proof.empty() && !r.vocabulary.proofs.contains(step.proof))
    r.fields.note("proof", "no attestation has this name yet");
  step.refused = r.fields.text_or("refused", "");
  return step;
}

Decision read_decision(Reader r) {
  Decision decision;
  decision.name = r.fields.text("as");
  decision.entity = r.entity("entity", true);
  decision.action = r.fields.text("action");
  decision.payload = r.fields.object_or_empty("payload");
  r.fields.finish();
  return decision;
}

Action read_attest(Reader& r) {
  AttestTo step;
  step.phone = r.phone("attest");
  step.name = r.fields.text("as");
  r.vocabulary.proofs.insert(step.name);
  const Json& list = r.fields.array("operations");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields fields(list[i], r.fields.path("operations") + "[" + std::to_string(i) + "]", r.mistake);
    step.decisions.push_back(read_decision({fields, r.vocabulary, r.mistake}));
  }
  step.pin = r.fields.text_or("pin", "");
  if (r.fields.has("result")) step.result = r.fields.object("result");
  step.error = r.fields.text_or("error", "");
  return step;
}

Action read_photo(Reader& r) {
  Photo step;
  step.phone = r.phone("photo");
  step.path = r.fields.text("path");
  step.bytes = static_cast<std::size_t>(r.fields.integer("bytes", 3, kPhotoBytesMax));
  if (!r.vocabulary.is_virtual) r.fields.note("photo", "needs \"virtual\": true");
  return step;
}

Action read_other(Reader& r) {
  static const std::vector<std::string> words = {"approve", "edit", "delete", "create"};
  Other step;
  step.action = words[r.fields.word("other", words)];
  const bool creates = step.action == "create";
  step.entity = r.entity("entity", creates);
  if (creates && (step.entity.type != "approval" || step.entity.seeded))
    r.fields.note("entity", "only an approval with a new name can be created by others");
  if (step.action == "approve" && step.entity.type != "approval")
    r.fields.note("entity", "expected an approval");
  if (step.action == "edit") step.data = r.fields.object("data");
  return step;
}

Action read_server(Reader& r) {
  static const std::vector<std::string> words = {
      "revoke_tokens", "purge_history", "minimum_version",     "revoke_right",
      "grant_right",   "close_hub",     "recommended_version", "forget_device"};
  Server step;
  step.action = words[r.fields.word("server", words)];
  if (step.action == "revoke_tokens" || step.action == "forget_device") step.phone = r.phone("of");
  if (step.action == "minimum_version" || step.action == "recommended_version")
    step.version = r.fields.text("version");
  if (step.action == "revoke_right" || step.action == "grant_right") {
    step.role = r.fields.text("role");
    step.right = r.fields.text("right");
  }
  if (step.action == "close_hub") {
    step.phone = r.phone("of");
    step.allow_reconnect = r.fields.boolean_or("allow_reconnect", true);
  }
  return step;
}

Action read_request(Reader& r) {
  Request step;
  step.phone = r.phone("request");
  step.name = r.fields.text("name");
  step.params = r.fields.object_or_empty("params");
  if (r.fields.has("result")) step.result = r.fields.object("result");
  step.error = r.fields.text_or("error", "");
  step.within = r.fields.duration_or("within", std::chrono::seconds{30});
  return step;
}

std::string method_of(CodeOf code) {
  if (code == CodeOf::backup_code || code == CodeOf::used_backup_code) return "backup_code";
  return code == CodeOf::sms ? "sms" : "totp";
}

Action read_second_factor(Reader& r) {
  static const std::vector<std::string> words = {
      "totp", "again", "wrong", "backup_code", "used_backup_code", "sms", "text"};
  static const std::vector<std::string> requests = {"session.second_factor", "second_factor.verify",
                                                    "second_factor.backup_codes",
                                                    "second_factor.disable"};
  SecondFactor step;
  step.phone = r.phone("second_factor");
  step.code = static_cast<CodeOf>(r.fields.word("code", words));
  if (step.code == CodeOf::text) step.text = r.fields.text("text");
  step.request = requests[r.fields.has("for") ? r.fields.word("for", requests) : 0];
  step.method = r.fields.text_or("method", method_of(step.code));
  if (r.fields.has("result")) step.result = r.fields.object("result");
  step.error = r.fields.text_or("error", "");
  return step;
}

Action read_expectation(Reader& r) {
  std::string phone = r.phone("expect");
  return read_expect(r.fields, std::move(phone), r.vocabulary, r.mistake);
}

struct Verb {
  std::string_view name;
  Action (*read)(Reader&);
};

constexpr std::array<Verb, 22> kVerbs = {
    {{"boot", read_boot},       {"login", read_login},        {"logout", read_logout},
     {"suspend", read_suspend}, {"resume", read_resume},      {"window", read_window},
     {"run", read_run},         {"network", read_network},    {"disk", read_disk},
     {"damage", read_damage},   {"zone", read_zone},          {"fault", read_fault},
     {"crash", read_crash},     {"enqueue", read_enqueue},    {"photo", read_photo},
     {"other", read_other},     {"server", read_server},      {"request", read_request},
     {"mark", read_mark},       {"expect", read_expectation}, {"second_factor", read_second_factor},
     {"attest", read_attest}}};

std::string all_verbs() {
  std::string text;
  for (const auto& verb : kVerbs) text += " " + std::string{verb.name};
  return text;
}

// The one verb of a step; nothing, with a mistake noted, when it has none or several.
const Verb* find_verb(const Fields& fields, const std::string& path, Mistake& mistake) {
  const Verb* found = nullptr;
  for (const auto& verb : kVerbs) {
    if (!fields.has(verb.name)) continue;
    if (found != nullptr) {
      mistake.note(path, "is both " + std::string{found->name} + " and " + std::string{verb.name});
      return nullptr;
    }
    found = &verb;
  }
  if (found == nullptr) mistake.note(path, "expected a step with one of" + all_verbs());
  return found;
}

}  // namespace

EntityName parse_entity(const std::string& text, const std::string& path,
                        const Vocabulary& vocabulary, Mistake& mistake) {
  EntityName entity{text, text.substr(0, text.find_first_of("#:"))};
  const std::string rest = text.size() > entity.type.size() ? text.substr(entity.type.size()) : "";
  if (!vocabulary.entity_types.contains(entity.type) || rest.size() < 2) {
    mistake.note(path, "expected an entity such as approval#1 or pr:name, of the profile's types");
    return entity;
  }
  if (rest.front() == ':') return entity;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), number);
  if (error != std::errc{} || end != rest.data() + rest.size() || number == 0)
    mistake.note(path, "expected a number from 1 behind the #");
  entity.seeded = number;
  return entity;
}

Step read_step(const Json& json, const std::string& path, Vocabulary& vocabulary,
               Mistake& mistake) {
  Step step{json.dump(), Boot{}};
  Fields fields(json, path, mistake);
  if (!json.is_object()) return step;
  const Verb* verb = find_verb(fields, path, mistake);
  if (verb == nullptr) return step;
  Reader reader{fields, vocabulary, mistake};
  step.action = verb->read(reader);
  fields.finish();
  return step;
}

}  // namespace landfall::scenario
