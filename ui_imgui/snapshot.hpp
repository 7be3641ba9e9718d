#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "ui_imgui/identity.hpp"

// What one frame shows, as plain values. The model fills it; panels read it and know nothing else.
// Times are UTC milliseconds of the world's own clock. States and codes are the words of the host
// interface.
namespace landfall::ui {

struct ClockView {
  std::int64_t now_ms = 0;
  std::int64_t start_ms = 0;  // when the world began
  bool is_paused = false;
  int speed = 1;  // virtual seconds a second
};

struct PhoneView {
  std::string name;
  std::string email;
  bool is_running = false;
  std::string engine;        // opening, locked, ready, failed; dead while no process runs
  std::string session;       // as the engine told it last
  std::string connectivity;  // the same; empty before it was told
  std::size_t waiting = 0;   // queued, sending, unknown
  std::size_t blocked = 0;
  std::size_t failed = 0;  // operations.counts: spent, rejected and in conflict (P-30)
  std::size_t open_calls = 0;
  std::string last_refusal;  // what the engine refused last and why; empty after a success
};

struct OperationView {
  std::string id;
  std::string action;
  std::string state;
  std::string block_reason;
  int attempts = 0;
  std::int64_t created_ms = 0;
  std::optional<std::int64_t> settled_ms;
  std::optional<std::int64_t> next_attempt_ms;
  bool is_settled = false;
  // What its user may ask for now.
  bool can_retry = false;
  bool can_cancel = false;
  bool can_discard = false;
  bool can_supersede = false;
};

// The operations of one entity, in the order of acceptance.
struct LaneView {
  std::string entity_type;
  std::string entity_id;
  std::string title;   // how people call it: a number, a title
  std::string detail;  // what it is about; may be empty
  std::vector<OperationView> operations;
  bool is_settled = false;  // all of them
};

// What operations.explain says about the operation that the user selected.
struct ExplanationView {
  std::string operation;
  std::string lane_title;
  std::vector<std::string> causes;
  std::string would_help;
  std::optional<std::int64_t> next_attempt_ms;
};

// Where the host interface tells of a code.
struct CodeMention {
  std::string where;  // "event session.status, code"
  std::string text;
};

// What schema/api.json says of a code that somebody asked about.
struct CodeView {
  std::string code;
  bool is_cause = false;  // of an operation that waits or is over
  std::string says;       // of a cause: what it means
  std::string helps;      // and what would help
  bool is_error = false;
  std::string error_says;  // of an error: empty where the profile's own text says it
  std::vector<CodeMention> mentions;
  std::vector<std::string> like;  // of a code that is not there: those that contain it
};

struct ApprovalView {
  std::string id;
  std::string title;
  std::string number;
  std::string requester;
  std::string currency;
  std::int64_t amount = 0;
  std::string status;
  bool pending_sync = false;
};

struct RequisitionView {
  std::string id;
  std::string title;
  std::string number;
  std::string project;
  std::string note;
  std::string status;
  bool pending_sync = false;
};

struct KpiView {
  std::string name;
  std::string unit;
  std::string target_rule;
  double value = 0;
  double target = 0;
  bool meets_target = false;
  std::vector<float> history;  // oldest first
};

// Of another type than those above, by whatever names it.
struct DocumentView {
  std::string type;
  std::string title;
  bool pending_sync = false;
};

struct NoticeView {
  std::int64_t number = 0;
  std::string kind;
  std::string code;
  std::string operation;
  std::string title;  // of the lane
  std::int64_t at_ms = 0;
};

struct FaultView {
  std::string name;
  double chance = 0;         // of one call
  std::uint64_t struck = 0;  // so far
};

struct WorldView {
  bool network_up = true;
  bool server_down = false;
  std::vector<FaultView> faults;
  std::uint64_t kills = 0;
  std::uint64_t power_cuts = 0;
  std::uint64_t server_effects = 0;
  std::uint64_t duplicate_effects = 0;
};

enum class LogKind { request, answer, event, user, world };
inline constexpr std::size_t kLogKinds = 5;

struct LogLine {
  std::int64_t at_ms = 0;
  LogKind kind = LogKind::event;
  std::string what;
  std::string detail;
  bool is_bad = false;  // an answer that helps nobody, a refusal, a crash
};

struct DepthSample {
  std::int64_t at_ms = 0;
  std::size_t waiting = 0;
  std::size_t stuck = 0;  // blocked and failed
};

enum class SpellKind { network_down, server_down, phone_off };

// `to_ms` is absent while it lasts.
struct SpellView {
  SpellKind kind = SpellKind::network_down;
  std::int64_t from_ms = 0;
  std::optional<std::int64_t> to_ms;
};

struct CrashView {
  std::int64_t at_ms = 0;
  bool power = false;
};

struct HistoryView {
  std::vector<DepthSample> samples;  // each holds until the next
  std::vector<SpellView> spells;
  std::vector<CrashView> crashes;
};

struct ViolationView {
  std::string oracle;
  std::string detail;
};

// One version of a field that a conflict is about, as text; empty: the version has no such field.
struct ConflictFieldView {
  std::string name;
  std::string base;
  std::string mine;
  std::string theirs;
  std::string merged;
  std::string taken;  // mine, theirs, merged, open, unchanged
  bool is_open = false;
};

// One entry of the conflict inbox.
struct ConflictView {
  std::string id;  // of the operation that met it
  std::string title;
  std::string entity_type;
  std::string state;
  std::string reason;       // why the user is asked
  bool is_deleted = false;  // theirs is gone
  bool is_open = false;
  bool can_reopen = false;
  std::vector<ConflictFieldView> fields;
};

enum class StepState { ahead, next, passed, failed };

struct ScenarioStepView {
  std::string text;
  StepState state = StepState::ahead;
};

struct ScenarioView {
  std::string name;
  std::vector<ScenarioStepView> steps;
  std::string expected;  // of the step that failed
  std::string actual;
  bool is_running = false;  // it plays by itself
  bool is_over = false;
};

struct Snapshot {
  ClockView clock;
  PhoneView phone;
  std::vector<std::string> phones;  // their names
  std::vector<LaneView> lanes;
  bool outbox_is_readable = false;  // the engine lists it: somebody is logged in
  std::size_t failed = 0;           // as the engine counts them; for `phone`
  std::string selected;             // the operation whose explanation is wanted; empty: none
  std::optional<ExplanationView> explanation;
  std::optional<CodeView> code;  // that somebody asked about
  std::vector<ApprovalView> approvals;
  std::vector<RequisitionView> requisitions;
  std::vector<KpiView> kpis;
  std::vector<DocumentView> documents;  // of an app without approvals
  std::vector<NoticeView> notices;
  std::vector<ConflictView> conflicts;  // open ones first
  IdentityView identity;
  WorldView world;
  std::deque<LogLine> log;  // oldest first
  std::uint64_t log_lines_dropped = 0;
  HistoryView history;
  std::vector<ViolationView> violations;
  bool promises_checked = false;  // the oracles have judged the end, and nothing happened since
  std::optional<ScenarioView> scenario;
};

}  // namespace landfall::ui
