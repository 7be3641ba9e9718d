#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/time.hpp"
#include "simulator/backend/options.hpp"
#include "simulator/faults/scripted_fault.hpp"
#include "simulator/scenario/authenticator.hpp"

// What a scenario file says, checked: names are defined before they are used, phones and endpoints
// exist. tests/scenarios/README.md shows the vocabulary.
namespace landfall::scenario {

// How much real time a `run` gets over sockets at least: what it waits for has to happen between
// two steps, threads, disk and sanitizers included. Where the scenario says no speed, the one that
// is found gives its shortest run this much: a goal for how fast it is played.
inline constexpr Duration kRunMinAtFoundSpeed{100};
// Where it says one, its author has decided how fast it is played, and one that leaves a run less
// than this is refused when it is read: a bound, so it is the more generous of the two.
inline constexpr Duration kRunMinAtSaidSpeed{300};

// One document by a name: `approval#2` is the second of the backend's own ("seeded") documents of
// that type that wait for the phone's user, `pr:road` is one that the scenario names itself.
struct EntityName {
  std::string text;  // as written
  std::string type;
  std::optional<std::size_t> seeded = std::nullopt;  // 1, 2, …
};

struct Boot {
  std::string phone;
};

struct Login {
  std::string phone;
};

struct Logout {
  std::string phone;
};

// When the engine would like a background window: so long from now, or not at all.
struct NextWindow {
  std::optional<Duration> in;
};

// The system freezes the process, until `resume`.
struct Suspend {
  std::string phone;
  std::optional<NextWindow> next;  // expected behind it
};

// The system lets a frozen process run in the background.
struct Window {
  std::string phone;
  Duration budget{0};
  nlohmann::json finished;         // what the engine's report must contain
  std::optional<NextWindow> next;  // expected behind it
};

struct Resume {
  std::string phone;
};

struct Run {
  Duration span{0};
  Duration real_span{0};  // what passes instead over real sockets, where waiting costs
};

struct Network {
  std::string phone;
  bool up = true;
  bool told = true;  // whether the platform tells the engine
};

// Nothing more fits the phone's disk, or everything does again.
struct Disk {
  std::string phone;
  bool full = true;
};

// A page of this table of the phone's partition is damaged while the phone is off.
struct Damage {
  std::string phone;
  std::string table;
};

// Somebody travels.
struct InZone {
  std::string phone;
  std::string zone;
};

struct Fault {
  std::string phone;
  faults::ScriptedFault scripted;
};

enum class CrashAt {
  now,
  commit,  // behind the next durable commit, before its reply is heard
  io       // at the k-th change of the disk from now on
};

// The phone stays off until `boot`.
struct Crash {
  std::string phone;
  bool power = false;
  CrashAt at = CrashAt::now;
  std::uint64_t io = 0;
  std::string label;  // of the transaction from whose beginning they are counted; empty: from now
  bool closes_really = false;  // over real sockets the process ends in order instead; with `now`
};

struct Enqueue {
  std::string phone;
  std::string name;
  EntityName entity;
  std::string action;
  nlohmann::json payload;
  nlohmann::json extra;             // base_version, supersedes, group_id, attestation
  std::string proof;                // the attestation of this name; empty: none, or that of `extra`
  std::string refused;              // expected code; empty: it is accepted
  std::optional<std::string> same;  // hands this operation in once more, id and all
};

// What somebody is about to decide, before it is handed in.
struct Decision {
  std::string name;  // that the operation will have
  EntityName entity;
  std::string action;
  nlohmann::json payload;
};

// The phone's user proves who decides; the attestation gets a name.
struct AttestTo {
  std::string phone;
  std::string name;
  std::vector<Decision> decisions;
  std::string pin;        // empty: they are looked at
  nlohmann::json result;  // what the result must contain; null: anything with an attestation
  std::string error;      // the expected code; empty: a result is expected
};

// The phone's camera leaves a file.
struct Photo {
  std::string phone;
  std::string path;
  std::size_t bytes = 0;
};

// Somebody else works on the same documents.
struct Other {
  std::string action;  // approve, edit, delete, create
  EntityName entity;
  nlohmann::json data;
};

// The server's owner, or time, does something to it.
struct Server {
  // revoke_tokens, purge_history, minimum_version, revoke_right, grant_right, close_hub,
  // recommended_version, forget_device
  std::string action;
  std::string phone;  // whose user's tokens, or connections
  std::string version;
  std::string role;
  std::string right;
  bool allow_reconnect = true;
};

// Any request of the host interface. Strings that begin with `$` are names.
struct Request {
  std::string phone;
  std::string name;
  nlohmann::json params;
  nlohmann::json result;  // what the result must contain; null: anything
  std::string error;      // the expected code; empty: a result is expected
  Duration within{0};
};

// A user hands in a code of their second factor.
struct SecondFactor {
  std::string phone;
  CodeOf code = CodeOf::totp;
  std::string text;     // of CodeOf::text
  std::string request;  // that it is for
  std::string method;   // of session.second_factor
  nlohmann::json result;
  std::string error;
};

// What is counted (requests, events, batches) is counted from here on.
struct Mark {
  std::string phone;
};

struct Sends {
  std::string operation;
  std::vector<Duration> delays;  // before each send, counted from the one before it; the first is 0
  Duration late{0};              // how much later than that is still right; earlier never is
};

struct Expect {
  std::string phone;
  nlohmann::json sections = nlohmann::json::object();  // those that are compared as they stand
  std::vector<Sends> sends;
};

using Action = std::variant<Boot, Login, Logout, Suspend, Resume, Window, Run, Network, Disk,
                            Damage, InZone, Fault, Crash, Enqueue, Photo, Other, Server, Request,
                            Mark, Expect, SecondFactor, AttestTo>;

struct Step {
  std::string text;  // as it stands in the file, on one line
  Action action;
};

struct ScenarioPhone {
  std::string name;
  std::size_t user = 0;  // index into the backend's seed users
};

struct Scenario {
  std::string file;
  std::string name;
  std::vector<std::string> requirements;
  nlohmann::json profile;  // a whole one: a shipped one with what the scenario changes
  std::uint64_t seed = 1;
  bool is_virtual = false;  // it needs what only a world in virtual time has
  int speed = 0;            // of the clock over real sockets; zero: as fast as its steps allow
  backend::BackendOptions backend;
  std::vector<ScenarioPhone> phones;
  std::vector<Step> steps;
};

}  // namespace landfall::scenario
