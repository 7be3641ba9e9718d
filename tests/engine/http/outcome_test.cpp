#include "engine/http/outcome.hpp"

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::http;
using namespace std::chrono_literals;

namespace {

const Instant kNow{1'800'000'000'000};
constexpr std::string_view kOrigin = "https://api.example:8443";

OutcomeContext context(Route route, bool alone) {
  return {.route = route, .alone = alone, .retry_after_max = 1h, .now = kNow, .origin = kOrigin};
}

const OutcomeContext kBatch = context(Route::batch, false);
const OutcomeContext kBatchAlone = context(Route::batch, true);
const OutcomeContext kEndpoint = context(Route::endpoint, true);
const std::vector<OutcomeContext> kAll{kBatch, kBatchAlone, kEndpoint};

Answer status(int code, Headers headers = {}) {
  return {Response{code, std::move(headers), ""}, std::nullopt};
}
Answer failed(TransportFailure kind) { return {std::nullopt, kind}; }

// The cell without its cause, which is text for people.
Outcome cell(const Answer& answer, const OutcomeContext& where) {
  Outcome outcome = outcome_of(answer, where);
  CHECK(!outcome.cause.empty());
  CHECK(outcome.block.has_value() == (outcome.fate == Fate::blocked));
  if (where.alone || where.route == Route::endpoint) CHECK(outcome.halving == Halving::none);
  outcome.cause = {};
  return outcome;
}

Outcome queued_free(Signal signal) { return {.fate = Fate::queued, .signal = signal}; }

Outcome unknown_paid(Signal signal, bool noted = false) {
  return {.fate = Fate::unknown, .costs_attempt = true, .error_noted = noted, .signal = signal};
}

const Outcome kRejected{.fate = Fate::rejected};

}  // namespace

TEST_CASE("INV-Q7 P-31: not sent (offline, DNS, refused, TLS): queued, free, not reached") {
  for (const auto& where : kAll) {
    CHECK(cell(failed(TransportFailure::not_sent), where) == queued_free(Signal::not_reached));
  }
}

TEST_CASE("INV-Q7: a redirect to another host: queued, free, not reached") {
  for (const char* location :
       {"https://portal.example/login", "http://10.0.0.1/", "//portal.example",
        "HTTPS://portal.example", "https://api.example/", "https://api.example:8443.evil/",
        "https://user@api.example:8443/", "https:\\\\x"}) {
    const bool elsewhere = std::string_view{location} != "https:\\\\x";
    for (const int code : {301, 302, 303, 307, 308}) {
      const Outcome got = cell(status(code, {{"location", location}}), kBatch);
      CHECK(got ==
            (elsewhere ? queued_free(Signal::not_reached) : unknown_paid(Signal::answered, true)));
    }
  }
}

TEST_CASE("No valid session: blocked on auth, free, and nothing is learnt about the network") {
  for (const auto& where : kAll) {
    CHECK(cell(failed(TransportFailure::no_session), where) ==
          Outcome{.fate = Fate::blocked, .block = Block::auth, .signal = Signal::none});
  }
}

TEST_CASE("INV-Q7: sent, then reset or silence: unknown, costs an attempt") {
  for (const auto& where : kAll) {
    CHECK(cell(failed(TransportFailure::silent), where) == unknown_paid(Signal::silent));
  }
}

TEST_CASE("2xx with results: by result, the call itself is free") {
  for (const int code : {200, 201, 202, 204, 206, 299}) {
    for (const auto& where : kAll)
      CHECK(cell(status(code), where) == Outcome{.fate = Fate::by_result});
  }
}

TEST_CASE("INV-A6: 2xx that makes no sense, cut or too long: unknown, costs an attempt, noted") {
  for (const auto& where : kAll) {
    CHECK(cell(failed(TransportFailure::cut), where) == unknown_paid(Signal::answered, true));
    CHECK(cell(failed(TransportFailure::too_large), where) == unknown_paid(Signal::answered, true));
  }
  Outcome outcome = makes_no_sense();
  CHECK(outcome.cause == "answer.makes_no_sense");
  outcome.cause = {};
  CHECK(outcome == unknown_paid(Signal::answered, true));
}

TEST_CASE("400 and 422 to a batch: halved at once, free") {
  for (const int code : {400, 422}) {
    CHECK(cell(status(code), kBatch) == Outcome{.fate = Fate::queued, .halving = Halving::at_once});
  }
}

TEST_CASE("400 and 422 to one alone or to an endpoint: rejected, free") {
  for (const int code : {400, 422}) {
    CHECK(cell(status(code), kBatchAlone) == kRejected);
    CHECK(cell(status(code), kEndpoint) == kRejected);
  }
}

TEST_CASE("P-17 INV-A2: 401: blocked on auth, free, refresh once") {
  for (const auto& where : kAll) {
    CHECK(cell(status(401), where) ==
          Outcome{.fate = Fate::blocked, .block = Block::auth, .refresh_token = true});
  }
}

TEST_CASE("403 to an endpoint: rejected, free, permissions are fetched") {
  CHECK(cell(status(403), kEndpoint) == Outcome{.fate = Fate::rejected, .fetch_permissions = true});
}

TEST_CASE("403 to a batch: blocked on permission, free, permissions are fetched") {
  for (const auto& where : {kBatch, kBatchAlone}) {
    CHECK(cell(status(403), where) ==
          Outcome{.fate = Fate::blocked, .block = Block::permission, .fetch_permissions = true});
  }
}

TEST_CASE("404 to an endpoint: rejected, free") {
  CHECK(cell(status(404), kEndpoint) == kRejected);
}

TEST_CASE("404 to the batch path: blocked on the server, free, told once") {
  for (const auto& where : {kBatch, kBatchAlone}) {
    CHECK(cell(status(404), where) ==
          Outcome{.fate = Fate::blocked, .block = Block::server, .told_once = true});
  }
}

TEST_CASE("408: queued, costs an attempt") {
  for (const auto& where : kAll) {
    CHECK(cell(status(408), where) == Outcome{.fate = Fate::queued, .costs_attempt = true});
  }
}

TEST_CASE("INV-Q7: 408 with Retry-After is free, as every Retry-After is") {
  CHECK(cell(status(408, {{"Retry-After", "9"}}), kBatch) ==
        Outcome{.fate = Fate::queued, .retry_after = 9s});
}

TEST_CASE("P-29: 409 and 412 to an endpoint: conflict, free, the document is fetched") {
  for (const int code : {409, 412}) {
    CHECK(cell(status(code), kEndpoint) == Outcome{.fate = Fate::conflict, .fetch_document = true});
  }
}

TEST_CASE("409 and 412 to the batch path have no row: anything else") {
  for (const int code : {409, 412}) {
    CHECK(cell(status(code), kBatch) == unknown_paid(Signal::answered, true));
    CHECK(cell(status(code), kBatchAlone) == unknown_paid(Signal::answered, true));
  }
}

TEST_CASE("410 to an endpoint: rejected, free") {
  CHECK(cell(status(410), kEndpoint) == kRejected);
}

TEST_CASE("410 to the batch path: blocked on the server, free, told once") {
  for (const auto& where : {kBatch, kBatchAlone}) {
    CHECK(cell(status(410), where) ==
          Outcome{.fate = Fate::blocked, .block = Block::server, .told_once = true});
  }
}

TEST_CASE("413 to a batch: halved at once, free") {
  CHECK(cell(status(413), kBatch) == Outcome{.fate = Fate::queued, .halving = Halving::at_once});
}

TEST_CASE("413 to one alone: rejected, free") {
  CHECK(cell(status(413), kBatchAlone) == kRejected);
  CHECK(cell(status(413), kEndpoint) == kRejected);
}

TEST_CASE("P-101: 426: blocked on an upgrade, free") {
  for (const auto& where : kAll) {
    CHECK(cell(status(426), where) == Outcome{.fate = Fate::blocked, .block = Block::upgrade});
  }
}

TEST_CASE("INV-Q7 INV-Q8: 429 with Retry-After: queued, not before it, free") {
  for (const auto& where : kAll) {
    CHECK(cell(status(429, {{"Retry-After", "42"}}), where) ==
          Outcome{.fate = Fate::queued, .retry_after = 42s});
  }
}

TEST_CASE("INV-Q9: 429 without a usable Retry-After waits all the same") {
  for (const char* value : {"", "soon", "-5", "1.5"}) {
    CHECK(cell(status(429, {{"Retry-After", value}}), kBatch).retry_after ==
          Duration{limits::kRetryAfterDefaultMs});
  }
  CHECK(cell(status(429), kBatch) ==
        Outcome{.fate = Fate::queued, .retry_after = Duration{limits::kRetryAfterDefaultMs}});
  OutcomeContext hasty = kBatch;
  hasty.retry_after_max = 10s;
  CHECK(cell(status(429), hasty).retry_after == 10s);
}

TEST_CASE("INV-Q7 INV-Q8: 503 with Retry-After: queued, not before it, free") {
  for (const auto& where : kAll) {
    CHECK(cell(status(503, {{"retry-after", " 42 "}}), where) ==
          Outcome{.fate = Fate::queued, .retry_after = 42s, .signal = Signal::server_error});
  }
}

TEST_CASE(
    "500, 502, 503, 504 and other 5xx to a batch: unknown, paid, halved from the second failure") {
  for (const int code : {500, 501, 502, 503, 504, 507, 520, 599}) {
    Outcome expected = unknown_paid(Signal::server_error);
    expected.halving = Halving::from_second_failure;
    CHECK(cell(status(code), kBatch) == expected);
    CHECK(cell(status(code, {{"Retry-After", "-1"}}), kBatch) == expected);
  }
}

TEST_CASE("500, 502, 503, 504 and other 5xx to one alone: unknown, costs an attempt") {
  for (const int code : {500, 501, 502, 503, 504, 507, 520, 599}) {
    CHECK(cell(status(code), kBatchAlone) == unknown_paid(Signal::server_error));
    CHECK(cell(status(code), kEndpoint) == unknown_paid(Signal::server_error));
  }
}

TEST_CASE(
    "INV-Q7: another 5xx with Retry-After may have been decided: unknown, not before it, free") {
  for (const int code : {500, 502, 504}) {
    CHECK(cell(status(code, {{"Retry-After", "7"}}), kBatch) ==
          Outcome{.fate = Fate::unknown, .retry_after = 7s, .signal = Signal::server_error});
  }
}

TEST_CASE("3xx within the same server or to nowhere: unknown, costs an attempt, noted") {
  for (const int code : {300, 301, 302, 304, 307, 308}) {
    for (const auto& where : kAll) {
      CHECK(cell(status(code), where) == unknown_paid(Signal::answered, true));
      for (const char* location :
           {"/other", "other", "?a=https://x", "https://API.example:8443/x", ""}) {
        CHECK(cell(status(code, {{"Location", location}}), where) ==
              unknown_paid(Signal::answered, true));
      }
    }
  }
}

TEST_CASE("1xx and anything else: unknown, costs an attempt, noted") {
  for (const int code : {100, 102, 103, 199, 402, 405, 406, 407, 411, 415, 418,
                         423, 428, 431, 451, 499, 0,   -1,  99,  600, 999, 2'000'000}) {
    for (const auto& where : kAll)
      CHECK(cell(status(code), where) == unknown_paid(Signal::answered, true));
  }
}

TEST_CASE("Retry-After is clamped and read in seconds") {
  const auto wait = [](const char* value) {
    return retry_after_of({{"Retry-After", value}}, kNow, 1h);
  };
  CHECK(wait("120") == 120s);
  CHECK(wait("0") == 2s);
  CHECK(wait("1") == 2s);
  CHECK(wait("3600") == 1h);
  CHECK(wait("3601") == 1h);
  CHECK(wait("99999999999999999999999999") == 1h);
  CHECK(wait("000120") == 120s);
  for (const char* bad : {"", " ", "-1", "+1", "1.5", "1s", "0x10", "ten", "1 2"})
    CHECK(wait(bad) == std::nullopt);
  CHECK(retry_after_of({}, kNow, 1h) == std::nullopt);
  CHECK(retry_after_of({{"Retry-After", "9"}}, kNow, 0s) == 2s);
}

TEST_CASE("Retry-After is read as a date, by the server's own clock when it shows one") {
  // kNow is Fri, 15 Jan 2027 08:00:00 GMT.
  const auto wait = [](Headers headers) { return retry_after_of(headers, kNow, 1h); };
  CHECK(wait({{"Retry-After", "Fri, 15 Jan 2027 08:02:00 GMT"}}) == 120s);
  CHECK(wait({{"Retry-After", "Fri, 15 Jan 2027 07:00:00 GMT"}}) == 2s);
  CHECK(wait({{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}) == 1h);
  CHECK(wait({{"Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"}}) == 2s);
  CHECK(wait({{"Retry-After", "Fri, 15 Jan 2027 08:02:00 GMT"},
              {"Date", "Fri, 15 Jan 2027 08:01:00 GMT"}}) == 60s);
  // A phone whose clock is a year ahead still waits the minute that the server meant.
  CHECK(wait({{"Retry-After", "Thu, 15 Jan 2026 08:02:00 GMT"},
              {"Date", "Thu, 15 Jan 2026 08:01:00 GMT"}}) == 60s);
  CHECK(wait({{"Retry-After", "Fri, 15 Jan 2027 08:02:00 GMT"}, {"Date", "nonsense"}}) == 120s);
}

TEST_CASE("HTTP dates are read in their one form") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == Instant{784'111'777'000});
  CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT") == Instant{1'709'164'800'000});
  for (const char* bad : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
                          "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                          "Sun, 31 Feb 2024 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
                          "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                          "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 6  Nov 1994 08:49:37 GMT",
                          "Sun, 06 Nov 19x4 08:49:37 GMT"}) {
    CHECK(parse_http_date(bad) == std::nullopt);
  }
}
