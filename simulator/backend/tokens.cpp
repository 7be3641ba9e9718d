#include "simulator/backend/tokens.hpp"

#include <utility>

#include "simulator/backend/document.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kFamilyIdBytes = 16;
constexpr std::size_t kTokenIdBytes = 12;

AccessCheck refused(std::string_view code, std::string_view message) {
  return {std::nullopt, error_reply(401, code, message)};
}

std::optional<std::string_view> bearer_token(const http::Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = http::find_header(request.headers, "Authorization");
  if (!header || !header->starts_with(kScheme)) return std::nullopt;
  return header->substr(kScheme.size());
}

}  // namespace

// A refresh token as it is found, with the family around it and the state of its successor.
struct Tokens::Presented {
  std::string family_id;
  std::int64_t generation = 0;
  std::string user_id;
  std::string device_id;
  bool revoked = false;
  Instant expires_at;
  std::optional<std::int64_t> rotated_at_ms;
  std::string refresh_id;
  bool successor_used = false;
  bool successor_rotated = false;
};

std::optional<Tokens::Presented> Tokens::find(const std::string& token) {
  Query row(
      database_,
      "SELECT g.family_id, g.generation, f.user_id, f.device_id, f.revoked_at IS NOT NULL, "
      "g.expires_at,"
      " g.rotated_at, g.refresh_id, s.used_at IS NOT NULL, s.rotated_at IS NOT NULL"
      " FROM generations g JOIN families f ON f.id = g.family_id"
      " LEFT JOIN generations s ON s.family_id = g.family_id AND s.generation = g.generation + 1"
      " WHERE g.token = ?",
      token);
  if (!row.step()) return std::nullopt;
  return Presented{row.text(0),
                   row.integer(1),
                   row.text(2),
                   row.text(3),
                   row.integer(4) != 0,
                   Instant{row.integer(5)},
                   row.optional_integer(6),
                   row.optional_text(7).value_or(""),
                   row.integer(8) != 0,
                   row.integer(9) != 0};
}

std::string Tokens::make_access_token(const std::string& family_id, std::int64_t generation,
                                      const User& user, const std::string& device_id, Instant now) {
  AccessClaims claims;
  claims.user_id = user.id;
  claims.device_id = device_id;
  claims.family_id = family_id;
  claims.generation = generation;
  claims.epoch = user.access_epoch;
  claims.token_id = random_hex(random_, kTokenIdBytes);
  claims.roles = user.roles;
  claims.more = user.claims;
  claims.issued_at = now;
  claims.expires_at = now + options_.access_lifetime;
  return sign_jwt(claims, key_);
}

std::string Tokens::pair_members(const std::string& access, const std::string& refresh,
                                 Instant expires_at, Instant now) const {
  const auto expires_s = (expires_at - now).count() / 1000;
  const std::string expiry = options_.dialect == Dialect::ims
                                 ? ",\"tokenExpiry\":\"" + format_rfc3339(expires_at) + "\""
                                 : ",\"expiresIn\":" + std::to_string(expires_s);
  return "\"accessToken\":" + json_string(access) + ",\"refreshToken\":" + json_string(refresh) +
         expiry + ",\"tokenType\":\"Bearer\",\"serverTime\":\"" + format_rfc3339(now) + "\"";
}

std::string Tokens::make_generation(const std::string& family_id, std::int64_t generation,
                                    const User& user, const std::string& device_id, Instant now) {
  const std::string refresh = random_hex(random_, options_.refresh_token_bytes);
  const std::string access = make_access_token(family_id, generation, user, device_id, now);
  Query(database_,
        "INSERT INTO generations (family_id, generation, token, access_token, expires_at) VALUES "
        "(?,?,?,?,?)",
        family_id, generation, refresh, access, (now + options_.refresh_lifetime).unix_ms)
      .run();
  return pair_members(access, refresh, now + options_.access_lifetime, now);
}

std::string Tokens::login(const User& user, const std::string& device_id, Instant now) {
  if (const auto before = find_family(user.id, device_id)) revoke(*before, "login", now);
  const std::string family_id = random_hex(random_, kFamilyIdBytes);
  Query(database_, "INSERT INTO families (id, user_id, device_id, created_at) VALUES (?,?,?,?)",
        family_id, user.id, device_id, now.unix_ms)
      .run();
  return make_generation(family_id, 1, user, device_id, now);
}

// "rotated" makes a successor, "same_id", "grace" and "until_used" repeat it; anything else
// refuses. The order matters: what is over for good is refused before a second use is judged, so
// that only a real reuse revokes.
std::string Tokens::judge(const Presented& presented, const RefreshAttempt& attempt, Instant now) {
  if (presented.revoked) return "revoked";
  if (presented.expires_at <= now) return "expired";
  if (presented.device_id != attempt.device_id) return "device_mismatch";
  if (!presented.rotated_at_ms) return "rotated";
  if (options_.refresh_mode == RefreshMode::strict) return "reuse";
  if (is_known(presented, attempt.refresh_id)) return "same_id";
  if (options_.refresh_mode == RefreshMode::until_used)
    return presented.successor_used ? "reuse" : "until_used";
  const bool in_time = now - Instant{*presented.rotated_at_ms} <= kGraceWindow;
  return in_time && !presented.successor_rotated ? "grace" : "reuse";
}

// A phone whose disk had no room for its intent asks with another one in its next life and is given
// the same successor. Its call too may arrive twice, the second copy when that pair is in use: it
// is as little a thief's as one of the first intent.
bool Tokens::is_known(const Presented& presented, const std::string& refresh_id) {
  Query row(database_,
            "SELECT 1 FROM refresh_ids WHERE family_id = ? AND generation = ? AND refresh_id = ?",
            presented.family_id, presented.generation, refresh_id);
  return row.step();
}

void Tokens::remember(const Presented& presented, const std::string& refresh_id) {
  if (refresh_id.empty()) return;
  Query(database_,
        "INSERT OR IGNORE INTO refresh_ids (family_id, generation, refresh_id) VALUES (?,?,?)",
        presented.family_id, presented.generation, refresh_id)
      .run();
}

http::Response Tokens::refresh(const RefreshAttempt& attempt, Instant now) {
  const auto presented = find(attempt.token);
  RefreshDecision decision{presented ? presented->family_id : "",
                           presented ? presented->generation : 0,
                           attempt.device_id,
                           attempt.refresh_id,
                           options_.refresh_mode,
                           RefreshOutcome::refused,
                           "unknown",
                           now};
  std::string pair;
  if (presented) {
    decision.reason = judge(*presented, attempt, now);
    if (presented->rotated_at_ms && !attempt.refresh_id.empty() && !presented->refresh_id.empty() &&
        attempt.refresh_id != presented->refresh_id) {
      ledger_.add(ConcurrentRefresh{presented->family_id, presented->generation,
                                    presented->refresh_id, attempt.refresh_id, now});
    }
    if (decision.reason == "reuse" || decision.reason == "device_mismatch") {
      revoke(presented->family_id, decision.reason, now);
    } else if (decision.reason == "rotated") {
      decision.outcome = RefreshOutcome::rotated;
      Query(database_,
            "UPDATE generations SET rotated_at = ?3, refresh_id = ?4, used_at = ifnull(used_at, ?3)"
            " WHERE family_id = ?1 AND generation = ?2",
            presented->family_id, presented->generation, now.unix_ms, attempt.refresh_id)
          .run();
      pair = make_generation(presented->family_id, presented->generation + 1,
                             accounts_.find(presented->user_id).value(), presented->device_id, now);
    } else if (decision.reason != "revoked" && decision.reason != "expired") {
      decision.outcome = RefreshOutcome::repeated;
      pair = repeat_generation(*presented, now);
    }
  }
  const bool granted = decision.outcome != RefreshOutcome::refused;
  if (granted) remember(*presented, attempt.refresh_id);
  const std::string message = "The refresh token was refused: " + decision.reason + ".";
  ledger_.add(std::move(decision));
  return granted ? ok_reply("{" + pair + "}") : error_reply(401, "invalid_grant", message);
}

// The same refresh token again, and the same access token while it is good for anything.
std::string Tokens::repeat_generation(const Presented& presented, Instant now) {
  const std::int64_t generation = presented.generation + 1;
  std::string refresh;
  std::string access;
  {
    Query row(database_,
              "SELECT token, access_token FROM generations WHERE family_id = ? AND generation = ?",
              presented.family_id, generation);
    if (!row.step()) return {};
    refresh = row.text(0);
    access = row.text(1);
  }
  const User user = accounts_.find(presented.user_id).value();
  const auto claims = verify_jwt(access, key_);
  if (claims && claims->expires_at > now && claims->epoch >= user.access_epoch) {
    return pair_members(access, refresh, claims->expires_at, now);
  }
  access = make_access_token(presented.family_id, generation, user, presented.device_id, now);
  Query(database_,
        "UPDATE generations SET access_token = ?3 WHERE family_id = ?1 AND generation = ?2",
        presented.family_id, generation, access)
      .run();
  return pair_members(access, refresh, now + options_.access_lifetime, now);
}

AccessCheck Tokens::check(const http::Request& request, Instant now) {
  const auto token = bearer_token(request);
  if (!token) return refused("missing_token", "An access token is needed.");
  const auto claims = verify_jwt(*token, key_);
  if (!claims) return refused("invalid_token", "The access token is not one of ours.");
  if (claims->expires_at <= now) return refused("token_expired", "The access token has expired.");
  {
    Query row(database_,
              "SELECT f.revoked_at IS NOT NULL, u.access_epoch FROM families f JOIN users u ON "
              "u.id = f.user_id"
              " WHERE f.id = ? AND u.id = ?",
              claims->family_id, claims->user_id);
    if (!row.step()) return refused("invalid_token", "The session is unknown.");
    if (row.integer(0) != 0 || row.integer(1) > claims->epoch) {
      return refused("token_revoked", "The access token was revoked.");
    }
  }
  const auto device = http::find_header(request.headers, "X-Device-Id");
  if (device && *device != claims->device_id) {
    return refused("invalid_token", "The access token belongs to another device.");
  }
  Query(database_,
        "UPDATE generations SET used_at = ?3 WHERE family_id = ?1 AND generation = ?2 AND used_at "
        "IS NULL",
        claims->family_id, claims->generation, now.unix_ms)
      .run();
  return {Caller{claims->user_id, claims->device_id, claims->family_id, claims->generation}, {}};
}

bool Tokens::revoke(const std::string& family_id, const std::string& cause, Instant now) {
  Revocation revocation{family_id, "", "", cause, now};
  {
    Query row(database_,
              "SELECT user_id, device_id FROM families WHERE id = ? AND revoked_at IS NULL",
              family_id);
    if (!row.step()) return false;
    revocation.user_id = row.text(0);
    revocation.device_id = row.text(1);
  }
  Query(database_, "UPDATE families SET revoked_at = ?2, cause = ?3 WHERE id = ?1", family_id,
        now.unix_ms, cause)
      .run();
  ledger_.add(std::move(revocation));
  return true;
}

std::optional<std::string> Tokens::find_family(std::string_view user_id,
                                               std::string_view device_id) {
  Query row(database_,
            "SELECT id FROM families WHERE user_id = ? AND device_id = ? AND revoked_at IS NULL",
            user_id, device_id);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::optional<std::string> Tokens::find_family_of(std::string_view refresh_token) {
  Query row(database_, "SELECT family_id FROM generations WHERE token = ?", refresh_token);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

}  // namespace landfall::backend
