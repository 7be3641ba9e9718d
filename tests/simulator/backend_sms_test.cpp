#include "simulator/backend/sms_codes.hpp"

#include <array>
#include <set>
#include <vector>

#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

using Sent = SmsCodes::Sent;
using Verdict = SmsCodes::Verdict;

const char* const kNumber = "+919800000001";

struct Office {
  explicit Office(bool development_codes = false) {
    options.development_codes = development_codes;
    options.development_log = [this](const std::string& line) { log.push_back(line); };
  }

  // The code of a message that was sent.
  std::string send(const std::string& purpose = "login") {
    REQUIRE(codes.send(kNumber, purpose, now) == Sent::sent);
    return codes.last(kNumber)->code;
  }
  Verdict verify(const std::string& code, const std::string& purpose = "login") {
    return codes.verify(kNumber, purpose, code, now);
  }
  std::int64_t records() {
    Query count(database, "SELECT count(*) FROM sms_codes");
    REQUIRE(count.step());
    return count.integer(0);
  }
  static std::string other_than(const std::string& code) {
    return code == "123456" ? "123457" : "123456";
  }

  Instant now = kStart;
  BackendOptions options;
  std::vector<std::string> log;
  BackendDatabase database{":memory:"};
  SeededSecureRandom random{std::array<std::byte, 32>{}};
  SmsCodes codes{database, random, options};
};

TEST_CASE("A-28: a code has six digits and opens once") {
  Office office;
  const std::string code = office.send();
  CHECK(code.size() == 6);
  CHECK(code.find_first_not_of("0123456789") == std::string::npos);
  CHECK(office.verify(code) == Verdict::right);
  CHECK(office.verify(code) == Verdict::none);
}

TEST_CASE("A-28: a code is good for ten minutes, for its purpose and its number") {
  Office office;
  const std::string code = office.send();
  CHECK(office.verify(code, "reset") == Verdict::none);
  CHECK(office.codes.verify("+919800000002", "login", code, office.now) == Verdict::none);
  office.now = kStart + kSmsCodeLifetime - Duration{1};
  SECTION("its last millisecond") { CHECK(office.verify(code) == Verdict::right); }
  SECTION("the one behind it") {
    office.now = office.now + Duration{1};
    CHECK(office.verify(code) == Verdict::none);
  }
}

TEST_CASE("A-28: the fifth wrong code uses the record up, and the right one comes too late") {
  Office office;
  const std::string code = office.send();
  for (int i = 1; i < kSmsAttemptsMax; ++i)
    CHECK(office.verify(Office::other_than(code)) == Verdict::wrong);
  SECTION("the fifth is right") { CHECK(office.verify(code) == Verdict::right); }
  SECTION("the fifth is wrong") {
    CHECK(office.verify(Office::other_than(code)) == Verdict::used_up);
    CHECK(office.verify(code) == Verdict::none);
  }
}

TEST_CASE("A-28: of two valid codes the most recent counts, and the older one behind it") {
  Office office;
  const std::string first = office.send();
  const std::string second = office.send();
  REQUIRE(first != second);
  CHECK(office.verify(first) == Verdict::wrong);
  CHECK(office.verify(second) == Verdict::right);
  CHECK(office.verify(first) == Verdict::right);
}

TEST_CASE("A-29: a number begins with +") {
  Office office;
  for (const char* number :
       {"919800000001", "", "+", "+12345", "+1234567890123456", "+91 98000001", "0091980000001"}) {
    CAPTURE(number);
    CHECK(office.codes.send(number, "login", office.now) == Sent::bad_number);
  }
  CHECK(office.codes.send("+123456", "login", office.now) == Sent::sent);
  CHECK(office.records() == 1);
}

TEST_CASE("A-30: a message that nobody took is told, and leaves no code") {
  Office office;
  std::vector<Sms> tried;
  office.codes.set_sink([&](const Sms& sms) {
    tried.push_back(sms);
    return false;
  });
  CHECK(office.codes.send(kNumber, "login", office.now) == Sent::failed);
  REQUIRE(tried.size() == 1);
  CHECK(tried[0].phone_number == kNumber);
  CHECK(tried[0].purpose == "login");
  CHECK(office.verify(tried[0].code) == Verdict::none);
  CHECK_FALSE(office.codes.last(kNumber));
}

TEST_CASE("A-31: records older than seven days are forgotten, younger ones stay") {
  Office office;
  (void)office.send();
  office.now = kStart + std::chrono::hours{1};
  (void)office.send();
  office.now = kStart + kSmsRecordAge;
  CHECK(office.codes.clean_up(office.now) == 0);
  CHECK(office.codes.clean_up(office.now + Duration{1}) == 1);
  CHECK(office.records() == 1);
  office.now = office.now + std::chrono::hours{2};
  (void)office.send();  // sending cleans up
  CHECK(office.records() == 1);
}

TEST_CASE("INV-A15: an hour has five messages for a number, so that tries are bounded too") {
  Office office;
  for (int i = 0; i < kSmsSendsPerHour; ++i) (void)office.send();
  CHECK(office.codes.send(kNumber, "login", office.now) == Sent::too_many);
  CHECK(office.codes.send("+919800000002", "login", office.now) == Sent::sent);
  office.now = kStart + std::chrono::hours{1};
  CHECK(office.codes.send(kNumber, "login", office.now) == Sent::sent);
}

TEST_CASE("INV-X1: no code stands in the database in clear") {
  Office office;
  const std::string code = office.send();
  Query row(office.database, "SELECT code FROM sms_codes");
  REQUIRE(row.step());
  CHECK(row.text(0).size() == 64);
  CHECK(row.text(0) != code);
}

TEST_CASE("INV-A15: the development code opens nothing where nobody asked for it") {
  Office office;
  CHECK(office.verify("000000") == Verdict::none);
  (void)office.send();
  CHECK(office.verify("000000") == Verdict::wrong);
  CHECK(office.log.empty());
}

TEST_CASE("A-30: with development codes it is taken, no message is sent, and each use is logged") {
  Office office(true);
  bool was_sent = false;
  office.codes.set_sink([&](const Sms&) { return was_sent = true; });
  CHECK(office.codes.send(kNumber, "login", office.now) == Sent::sent);
  CHECK_FALSE(was_sent);
  CHECK(office.verify("123456") == Verdict::none);
  CHECK(office.verify("000000") == Verdict::right);
  CHECK(office.verify("000000") == Verdict::right);
  REQUIRE(office.log.size() == 3);
  CHECK(office.log[1].find("was taken for +919800000001") != std::string::npos);
}

}  // namespace
}  // namespace landfall::backend
