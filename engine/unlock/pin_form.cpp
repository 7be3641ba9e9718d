#include "engine/unlock/pin_form.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace landfall::unlock {
namespace {

// What is left of the published lists of leaked PINs once the patterns below are taken out.
constexpr std::array<std::string_view, 24> kCommon = {
    "0852",   "1004",   "1230",   "1342",   "2580",   "4071",   "5683",   "6969",
    "8520",   "0007",   "112233", "123321", "131313", "147258", "159357", "159753",
    "258456", "292513", "456852", "520131", "666999", "696969", "789456", "987789"};

bool is_block_repeated(std::string_view pin, std::size_t length) {
  if (pin.size() % length != 0 || pin.size() == length) return false;
  for (std::size_t i = length; i < pin.size(); ++i) {
    if (pin[i] != pin[i - length]) return false;
  }
  return true;
}

// Also over the end of the digits: 7890 and 3210 are rows to a thumb.
bool is_row(std::string_view pin, int step) {
  for (std::size_t i = 1; i < pin.size(); ++i) {
    if ((pin[i] - pin[i - 1] - step) % 10 != 0) return false;
  }
  return true;
}

bool is_year(std::string_view pin) {
  return pin.size() == 4 && (pin.starts_with("19") || pin.starts_with("20"));
}

}  // namespace

bool is_well_formed(const profile::PinRules& rules, std::string_view pin) {
  return pin.size() >= rules.digits_min && pin.size() <= rules.digits_max &&
         std::all_of(pin.begin(), pin.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_easy_to_guess(std::string_view pin) {
  return is_block_repeated(pin, 1) || is_block_repeated(pin, 2) || is_block_repeated(pin, 3) ||
         is_row(pin, 1) || is_row(pin, -1) || is_year(pin) ||
         std::find(kCommon.begin(), kCommon.end(), pin) != kCommon.end();
}

Status check_new_pin(const profile::PinRules& rules, const Secret<std::string>& pin,
                     std::string_view field) {
  const std::string at{field};
  if (!is_well_formed(rules, pin.reveal())) {
    const std::string least = std::to_string(rules.digits_min);
    const std::string most = std::to_string(rules.digits_max);
    const std::string length = least == most ? least : least + " to " + most;
    return failure(
        Error{ErrorClass::invalid, "pin.malformed", "must be " + length + " digits", at});
  }
  if (is_easy_to_guess(pin.reveal())) {
    return failure(Error{ErrorClass::invalid, "pin.weak",
                         "is among the first that anybody would try; choose another", at});
  }
  return {};
}

}  // namespace landfall::unlock
