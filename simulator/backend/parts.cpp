#include "simulator/backend/parts.hpp"

#include <array>
#include <exception>
#include <utility>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/app_version.hpp"
#include "simulator/backend/body_coding.hpp"
#include "simulator/backend/configuration_error.hpp"
#include "simulator/backend/development_codes.hpp"
#include "simulator/backend/field_data.hpp"
#include "simulator/backend/organisations.hpp"
#include "simulator/backend/reply.hpp"
#include "simulator/backend/seed_data.hpp"
#include "simulator/backend/sign_up.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 4U * 1024U * 1024U;
constexpr std::size_t kSmallBodyBytesMax = 64U * 1024U;
constexpr std::size_t kSecretBytes = 32;

// P-100; Authorization and Content-Type are looked at where they matter.
constexpr std::array<const char*, 5> kClientHeaders{"X-Device-Id", "X-App-Version", "X-Platform",
                                                    "X-OS-Version", "X-Timezone"};

JwtKey to_key(const std::string& hex) {
  JwtKey key{};
  sodium_hex2bin(key.data(), key.size(), hex.data(), hex.size(), nullptr, nullptr, nullptr);
  return key;
}

bool is_secret(const std::string& hex) {
  return hex.size() == 2 * kSecretBytes &&
         hex.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The seeds spell it both ways (I-14, P-6).
Result<std::string> refresh_token_in(const Json& body) {
  return string_at(
      body, body.is_object() && body.contains("refresh_token") ? "refresh_token" : "refreshToken");
}

// The code in an error body of our own making.
std::string error_code(const http::Response& response) {
  constexpr std::string_view kStart = "{\"error\":{\"code\":\"";
  if (response.status < 400 || !response.body.starts_with(kStart)) return {};
  const std::size_t end = response.body.find('"', kStart.size());
  return response.body.substr(kStart.size(), end - kStart.size());
}

// What is there before anybody came.
std::vector<Document> documents_of(const BackendOptions& options, Instant now) {
  switch (options.dialect) {
    case Dialect::almafrica:
      return field_documents(options.seed, now);
    case Dialect::ims:
      return organisation_documents();
    case Dialect::prokure:
      break;
  }
  return seed_documents(options.seed, now);
}

}  // namespace

Backend::Parts::Parts(BackendOptions given, SecureRandom& random, Instant now)
    : options(std::move(given)),
      ledger(options.ledger_records_max),
      database(options.database_path),
      documents(database, ledger),
      accounts(database, random),
      biometrics(database, random),
      pins(database, random),
      login_failures(database, options.login_failures_max, options.login_lock),
      jwt_key(to_key(secret("jwt_key", random))),
      tokens(database, accounts, ledger, random, options, jwt_key),
      receipts(database, options.receipt_days),
      files(database, receipts, ledger),
      attestations(database, options),
      push(documents, receipts, ledger, attestations, options),
      pull(documents, options, secret("cursor_key", random)),
      roles(database, options.roles),
      hub(random, ledger),
      world(Random::stream(options.seed, "backend.others")),
      second_factors(database, random),
      challenges(database, random, options),
      sms_codes(database, random, options),
      random_(random),
      routes_(options.routes) {
  check_development_codes(database, options);
  if (!database.meta("seeded")) seed(now);
}

// Made once, before anything is served. A database that has served is never given another one: it
// would refuse all the tokens that it gave out, and say of nobody why.
std::string Backend::Parts::secret(const std::string& name, SecureRandom& random) {
  const auto known = database.meta(name);
  const bool has_served = database.meta("seeded").has_value();
  if (known ? !is_secret(*known) : has_served)
    throw ConfigurationError("the database has no proper " + name);
  if (known) return *known;
  std::string made = random_hex(random, kSecretBytes);
  database.set_meta(name, made);
  return made;
}

void Backend::Parts::seed(Instant now) {
  in_transaction([&] {
    for (const SeedUser& user : Backend::seed_users(options.dialect)) accounts.add(user);
    for (Document& document : documents_of(options, now))
      documents.put(std::move(document), now, std::nullopt);
    database.set_meta("seeded", "1");
    return true;
  });
}

http::Response Backend::Parts::handle(const http::Request& request, Instant now) {
  auto clear = in_clear(request, options.takes_gzip, decompressor_);
  if (!clear) return std::move(clear.error());
  http::Response response = decide(*clear ? **clear : request, now);
  compress(request, response, compressor_);
  return response;
}

http::Response Backend::Parts::decide(const http::Request& request, Instant now) {
  Call call{request, now, ++request_count_, routes_.match(request.method, request.target), {}};
  const Ledger::Mark mark = ledger.mark();
  http::Response response;
  try {
    response = in_transaction([&] { return answer(call); });
  } catch (const std::exception&) {
    ledger.take_back(mark);
    response = error_reply(500, "INTERNAL", "The request could not be processed.");
  }
  const std::string code = error_code(response);
  const bool recommends = !options.recommended_app_version.empty() && call.match.route != nullptr &&
                          call.match.route->id != RouteId::health;
  if (recommends)
    response.headers.emplace_back("X-Recommended-Version", options.recommended_app_version);
  // The answer to a HEAD has no body, whatever it says.
  if (request.method == "HEAD") response.body.clear();
  ledger.add(RequestRecord{call.number,
                           std::string{call.match.route ? call.match.route->name : "unknown"},
                           http::header_text(request.headers, "X-Request-Id"),
                           http::header_text(request.headers, "X-Device-Id"), call.caller.family_id,
                           call.caller.generation, response.status, code, now});
  return response;
}

http::Response Backend::Parts::answer(Call& call) {
  if (!call.match.allowed.empty()) {
    auto refusal = error_reply(405, "METHOD_NOT_ALLOWED", "The path is known, the method is not.");
    refusal.headers.emplace_back("Allow", call.match.allowed);
    return refusal;
  }
  if (call.match.route == nullptr)
    return error_reply(404, "NOT_FOUND", "There is nothing at this path.");
  if (call.match.route->id == RouteId::health) return ok_reply("{\"status\":\"ok\"}");
  if (call.request.body.size() > kBodyBytesMax) {
    return error_reply(413, "BODY_TOO_LARGE", "A body may have at most 4 MiB.");
  }
  if (auto refusal = refuse_headers(call)) return *refusal;
  const bool is_field = options.dialect == Dialect::almafrica;
  if (call.match.route->id == RouteId::login)
    return is_field ? login_by_account(call) : login(call);
  if (call.match.route->id == RouteId::refresh) return refresh(call);
  if (call.match.route->id == RouteId::logout) return logout(call);
  if (call.match.route->id == RouteId::biometric) return login_by_biometric(call);
  if (call.match.route->id == RouteId::sign_up) return sign_up(accounts, random_, call.request);
  if (auto answered = answer_factor(call)) return std::move(*answered);
  AccessCheck check = tokens.check(call.request, call.now);
  if (!check.caller) return check.refusal;
  call.caller = *check.caller;
  if (call.match.route->id == RouteId::pull || call.match.route->id == RouteId::push) {
    const auto scoped = in_organisation(call, call.caller);
    if (!scoped) return scoped.error();
    if (call.match.route->id == RouteId::pull)
      return pull.pull(*scoped, call.request.body, call.now);
  }
  if (auto refusal = refuse_rights(call, call.caller)) return *refusal;
  return dispatch(call, call.caller);
}

// Every call names its device (P-100); a login may do so in its body, because P-6 has it there.
// What else is missing is counted, so that a test can ask for all of it.
std::optional<http::Response> Backend::Parts::refuse_headers(const Call& call) {
  for (const char* name : kClientHeaders) {
    if (!http::find_header(call.request.headers, name)) ledger.add_missing_header(name);
  }
  if (is_older_version(http::header_text(call.request.headers, "X-App-Version"),
                       options.minimum_app_version)) {
    return error_reply(426, "UPGRADE_REQUIRED",
                       "This version of the app is no longer supported. Please update.",
                       "{\"minimum\":" + json_string(options.minimum_app_version) + "}");
  }
  if (call.match.route->id != RouteId::login &&
      http::header_text(call.request.headers, "X-Device-Id").empty()) {
    return error_reply(400, "DEVICE_MISSING", "X-Device-Id is missing.");
  }
  return std::nullopt;
}

http::Response Backend::Parts::dispatch(const Call& call, const Caller& caller) {
  const std::string& body = call.request.body;
  switch (call.match.route->id) {
    case RouteId::push:
      return push.push(caller, body, call.number, call.now);
    case RouteId::receipts:
      return push.list_receipts(caller, body, call.now);
    case RouteId::pull:
      return pull.pull(caller, body, call.now);
    case RouteId::approvals:
      return pull.list(caller, "approval", call.now);
    case RouteId::dashboard:
      return pull.dashboard(caller, call.now);
    case RouteId::notifications:
      return pull.list_page(caller, "notification", call.match.query, call.now);
    case RouteId::device_register:
      return register_device(call, caller);
    case RouteId::approve:
      return act(call, caller, "approval", "approve");
    case RouteId::reject:
      return act(call, caller, "approval", "reject");
    case RouteId::update_pr:
      return act(call, caller, "pr", "update");
    case RouteId::bulk:
      return push.push_bulk(caller, body, call.number, call.now);
    case RouteId::attachment_start:
      return files.start(caller, body, call.now);
    case RouteId::attachment_send:
      return files.send(caller, call.match.id, call.request, call.now);
    case RouteId::attachment_offset:
      return files.offset(caller, call.match.id);
    case RouteId::attachment_download:
      return files.read(caller, call.match.id, call.request);
    case RouteId::report_download:
      return Files::read_report(call.match.id, call.request);
    case RouteId::biometric_register:
      return register_biometric(call, caller);
    case RouteId::pin_register:
      return register_pin(call, caller);
    case RouteId::me:
      return me(caller);
    case RouteId::unregister_device:
      return ok_reply("{\"status\":\"unregistered\"}");
    case RouteId::permissions_by_role:
      return permissions_by_role(caller);
    case RouteId::negotiate:
      return negotiate(call, caller);
    case RouteId::second_factor_setup:
    case RouteId::second_factor_verify:
    case RouteId::second_factor_backup_codes:
    case RouteId::second_factor_disable:
      return manage_factor(call, caller);
    case RouteId::second_factor_login:
    case RouteId::second_factor_send:
    case RouteId::health:
    case RouteId::login:
    case RouteId::refresh:
    case RouteId::logout:
    case RouteId::biometric:
    case RouteId::sign_up:
      break;
  }
  return error_reply(404, "NOT_FOUND", "There is nothing at this path.");
}

tl::expected<User, http::Response> Backend::Parts::proven(const Json& body,
                                                          const std::string& device_id,
                                                          Instant now) {
  const auto email = string_at(body, "email");
  if (!email) return tl::unexpected(bad_request(email.error()));
  const auto password = string_at(body, "password");
  if (!password) return tl::unexpected(bad_request(password.error()));
  const tl::unexpected refusal(error_reply(401, "invalid_credentials", "Invalid credentials"));
  if (body.value("mode", Json()) != "PIN") {
    auto user = accounts.check_password(*email, *password);
    return user ? tl::expected<User, http::Response>(std::move(*user)) : refusal;
  }
  auto user = accounts.find_by_email(*email);
  if (!user) return refusal;
  switch (pins.judge(user->id, device_id, *password, now)) {
    case Pins::Verdict::right:
      return std::move(*user);
    case Pins::Verdict::wrong:
      return refusal;
    case Pins::Verdict::locked:
      break;
  }
  return tl::unexpected(error_reply(401, "ACCOUNT_LOCKED", "Locked for fifteen minutes."));
}

http::Response Backend::Parts::register_pin(const Call& call, const Caller& caller) {
  const auto body = parse_json(call.request.body, {kSmallBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto pin = string_at(*body, "pin");
  if (!pin) return bad_request(pin.error());
  pins.set(caller.user_id, caller.device_id, *pin);
  return ok_reply("{\"status\":\"registered\"}");
}

http::Response Backend::Parts::login(const Call& call) {
  const auto body = parse_json(call.request.body, {kSmallBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto named = optional_string_at(*body, "device_id");
  if (!named) return bad_request(named.error());
  const std::string device_id =
      named->value_or(http::header_text(call.request.headers, "X-Device-Id"));
  if (device_id.empty()) return error_reply(400, "DEVICE_MISSING", "device_id is missing.");
  const auto user = proven(*body, device_id, call.now);
  if (!user) return user.error();
  // A PIN is known on a device whose login has passed the second factor.
  if (body->value("mode", Json()) != "PIN") {
    if (auto gate = challenge(*user, device_id, call.now)) return std::move(*gate);
  }
  return welcome(*user, device_id, call.now);
}

http::Response Backend::Parts::welcome(const User& user, const std::string& device_id,
                                       Instant now) {
  if (!accounts.register_device(user.id, device_id, "{}", options.devices_max, now)) {
    return error_reply(403, "DEVICE_LIMIT", "This account is in use on its maximum of devices.");
  }
  const std::string pair = tokens.login(user, device_id, now);
  if (options.dialect == Dialect::almafrica)
    return ok_reply("{" + pair + account_members(user) + "}");
  const bool has_organisations = options.dialect == Dialect::ims;
  return ok_reply("{" + pair + ",\"user\":{\"id\":" + json_string(user.id) +
                  ",\"email\":" + json_string(user.email) + ",\"name\":" + json_string(user.name) +
                  ",\"tenantId\":\"" + kTenantId + "\",\"roles\":" + dump_json(Json(user.roles)) +
                  ",\"permissions\":" + dump_json(Json(roles.rights_of(user.roles))) +
                  (has_organisations ? ",\"organizations\":" + organisations_json(user.id) : "") +
                  "}}");
}

http::Response Backend::Parts::me(const Caller& caller) {
  if (options.dialect != Dialect::ims)
    return ok_reply("{\"user\":{\"id\":" + json_string(caller.user_id) + "}}");
  const auto user = accounts.find(caller.user_id);
  if (!user) return error_reply(401, "invalid_token", "The user is unknown.");
  return ok_reply("{\"user\":{\"id\":" + json_string(user->id) + ",\"email\":" +
                  json_string(user->email) + ",\"name\":" + json_string(user->name) +
                  ",\"organizations\":" + organisations_json(user->id) + "}}");
}

tl::expected<Caller, http::Response> Backend::Parts::in_organisation(const Call& call,
                                                                     const Caller& caller) const {
  if (options.dialect != Dialect::ims) return caller;
  auto check = check_organisation(call.request, caller.user_id);
  if (check.refusal) return tl::unexpected(std::move(*check.refusal));
  Caller scoped = caller;
  if (!check.organisation.empty()) scoped.user_id = check.organisation;
  return scoped;
}

http::Response Backend::Parts::refresh(const Call& call) {
  const auto body = parse_json(call.request.body, {kSmallBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto token = refresh_token_in(*body);
  if (!token) return bad_request(token.error());
  auto pair = tokens.refresh({*token, http::header_text(call.request.headers, "X-Device-Id"),
                              http::header_text(call.request.headers, "X-Refresh-Id")},
                             call.now);
  return options.dialect == Dialect::almafrica ? with_account(std::move(pair)) : pair;
}

// The session to end is named by the access token or, when that has expired, by the refresh token
// in the body.
http::Response Backend::Parts::logout(const Call& call) {
  std::optional<std::string> family;
  AccessCheck check = tokens.check(call.request, call.now);
  if (check.caller) {
    family = check.caller->family_id;
  } else if (const auto body = parse_json(call.request.body, {kSmallBodyBytesMax})) {
    const auto token = refresh_token_in(*body);
    if (token) family = tokens.find_family_of(*token);
  }
  if (!family) return check.refusal;
  tokens.revoke(*family, "logout", call.now);
  return ok_reply("{\"status\":\"logged_out\"}");
}

http::Response Backend::Parts::register_biometric(const Call& call, const Caller& caller) {
  const auto body = parse_json(call.request.body, {kSmallBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto device = string_at(*body, "device_id");
  if (!device) return bad_request(device.error());
  const auto key = string_at(*body, "public_key");
  if (!key) return bad_request(key.error());
  if (*device != caller.device_id)
    return error_reply(400, "BAD_REQUEST", "device_id is not the device of the access token");
  const auto token = biometrics.enrol(caller.user_id, *device, *key, call.now);
  if (!token) return error_reply(400, "BAD_REQUEST", "public_key is no Ed25519 key");
  return ok_reply("{\"biometricToken\":" + json_string(*token) + "}");
}

http::Response Backend::Parts::login_by_biometric(const Call& call) {
  const auto body = parse_json(call.request.body, {kSmallBodyBytesMax});
  if (!body) return bad_request(body.error());
  BiometricLogin login;
  for (const auto& [key, value] :
       {std::pair{"biometric_token", &login.token}, std::pair{"device_id", &login.device_id},
        std::pair{"signature", &login.signature}, std::pair{"signed_at", &login.signed_at}}) {
    const auto text = string_at(*body, key);
    if (!text) return bad_request(text.error());
    *value = *text;
  }
  const auto verdict = biometrics.judge(login, call.now);
  const auto user = accounts.find(verdict.user_id);
  if (!user) return error_reply(401, verdict.code, "The biometric login is not accepted.");
  return ok_reply("{" + tokens.login(*user, login.device_id, call.now) + "}");
}

// All of P-21 must be there; what a phone does not have is null or false.
std::optional<http::Response> Backend::Parts::refuse_device(const Json& body) {
  for (const char* key : {"platform", "os_version", "app_version", "device_name"}) {
    const auto text = string_at(body, key);
    if (!text) return bad_request(text.error());
  }
  const auto platform = body["platform"].get<std::string>();
  if (platform != "IOS" && platform != "ANDROID")
    return error_reply(400, "BAD_REQUEST", "platform must be IOS or ANDROID");
  for (const char* key : {"fcm_token", "biometric_type"}) {
    if (!body.contains(key))
      return error_reply(400, "BAD_REQUEST", std::string{key} + " is missing");
    const auto text = optional_string_at(body, key);
    if (!text) return bad_request(text.error());
  }
  const auto capable = bool_at(body, "biometric_capable");
  if (!capable) return bad_request(capable.error());
  return std::nullopt;
}

http::Response Backend::Parts::register_device(const Call& call, const Caller& caller) {
  const auto body = parse_json(call.request.body, {kSmallBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto device = string_at(*body, "device_id");
  if (!device) return bad_request(device.error());
  if (*device != caller.device_id) {
    return error_reply(400, "BAD_REQUEST", "device_id is not the device of the access token");
  }
  if (auto refusal = refuse_device(*body)) return *refusal;
  const auto key = optional_string_at(*body, "attestation_key");
  if (!key) return bad_request(key.error());
  if (!accounts.register_device(caller.user_id, *device, dump_json(*body), options.devices_max,
                                call.now)) {
    return error_reply(403, "DEVICE_LIMIT", "This account is in use on its maximum of devices.");
  }
  if (*key && !attestations.register_key(caller.user_id, *device, **key, call.now))
    return error_reply(400, "BAD_REQUEST", "attestation_key is no Ed25519 key");
  return ok_reply("{\"status\":\"registered\"}");
}

// Delivery `endpoint`: one operation a call, its id in Idempotency-Key and its base in If-Match;
// the same rules and receipts as in a batch.
http::Response Backend::Parts::act(const Call& call, const Caller& caller, const char* type,
                                   const char* action) {
  auto payload =
      parse_json(call.request.body.empty() ? "{}" : call.request.body, {kSmallBodyBytesMax});
  if (!payload) return bad_request(payload.error());
  // It stands beside the payload and is no part of it.
  Json attestation = payload->is_object() ? payload->value("attestation", Json()) : Json();
  if (payload->is_object()) payload->erase("attestation");
  Json object = {{"id", http::header_text(call.request.headers, "Idempotency-Key")},
                 {"entity_type", type},
                 {"entity_id", call.match.id},
                 {"action", action},
                 {"payload", *payload}};
  std::string match = http::header_text(call.request.headers, "If-Match");
  if (match.size() > 2 && match.front() == '"' && match.back() == '"')
    match = match.substr(1, match.size() - 2);
  const auto base = parse_json(match, {32});
  if (base && base->is_number_integer()) object["base_version"] = *base;
  if (!attestation.is_null()) object["attestation"] = std::move(attestation);
  const auto operation = read_operation(object, dump_json(object), "operation");
  if (!operation) return bad_request(operation.error());
  const Push::Outcome outcome = push.decide_alone(caller, *operation, call.number, call.now);
  if (outcome.status == "applied") return ok_reply(outcome.result);
  const Json result = Json::parse(outcome.result, nullptr, false);
  if (outcome.status == "retry") {
    auto later = error_reply(429, "TRY_LATER", "This cannot be decided yet.", outcome.result);
    later.headers.emplace_back("Retry-After", "5");
    return later;
  }
  if (outcome.status == "conflict") {
    return error_reply(409, "CONFLICT", "The document has moved on.", outcome.result);
  }
  const std::string code = result["error"].value("code", "REJECTED");
  const std::string message = result["error"].value("message", "");
  return error_reply(code == "NOT_FOUND" ? 404 : 422, code, message, outcome.result);
}

}  // namespace landfall::backend
