#include "engine/unlock/pin_form.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "engine/unlock/lockout.hpp"
#include "tests/engine/unlock/three_apps.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::unlock;

TEST_CASE("what a PIN may be made of is the profile's word (P-22, A-51, A-55, C-1)") {
  const Profile prokure = loaded(profile_with(prokure_unlock()));
  const Profile almafrica = loaded(profile_with(almafrica_unlock()));
  const auto& six = *prokure.unlock.pin;
  const auto& four = *almafrica.unlock.pin;
  CHECK(is_well_formed(six, "481629"));
  CHECK(is_well_formed(four, "4816"));
  CHECK(is_well_formed(four, "481629"));
  CHECK_FALSE(is_well_formed(six, "4816"));
  for (const std::string wrong : {"", "481", "4816297", "48162a", "48162 ", "٤٨١٦٢٩"}) {
    INFO(wrong);
    CHECK_FALSE(is_well_formed(four, wrong));
  }
}

TEST_CASE("PINs that anybody would try first are refused by all apps (C-1)") {
  for (const std::string weak :
       {"0000", "9999", "000000", "1234", "123456", "6543", "987654", "7890", "3210", "1212",
        "121212", "123123", "1987", "2004", "2580", "112233", "159753"}) {
    INFO(weak);
    CHECK(is_easy_to_guess(weak));
  }
  for (const std::string good : {"4816", "481629", "50273", "270519", "1357"}) {
    INFO(good);
    CHECK_FALSE(is_easy_to_guess(good));
  }
}

TEST_CASE("a refused PIN is named by its field and never by its digits") {
  const Profile profile = loaded(profile_with(prokure_unlock()));
  for (const std::string pin : {"48162", "111111"}) {
    const auto status = check_new_pin(*profile.unlock.pin, Secret<std::string>{pin}, "params.pin");
    REQUIRE_FALSE(status);
    CHECK(status.error().field == "params.pin");
    CHECK(status.error().message.find(pin) == std::string::npos);
    CHECK(status.error().code == (pin.size() == 5 ? "pin.malformed" : "pin.weak"));
  }
}

TEST_CASE("the ladder is the profile's: 30 s, 1 min, 5 min, 15 min, 15 min, end (A-54, C-2)") {
  const Profile profile = loaded(profile_with(almafrica_unlock()));
  const auto& rules = *profile.unlock.pin;
  const std::int64_t expected_s[] = {0, 0, 0, 0, 0, 30, 60, 300, 900, 900};
  for (int failures = 0; failures < 10; ++failures) {
    INFO(failures);
    CHECK(wait_after(rules, failures) == std::chrono::seconds{expected_s[failures]});
    CHECK_FALSE(is_hard_locked(rules, failures));
  }
  CHECK(is_hard_locked(rules, 10));
}

TEST_CASE("ProKure's ladder waits fifteen minutes from the fifth failure on (P-24)") {
  const Profile profile = loaded(profile_with(prokure_unlock()));
  const auto& rules = *profile.unlock.pin;
  CHECK(wait_after(rules, 4) == Duration{0});
  for (int failures = 5; failures < 10; ++failures)
    CHECK(wait_after(rules, failures) == std::chrono::minutes{15});
  CHECK(is_hard_locked(rules, 10));
}
