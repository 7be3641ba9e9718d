#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall::http {

// What the call was for. `endpoint` also stands for every call that carries no operation.
enum class Route { batch, endpoint };

// What an answer makes of the operations of its call.
enum class Fate {
  queued,     // certainly not decided: send again
  unknown,    // may have been decided: resend under the same id, or ask
  by_result,  // the body says it, one result an operation
  rejected,   // verdict
  conflict,   // verdict
  blocked     // parked until `block` is lifted
};

enum class Block { auth, permission, server, upgrade };

// Whether the operations of a batch go again in two halves. Never set for one that was alone.
enum class Halving { none, at_once, from_second_failure };

// What an answer says about the way to the server.
enum class Signal {
  answered,      // our server spoke and was able to
  server_error,  // it spoke, and could not
  not_reached,   // nothing arrived there
  silent,        // something was sent and nothing came back
  none           // it never tried
};

struct OutcomeContext {
  Route route = Route::endpoint;
  bool alone = true;  // the call carried one operation
  Duration retry_after_max{3'600'000};
  Instant now;
  std::string_view origin = {};  // "https://host[:port]" of the call, to know a redirect elsewhere
};

// The meaning of one answer: the row of the table, as a value. What is not set does not apply.
struct Outcome {
  Fate fate = Fate::unknown;
  std::optional<Block> block;  // set exactly when fate is blocked
  bool costs_attempt = false;
  std::optional<Duration> retry_after;  // not before this long from now; clamped, never zero
  Halving halving = Halving::none;
  bool refresh_token = false;      // refresh once, replay once
  bool fetch_document = false;     // the server's version must be fetched
  bool fetch_permissions = false;  // our idea of the permissions is stale
  bool told_once = false;          // the user is told, once
  bool error_noted = false;        // the server misbehaved; for diagnosis
  Signal signal = Signal::answered;
  std::string_view cause;  // key of the reason, "answer.server_error"; static text

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// What an answer means for the operations of its call: the one table of it. Pure. Bodies are not
// read here: a 2xx is `by_result`, and whoever finds that its body makes no sense turns it with
// makes_no_sense().
[[nodiscard]] Outcome outcome_of(const Answer& answer, const OutcomeContext& context);

// The outcome of a 2xx whose body is HTML, cut, empty or of the wrong form.
[[nodiscard]] Outcome makes_no_sense();

// How long a Retry-After asks to wait: seconds, or an HTTP date less the response's own Date (less
// `now` without one). Clamped to kRetryAfterMsMin and `max`. Nothing when the header is absent,
// negative or unreadable.
[[nodiscard]] std::optional<Duration> retry_after_of(const Headers& headers, Instant now,
                                                     Duration max);

// "Sun, 06 Nov 1994 08:49:37 GMT" and nothing else.
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace landfall::http
