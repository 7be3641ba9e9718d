#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"
#include "schema/embedded.hpp"
#include "simulator/oracles/needles.hpp"
#include "simulator/oracles/token_pairs.hpp"
#include "simulator/scenario/damage.hpp"
#include "simulator/world/virtual_world.hpp"

using namespace landfall;

namespace {

constexpr const char* kPin = "481629";
constexpr const char* kNewPin = "739154";
constexpr const char* kWrongPin = "905174";
constexpr const char* kWrongPassword = "marker-of-a-wrong-password";
constexpr const char* kServerText = "marker of what a server said";
constexpr const char* kCamera = "/camera/1.jpg";  // in clear, as the camera's own file is
constexpr const char* kPhotoText = "marker of what a camera saw";

std::string written(const std::string& where) { return "marker of what somebody wrote " + where; }

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Six digits that stand alone: a number that has them in it is no PIN.
bool has_pin(std::string_view text, std::string_view pin) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (auto at = text.find(pin); at != std::string_view::npos; at = text.find(pin, at + 1)) {
    const bool before = at > 0 && is_digit(text[at - 1]);
    const bool behind = at + pin.size() < text.size() && is_digit(text[at + pin.size()]);
    if (!before && !behind) return true;
  }
  return false;
}

bool has_any_pin(std::string_view text) {
  for (const char* pin : {kPin, kNewPin, kWrongPin}) {
    std::string wide;
    for (const char c : std::string_view{pin}) (wide += c) += '\0';
    const std::string base64 = to_base64(std::as_bytes(std::span(std::string_view{pin})));
    if (has_pin(text, pin) || text.find(wide) != std::string_view::npos ||
        text.find(base64) != std::string_view::npos)
      return true;
  }
  return false;
}

// Everything that leaves the engine but for the wire and what a view shows on purpose, by kind:
// events, errors, what is logged (the trace has it all), questions, and every byte of the disk.
class Witness final : public world::Observer {
 public:
  void on_event(world::World&, world::Phone&, const std::string& event, const Json& data) override {
    said["event " + event] += dump_json(data) + "\n";
  }
  void on_request(world::World&, world::Phone&, const http::Request& request,
                  const std::vector<world::SentOperation>&) override {
    said["path of a call"] += request.target + "\n";
    if (const auto token = oracles::bearer_of(request); !token.empty())
      add_secret("an access token", token);
  }
  void on_answer(world::World& world, world::Phone&, const http::Request& request,
                 const http::Answer& answer) override {
    if (const auto pair = oracles::pair_in(world, request, answer)) {
      add_secret("an access token", pair->access);
      add_secret("a refresh token", pair->refresh);
    }
    if (!answer.response || request.target != world.routes().biometric_register) return;
    const auto body = Json::parse(answer.response->body, nullptr, false);
    if (!body.contains("biometricToken")) return;
    add_secret("a biometric token", body["biometricToken"].get<std::string>());
    has_finger = true;
  }
  void on_port_answered(world::World&, world::Phone&, const std::string& port, const Json& data,
                        const Json&) override {
    // A new key goes to the secure storage, and to nobody else.
    const bool is_key = port.ends_with(".write");
    said["question " + port] += (is_key ? data.value("name", "") : dump_json(data)) + "\n";
  }

  void add_secret(const std::string& what, const std::string& text) {
    if (known_.insert(text).second) secrets.add(what, text);
  }
  void add_content(const std::string& text) {
    if (known_.insert(text).second) contents.add("a content", text);
  }

  std::map<std::string, std::string> said;
  oracles::Needles secrets;
  oracles::Needles contents;
  bool has_finger = false;

 private:
  std::set<std::string> known_;
};

Json profile_with_pin() {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["unlock"]["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
  return profile;
}

// One phone whose user and server plant a marker wherever something can be put in.
class Story {
 public:
  Story() : log_(std::tmpfile()), world_(options()), phone_(world_.add_phone("phone1", account())) {
    world_.add_observer(witness);
    witness.add_secret("a password", account().password);
    witness.add_secret("a wrong password", kWrongPassword);
    witness.add_content(kServerText);
    witness.add_content(kPhotoText);
  }
  ~Story() {
    if (log_ != nullptr) (void)std::fclose(log_);
  }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  void run() {
    phone_.set_wants_session(false);
    phone_.boot();
    world_.run_for(Duration{5'000});
    log_in();
    protect();
    write_down();
    ask_nonsense();
    hear_nonsense();
    take_a_photo();
    lose_power_and_a_page();
    guess();
    phone_.logout();
    world_.run_for(Duration{10'000});
  }

  // What holds a marker that it must not hold, and where.
  std::vector<std::string> search() {
    std::vector<std::string> found;
    witness.said["trace"] = text_of_log();
    for (const auto& [name, value] : phone_.keychain()) witness.said["keychain " + name] = value;
    for (const auto& [where, text] : witness.said) look(where, text, found);
    phone_.disk().for_each_medium(
        [&](const std::string& name, std::span<const std::uint8_t> bytes) {
          if (name == kCamera) return;
          files.insert(name);
          const auto* text = reinterpret_cast<const char*>(bytes.data());
          look("file " + name, {text, bytes.size()}, found);
        });
    return found;
  }

  void plant(const std::string& file, const std::string& text) {
    phone_.disk().write_file(file, world::Bytes(text.begin(), text.end()));
  }

  Witness witness;
  std::set<std::string> files;
  std::map<std::string, int> errors;  // by code
  int applied = 0;
  std::string exported;  // what its host read of the outbox on purpose

 private:
  static world::Account account() {
    const auto& user = backend::Backend::seed_users()[0];
    return {user.id, user.email, user.password};
  }
  world::WorldOptions options() const {
    world::WorldOptions options;
    options.profile = profile_with_pin();
    options.trace_text = log_;
    return options;
  }

  void ask(const std::string& name, Json params) {
    phone_.request(name, std::move(params), [this, name](const Json& message) {
      if (!message.contains("error")) return;
      witness.said["error of " + name] += dump_json(message["error"]) + "\n";
      ++errors[message["error"].value("code", "")];
    });
    world_.run_for(Duration{2'000});
  }

  void log_in() {
    ask("session.login", {{"email", account().email}, {"password", kWrongPassword}});
    ask("session.login", {{"email", account().email}, {"password", account().password}});
    world_.run_for(Duration{10'000});
  }

  void protect() {
    ask("unlock.set_pin", {{"pin", kPin}});
    ask("unlock.biometric_enrol", Json::object());
    ask("unlock.change_pin", {{"pin", kPin}, {"new_pin", kNewPin}});
  }

  std::string mark(const std::string& where) {
    witness.add_content(written(where));
    return written(where);
  }

  void write_down() {
    const std::string id = phone_.make_id();
    phone_.set_network(false, true);
    for (const char* field : {"title", "project"}) {
      hand_in({"pr", id}, field == std::string_view{"title"} ? "create" : "update",
              {{field, mark(field)}});
    }
    export_what_waits();
    phone_.set_network(true, true);
    world_.run_for(Duration{60'000});
    phone_.request("operations.list", {{"settled", true}, {"limit", 50}},
                   [this](const Json& message) {
                     for (const auto& row : message.at("result").at("operations")) {
                       if (row["state"] == "applied") ++applied;
                     }
                   });
    world_.settle();
  }

  void export_what_waits() {
    phone_.request("operations.list", {{"with_payload", true}}, [this](const Json& message) {
      exported = dump_json(message.at("result").at("operations"));
    });
    world_.settle();
  }

  void hand_in(EntityKey entity, const std::string& action, const Json& payload) {
    phone_.enqueue(
        {phone_.make_id(), std::move(entity), action, dump_json(payload), phone_.user_id()});
    world_.run_for(Duration{500});
  }

  // Each is refused with a text, which is ours and quotes nothing.
  void ask_nonsense() {
    const Json good{{"id", phone_.make_id()},
                    {"entity_type", "pr"},
                    {"entity_id", phone_.make_id()},
                    {"action", "create"},
                    {"payload", {{"title", "Sand"}}}};
    const auto with = [&](const char* member, Json value) {
      Json params = good;
      params[member] = std::move(value);
      ask("operations.enqueue", std::move(params));
    };
    with("payload", {{"title", 7}, {"project", mark("beside a field of the wrong type")}});
    with("payload", mark("in place of a payload"));
    with("payload", {{"title", mark("too long") + std::string(5'000, 'x')}});
    with("attestation", mark("in place of an attestation"));
    ask("push.received", {{"payload", {{"title", {{"text", mark("in a push")}}}, {"type", 7}}}});
    ask("documents.query", {{"type", "pr"}, {"text", Json::array({mark("in a search")})}});
    ask("unlock.set_pin", {{"pin", {kPin}}});
    ask("session.login", {{"email", account().email}, {"password", {kWrongPassword}}});
  }

  // What comes back of it is in no event and no error either.
  void hear_nonsense() {
    faults::ScriptedFault garbled;
    garbled.fault = faults::Fault::garbage_body;
    garbled.body = std::string{"<html>"} + kServerText + "</html>";
    for (const auto& path : {world_.routes().push, world_.routes().pull}) {
      garbled.path = path;
      phone_.script(garbled);
    }
    hand_in({"pr", phone_.make_id()}, "create", {{"title", mark("before a page")}});
    ask("sync.now", Json::object());
    world_.run_for(Duration{120'000});
  }

  void take_a_photo() {
    const std::string operation = phone_.make_id();
    const Json payload{{"po_id", first_order()},
                       {"lines", Json::array({Json{{"line", 1}, {"received_qty", 3}}})}};
    phone_.enqueue(
        {operation, {"grn", phone_.make_id()}, "create", dump_json(payload), phone_.user_id()});
    world_.run_for(Duration{500});
    const std::string content = std::string{"\xFF\xD8\xFF"} + kPhotoText;
    phone_.disk().write_file(kCamera, world::Bytes(content.begin(), content.end()));
    ask("attachments.add", {{"id", phone_.make_id()},
                            {"operation", operation},
                            {"path", kCamera},
                            {"content_type", "image/jpeg"}});
    (void)phone_.disk().erase_file(kCamera);
    CHECK_FALSE(witness.said.contains("error of attachments.add"));
  }

  std::string first_order() {
    for (const auto& document : world_.backend().documents()) {
      if (document.key.type == "po") return document.key.id;
    }
    return {};
  }

  // A partition that is set aside, with all that stood in it, is searched as well.
  void lose_power_and_a_page() {
    phone_.set_network(false, true);
    hand_in({"pr", phone_.make_id()}, "create", {{"title", mark("before a power cut")}});
    world_.crash(phone_, true);
    REQUIRE(scenario::damage_table(phone_.disk(), "operations"));
    phone_.boot();
    world_.run_for(Duration{10'000});
    phone_.set_network(true, true);
  }

  void guess() {
    ask("unlock.pin", {{"pin", kWrongPin}});
    ask("unlock.pin", {{"pin", kNewPin}});
    world_.run_for(Duration{60'000});
  }

  std::string text_of_log() {
    std::string text;
    (void)std::fflush(log_);
    std::rewind(log_);
    char buffer[4'096];
    for (std::size_t read = 0; (read = std::fread(buffer, 1, sizeof buffer, log_)) > 0;)
      text.append(buffer, read);
    return text;
  }

  void look(const std::string& where, std::string_view text,
            std::vector<std::string>& found) const {
    for (const oracles::Needles* needles : {&witness.secrets, &witness.contents}) {
      if (const auto what = needles->find(bytes_of(text)))
        found.push_back(where + ": " + what->what);
    }
    if (has_any_pin(text)) found.push_back(where + ": a PIN");
  }

  std::FILE* log_;
  world::VirtualWorld world_;
  world::VirtualPhone& phone_;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE(
    "INV-X1 STORAGE-1: passwords, PINs, tokens and what users write stand in no file, log, event, "
    "error, question and secret of a phone, in no way of writing them down") {
  Story story;
  story.run();
  const auto found = story.search();
  INFO(joined(found));
  CHECK(found.empty());

  // The story went everywhere it says, or the search would prove nothing.
  CHECK(story.applied >= 1);
  CHECK(story.exported.find(written("title")) != std::string::npos);
  CHECK(story.witness.has_finger);
  CHECK(story.errors.size() >= 3);
  const auto has_file = [&](std::string_view part) {
    return std::any_of(story.files.begin(), story.files.end(),
                       [&](const auto& name) { return name.find(part) != std::string::npos; });
  };
  CHECK(has_file("ballast"));
  CHECK(has_file("quarantine"));
  CHECK(story.witness.said.contains("event store.corrupt"));
  CHECK(story.witness.said.at("trace").find("power cut") != std::string::npos);
}

TEST_CASE("INV-X1: the search finds each kind of secret that is planted in a file") {
  Story story;
  story.run();
  const std::vector<std::string> planted{kWrongPassword, kNewPin,
                                         "NzM5MTU0",  // the same in base64
                                         written("title"), "marker%20of%20what%20a%20camera%20saw"};
  for (std::size_t i = 0; i < planted.size(); ++i)
    story.plant("/phone/left-over-" + std::to_string(i), "in front " + planted[i] + " behind");
  const auto found = story.search();
  INFO(joined(found));
  for (std::size_t i = 0; i < planted.size(); ++i) {
    const std::string file = "file /phone/left-over-" + std::to_string(i) + ":";
    INFO(file);
    CHECK(std::any_of(found.begin(), found.end(),
                      [&](const auto& line) { return line.starts_with(file); }));
  }
}
