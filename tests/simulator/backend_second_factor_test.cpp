#include <unistd.h>

#include <array>
#include <cctype>

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/backend/login_challenges.hpp"
#include "simulator/backend/second_factors.hpp"
#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

const char* const kSetup = "/api/user-management/2fa/setup";
const char* const kVerify = "/api/user-management/2fa/verify";
const char* const kDisable = "/api/user-management/2fa/disable";
const char* const kRenew = "/api/user-management/2fa/backup-codes";
const char* const kGate = "/api/auth/2fa/verify";
const char* const kSend = "/api/auth/2fa/send";
const char* const kNumber = "+919800000001";
constexpr Duration kStep{30'000};

// A user with a phone and an authenticator.
struct Owner {
  explicit Owner(BackendOptions options = {}) : server(std::move(options)), phone(server) {}

  // The factor is on from here, and the code that turned it on is over.
  void enable(const std::string& phone_number = "") {
    REQUIRE(phone.login().status == 200);
    Json body = Json::object();
    if (!phone_number.empty()) body["phoneNumber"] = phone_number;
    const Reply made = phone.post(kSetup, body);
    REQUIRE(made.status == 200);
    key = from_base32(made.body["manualEntryKey"].get<std::string>()).value();
    const Reply enabled = phone.post(kVerify, {{"code", shown()}});
    REQUIRE(enabled.status == 200);
    backup_codes = enabled.body["backupCodes"].get<std::vector<std::string>>();
    server.now = server.now + 2 * kStep;
  }
  // What the authenticator shows.
  [[nodiscard]] std::string shown() const { return totp(key, server.now, {}); }
  [[nodiscard]] std::string wrong() const { return shown() == "123456" ? "123457" : "123456"; }

  // A login as far as the gate.
  Json challenge() {
    phone.access.clear();
    const Reply reply = phone.login_without_keeping();
    REQUIRE(reply.body.contains("challenge"));
    CHECK_FALSE(reply.body.contains("accessToken"));
    return reply.body["challenge"];
  }
  Reply answer(const Json& open, const std::string& code, const std::string& method = "totp") {
    return phone.post(kGate,
                      {{"challengeToken", open["token"]}, {"code", code}, {"method", method}});
  }

  Server server;
  Client phone;
  std::string key;
  std::vector<std::string> backup_codes;
};

TEST_CASE("A-26: a set-up gives a URL and a key for it, and changes no login yet") {
  Owner owner;
  REQUIRE(owner.phone.login().status == 200);
  const Reply made = owner.phone.post(kSetup, Json::object());
  REQUIRE(made.status == 200);
  const auto manual = made.body["manualEntryKey"].get<std::string>();
  const auto url = made.body["qrCodeUrl"].get<std::string>();
  CHECK(manual.size() == 32);
  CHECK(url.find("secret=" + manual + "&") != std::string::npos);
  CHECK(owner.phone.login().body.contains("accessToken"));
  CHECK(owner.phone.post(kVerify, {{"code", "1"}}).error_code() == "CODE_INVALID");
  CHECK(owner.phone.login().body.contains("accessToken"));
}

TEST_CASE(
    "A-26 A-29: a set-up is refused with a bad number, while the factor is on, and to nobody") {
  Owner owner;
  REQUIRE(owner.phone.login().status == 200);
  const Reply bad = owner.phone.post(kSetup, {{"phoneNumber", "98000"}});
  CHECK(bad.status == 400);
  CHECK(bad.error_code() == "PHONE_INVALID");
  owner.enable();
  CHECK(owner.phone.post(kSetup, Json::object()).error_code() == "ALREADY_ENABLED");
  owner.phone.access.clear();
  for (const char* path : {kSetup, kVerify, kDisable, kRenew})
    CHECK(owner.phone.post(path, {{"code", owner.shown()}}).status == 401);
}

TEST_CASE("A-27: the first code turns it on and brings ten backup codes; a wrong one is a 400") {
  Owner owner;
  owner.enable();
  CHECK(owner.backup_codes.size() == kBackupCodes);
  CHECK(owner.backup_codes[0] != owner.backup_codes[1]);
}

TEST_CASE("A-32: a login of somebody with a second factor brings a challenge and no tokens") {
  Owner owner;
  owner.enable();
  const Json open = owner.challenge();
  CHECK(open["methods"] == Json::array({"totp", "backup_code"}));
  CHECK(open["expiresIn"] == 300);
  const Reply in = owner.answer(open, owner.shown());
  CHECK(in.status == 200);
  CHECK(in.body.contains("refreshToken"));
  CHECK(in.body["user"]["id"] == owner.phone.user_id());
  CHECK(owner.answer(open, owner.shown()).error_code() == "CHALLENGE_EXPIRED");
}

TEST_CASE("A-32: with another status the challenge stands in the error's details") {
  BackendOptions options;
  options.challenge_status = 403;
  Owner owner(options);
  owner.enable();
  const Reply reply = owner.phone.login_without_keeping();
  CHECK(reply.status == 403);
  CHECK(reply.error_code() == "TWO_FACTOR_REQUIRED");
  CHECK(reply.body["error"]["details"]["challenge"]["token"].is_string());
}

TEST_CASE("RFC 6238 5.2: a code is taken once, also in another challenge; the next is good") {
  Owner owner;
  owner.enable();
  const std::string code = owner.shown();
  CHECK(owner.answer(owner.challenge(), code).status == 200);
  const Json open = owner.challenge();
  const Reply again = owner.answer(open, code);
  CHECK(again.status == 401);
  CHECK(again.error_code() == "CODE_USED");
  CHECK(again.body["error"]["details"]["attemptsLeft"] == kChallengeAttemptsMax - 1);
  owner.server.now = owner.server.now + kStep;
  CHECK(owner.answer(open, code).error_code() == "CODE_USED");
  CHECK(owner.answer(open, owner.shown()).status == 200);
}

TEST_CASE("A-27: a backup code opens once, however it is written; new ones end the old") {
  Owner owner;
  owner.enable();
  std::string written = owner.backup_codes[3];
  written[4] = ' ';
  for (char& c : written) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(owner.phone.keep(owner.answer(owner.challenge(), written, "backup_code")).status == 200);
  const Json open = owner.challenge();
  CHECK(owner.answer(open, owner.backup_codes[3], "backup_code").error_code() == "CODE_USED");
  CHECK(owner.phone.keep(owner.answer(open, owner.backup_codes[4], "backup_code")).status == 200);

  CHECK(owner.phone.post(kRenew, {{"code", owner.wrong()}}).error_code() == "CODE_INVALID");
  const Reply renewed = owner.phone.post(kRenew, {{"code", owner.shown()}});
  REQUIRE(renewed.status == 200);
  const auto codes = renewed.body["backupCodes"].get<std::vector<std::string>>();
  CHECK(codes.size() == kBackupCodes);
  const Json next = owner.challenge();
  CHECK(owner.answer(next, owner.backup_codes[5], "backup_code").error_code() == "CODE_INVALID");
  CHECK(owner.answer(next, codes[0], "backup_code").status == 200);
}

TEST_CASE("A-27: to turn it off takes a code, and then a password alone is enough again") {
  Owner owner;
  owner.enable();
  CHECK(owner.phone.post(kDisable, Json::object()).status == 400);
  CHECK(owner.phone.post(kDisable, {{"code", owner.wrong()}}).error_code() == "CODE_INVALID");
  CHECK(owner.phone.post(kDisable, {{"code", owner.backup_codes[0]}}).status == 200);
  CHECK(owner.phone.login().body.contains("accessToken"));
  CHECK(owner.phone.post(kDisable, {{"code", owner.shown()}}).error_code() == "NOT_ENABLED");
}

TEST_CASE("INV-A15: five wrong codes end a challenge, ten in a row lock the factor for a while") {
  Owner owner;
  owner.enable();
  for (int round = 0; round < 2; ++round) {
    const Json open = owner.challenge();
    for (std::int64_t left = kChallengeAttemptsMax - 1; left > 0; --left) {
      const Reply refused = owner.answer(open, owner.wrong());
      CHECK(refused.error_code() == "CODE_INVALID");
      CHECK(refused.body["error"]["details"]["attemptsLeft"] == left);
    }
    CHECK(owner.answer(open, owner.wrong()).error_code() == "TOO_MANY_ATTEMPTS");
    CHECK(owner.answer(open, owner.shown()).error_code() == "CHALLENGE_EXPIRED");
  }
  CHECK(owner.phone.login_without_keeping().error_code() == "ACCOUNT_LOCKED");
  owner.server.now = owner.server.now + kFactorLock;
  CHECK(owner.answer(owner.challenge(), owner.shown()).status == 200);
}

TEST_CASE(
    "A-32: a challenge is over after its time, on another device, and behind the next login") {
  Owner owner;
  owner.enable();
  const Json open = owner.challenge();
  SECTION("time") {
    owner.server.now = owner.server.now + std::chrono::minutes{5};
    CHECK(owner.answer(open, owner.shown()).error_code() == "CHALLENGE_EXPIRED");
  }
  SECTION("another device") {
    owner.phone.device_id = "device-2";
    CHECK(owner.answer(open, owner.shown()).error_code() == "CHALLENGE_EXPIRED");
  }
  SECTION("another login") {
    const Json next = owner.challenge();
    CHECK(owner.answer(open, owner.shown()).error_code() == "CHALLENGE_EXPIRED");
    CHECK(owner.answer(next, owner.shown()).status == 200);
  }
}

TEST_CASE("A-28 A-30: a code by text message opens; without a number there is no such way") {
  Owner owner;
  owner.enable(kNumber);
  const Json open = owner.challenge();
  CHECK(open["methods"] == Json::array({"totp", "backup_code", "sms"}));
  CHECK(open["phone"] == "+*** 01");
  const Reply sent = owner.phone.post(kSend, {{"challengeToken", open["token"]}});
  CHECK(sent.body["sent"] == true);
  const auto sms = owner.server.backend->last_sms(kNumber);
  REQUIRE(sms);
  CHECK(owner.answer(open, sms->code, "sms").status == 200);

  owner.server.backend->set_sms_sink([](const Sms&) { return false; });
  const Json next = owner.challenge();
  const Reply failed = owner.phone.post(kSend, {{"challengeToken", next["token"]}});
  CHECK(failed.error_code() == "SMS_NOT_SENT");
  CHECK(failed.body["error"]["details"]["sent"] == false);

  Owner plain;
  plain.enable();
  const Json gate = plain.challenge();
  CHECK(plain.phone.post(kSend, {{"challengeToken", gate["token"]}}).error_code() ==
        "METHOD_UNAVAILABLE");
  CHECK(plain.answer(gate, "123456", "sms").error_code() == "METHOD_UNAVAILABLE");
  CHECK(plain.answer(gate, "123456", "owl").error_code() == "METHOD_UNAVAILABLE");
}

TEST_CASE(
    "INV-A15: the development code is refused on every way in, and with the option it is one") {
  BackendOptions options;
  std::vector<std::string> log;
  options.development_codes = GENERATE(false, true);
  options.development_log = [&](const std::string& line) { log.push_back(line); };
  Owner owner(options);
  owner.enable(kNumber);
  const Json open = owner.challenge();
  REQUIRE(owner.shown() != "000000");
  CHECK(owner.answer(open, "000000", "totp").status == 401);
  CHECK(owner.answer(open, "000000", "backup_code").status == 401);
  (void)owner.phone.post(kSend, {{"challengeToken", open["token"]}});
  const Reply reply = owner.answer(open, "000000", "sms");
  CHECK(reply.body.contains("accessToken") == options.development_codes);
  CHECK(log.empty() != options.development_codes);
}

TEST_CASE(
    "C-24 INV-A15: a backend starts with development codes on a database of their own alone") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("landfall-development-" + std::to_string(::getpid()) + ".db");
  std::filesystem::remove(path);
  SeededSecureRandom random{std::array<std::byte, 32>{}};
  const auto open = [&](bool development_codes, bool with_log) {
    BackendOptions options;
    options.database_path = path.string();
    options.development_codes = development_codes;
    if (with_log) options.development_log = [](const std::string&) {};
    const auto opened = Backend::open(std::move(options), random, kStart);
    return opened ? std::string{} : opened.error().code;
  };
  const bool first = GENERATE(false, true);
  CHECK(open(true, false) == "backend.development_codes");
  CHECK(open(first, true).empty());
  CHECK(open(first, true).empty());
  CHECK(open(!first, true) == "backend.development_codes");
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + ending);
}

TEST_CASE("Front: garbage at the gate is a 400 that names the field, never more") {
  Owner owner;
  owner.enable();
  for (const char* path : {kGate, kSend, kVerify, kRenew, kDisable, kSetup}) {
    for (const char* body : {"{", "[]", R"({"challengeToken":7,"code":7,"phoneNumber":7})"}) {
      CAPTURE(path, body);
      CHECK(owner.phone.call("POST", path, body).status == 400);
    }
  }
  const Json open = owner.challenge();
  CHECK(owner.answer(open, std::string(65, '1')).status == 400);
  CHECK(owner.answer(open, "").status == 400);
}

}  // namespace
}  // namespace landfall::backend
