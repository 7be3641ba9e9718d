#include "engine/http/outcome.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::http {
namespace {

// ---- Where a redirect leads

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// The authority of "scheme://authority/…" or "//authority/…"; nothing for a reference within the
// same server.
std::optional<std::string_view> authority_of(std::string_view reference) {
  const std::size_t path_at = reference.find_first_of("/?#");
  const std::size_t colon = reference.find(':');
  const bool has_scheme = colon != std::string_view::npos && colon > 0 &&
                          (path_at == std::string_view::npos || colon < path_at);
  if (has_scheme) reference.remove_prefix(colon + 1);
  if (!reference.starts_with("//")) return std::nullopt;
  reference.remove_prefix(2);
  return reference.substr(0, reference.find_first_of("/?#\\"));
}

// What stands before "://"; empty for a reference without a scheme.
std::string_view scheme_of(std::string_view reference) {
  const std::size_t end = reference.find("://");
  if (end == std::string_view::npos || reference.find_first_of("/?#") < end) return {};
  return reference.substr(0, end);
}

// To another origin: another host or port, or the same one in another way (https to http).
bool leads_elsewhere(const Response& response, std::string_view origin) {
  const auto location = find_header(response.headers, "Location");
  const auto own = authority_of(origin);
  if (!location || !own) return false;
  const auto target = authority_of(*location);
  if (!target) return false;
  const std::string_view scheme = scheme_of(*location);
  const bool same_way = scheme.empty() || equal_ignoring_case(scheme, scheme_of(origin));
  return !same_way || !equal_ignoring_case(*target, *own);
}

// ---- Retry-After

// Digits only; beyond any useful wait it stays at the largest value, so that an absurd number is
// clamped.
std::optional<std::int64_t> parse_seconds(std::string_view text) {
  constexpr std::int64_t kSecondsMax = 1'000'000'000;
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = std::min(kSecondsMax, seconds * 10 + (c - '0'));
  }
  return seconds;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The number in `text` at `at`, which has `count` digits; -1 otherwise.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// ---- The table, a function a row

Outcome queued(bool costs_attempt, Signal signal, std::string_view cause) {
  return {.fate = Fate::queued, .costs_attempt = costs_attempt, .signal = signal, .cause = cause};
}

Outcome unknown(Signal signal, std::string_view cause) {
  return {.fate = Fate::unknown, .costs_attempt = true, .signal = signal, .cause = cause};
}

Outcome rejected(std::string_view cause) { return {.fate = Fate::rejected, .cause = cause}; }

Outcome blocked(Block block, std::string_view cause) {
  return {.fate = Fate::blocked, .block = block, .cause = cause};
}

bool is_many(const OutcomeContext& context) {
  return context.route == Route::batch && !context.alone;
}

// 400, 413, 422: the server will not take this call. Who is to blame shows when each is alone.
Outcome refused_as_a_whole(const OutcomeContext& context, std::string_view cause) {
  if (!is_many(context)) return rejected(cause);
  Outcome outcome = queued(false, Signal::answered, cause);
  outcome.halving = Halving::at_once;
  return outcome;
}

Outcome unauthorized() {
  Outcome outcome = blocked(Block::auth, "answer.unauthorized");
  outcome.refresh_token = true;
  return outcome;
}

Outcome forbidden(const OutcomeContext& context) {
  Outcome outcome = context.route == Route::endpoint
                        ? rejected("answer.forbidden")
                        : blocked(Block::permission, "answer.forbidden");
  outcome.fetch_permissions = true;
  return outcome;
}

// 404 and 410: about one entity on its own path, about the whole interface on the batch's.
Outcome missing(const OutcomeContext& context, std::string_view cause) {
  if (context.route == Route::endpoint) return rejected(cause);
  Outcome outcome = blocked(Block::server, cause);
  outcome.told_once = true;
  return outcome;
}

// 409 and 412. On the batch's path they are no answer of this interface.
Outcome conflicting(const OutcomeContext& context) {
  if (context.route == Route::batch) {
    Outcome outcome = unknown(Signal::answered, "answer.unexpected");
    outcome.error_noted = true;
    return outcome;
  }
  return {.fate = Fate::conflict, .fetch_document = true, .cause = "answer.conflict"};
}

Outcome request_timeout(std::optional<Duration> retry_after) {
  Outcome outcome = queued(!retry_after, Signal::answered, "answer.request_timeout");
  outcome.retry_after = retry_after;
  return outcome;
}

Outcome too_many_requests(std::optional<Duration> retry_after, const OutcomeContext& context) {
  constexpr Duration kDefault{limits::kRetryAfterDefaultMs};
  Outcome outcome = queued(false, Signal::answered, "answer.too_many_requests");
  outcome.retry_after = retry_after.value_or(std::min(kDefault, context.retry_after_max));
  return outcome;
}

// 5xx. Only 503 says that nothing was done; the others may have decided before they failed, wait or
// no wait.
Outcome server_error(int status, std::optional<Duration> retry_after,
                     const OutcomeContext& context) {
  if (retry_after && status == 503) {
    Outcome outcome = queued(false, Signal::server_error, "answer.unavailable");
    outcome.retry_after = retry_after;
    return outcome;
  }
  Outcome outcome = unknown(Signal::server_error, "answer.server_error");
  outcome.retry_after = retry_after;
  outcome.costs_attempt = !retry_after;
  if (is_many(context) && !retry_after) outcome.halving = Halving::from_second_failure;
  return outcome;
}

// 3xx, a final 1xx, 4xx without a row, numbers that are no status.
Outcome anything_else(const Response& response, const OutcomeContext& context) {
  const bool is_redirect = response.status >= 300 && response.status < 400;
  if (is_redirect && leads_elsewhere(response, context.origin)) {
    return queued(false, Signal::not_reached, "answer.redirected_elsewhere");
  }
  Outcome outcome =
      unknown(Signal::answered, is_redirect ? "answer.redirected" : "answer.unexpected");
  outcome.error_noted = true;
  return outcome;
}

Outcome outcome_of_response(const Response& response, const OutcomeContext& context) {
  const int status = response.status;
  if (status >= 200 && status < 300) return {.fate = Fate::by_result, .cause = "answer.results"};
  const auto retry_after = retry_after_of(response.headers, context.now, context.retry_after_max);
  switch (status) {
    case 400:
      return refused_as_a_whole(context, "answer.bad_request");
    case 401:
      return unauthorized();
    case 403:
      return forbidden(context);
    case 404:
      return missing(context, "answer.not_found");
    case 408:
      return request_timeout(retry_after);
    case 409:
    case 412:
      return conflicting(context);
    case 410:
      return missing(context, "answer.gone");
    case 413:
      return refused_as_a_whole(context, "answer.too_large");
    case 422:
      return refused_as_a_whole(context, "answer.unprocessable");
    case 426:
      return blocked(Block::upgrade, "answer.upgrade_required");
    case 429:
      return too_many_requests(retry_after, context);
    default:
      break;
  }
  if (status >= 500 && status < 600) return server_error(status, retry_after, context);
  return anything_else(response, context);
}

Outcome outcome_of_failure(TransportFailure kind) {
  switch (kind) {
    case TransportFailure::not_sent:
      return queued(false, Signal::not_reached, "network.not_sent");
    case TransportFailure::no_session: {
      Outcome outcome = blocked(Block::auth, "network.no_session");
      outcome.signal = Signal::none;
      return outcome;
    }
    case TransportFailure::silent:
      return unknown(Signal::silent, "network.silent");
    case TransportFailure::cut:
    case TransportFailure::too_large:
      break;
  }
  Outcome outcome = makes_no_sense();
  outcome.cause = kind == TransportFailure::cut ? "answer.cut" : "answer.too_long";
  return outcome;
}

}  // namespace

Outcome outcome_of(const Answer& answer, const OutcomeContext& context) {
  LANDFALL_ASSERT(answer.response.has_value() != answer.failure.has_value());
  if (answer.failure) return outcome_of_failure(*answer.failure);
  return outcome_of_response(*answer.response, context);
}

Outcome makes_no_sense() {
  Outcome outcome = unknown(Signal::answered, "answer.makes_no_sense");
  outcome.error_noted = true;
  return outcome;
}

std::optional<Duration> retry_after_of(const Headers& headers, Instant now, Duration max) {
  const auto value = find_header(headers, "Retry-After");
  if (!value) return std::nullopt;
  const std::string_view text = trimmed(*value);
  Duration wait{0};
  if (const auto seconds = parse_seconds(text)) {
    wait = std::chrono::seconds{*seconds};
  } else if (const auto until = parse_http_date(text)) {
    // The server's own clock made the date, so its own clock says how far away it is.
    const auto date = find_header(headers, "Date");
    const auto server_now = date ? parse_http_date(trimmed(*date)) : std::nullopt;
    wait = *until - server_now.value_or(now);
  } else {
    return std::nullopt;
  }
  constexpr Duration kMin{limits::kRetryAfterMsMin};
  return std::clamp(wait, kMin, std::max(kMin, max));
}

std::optional<Instant> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kShape.size() || text.substr(3, 2) != ", " || text[7] != ' ' ||
      text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':' ||
      text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto month_at = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const bool names_a_day = std::find(kDays.begin(), kDays.end(), text.substr(0, 3)) != kDays.end();
  const int d = digits(text, 5, 2), y = digits(text, 12, 4);
  const int h = digits(text, 17, 2), mi = digits(text, 20, 2), s = digits(text, 23, 2);
  if (!names_a_day || month_at == kMonths.end() || d < 0 || y < 0 || h < 0 || h > 23 || mi < 0 ||
      mi > 59 || s < 0 || s > 60) {
    return std::nullopt;
  }
  const auto month_number = static_cast<unsigned>(month_at - kMonths.begin()) + 1;
  const year_month_day date{year{y}, month{month_number}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  const sys_seconds at = sys_days{date} + hours{h} + minutes{mi} + seconds{s};
  return Instant{duration_cast<milliseconds>(at.time_since_epoch()).count()};
}

}  // namespace landfall::http
