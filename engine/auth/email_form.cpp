#include "engine/auth/email_form.hpp"

#include <algorithm>
#include <cstddef>

#include "schema/limits.hpp"

namespace landfall::auth {
namespace {

constexpr std::size_t kLabelBytesMax = 63;

bool is_letter_or_digit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || byte >= 0x80;
}

bool is_local_char(char c) {
  constexpr std::string_view kAtoms = "!#$%&'*+-/=?^_`{|}~.";
  return is_letter_or_digit(c) || kAtoms.find(c) != std::string_view::npos;
}

bool has_sound_dots(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-';
         });
}

// At least two labels: nobody has an address at a top level, and "ann@example" is a slip.
bool is_domain(std::string_view domain) {
  std::size_t labels = 0;
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2;
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || text.size() > limits::kEmailBytesMax) return false;
  const std::string_view local = text.substr(0, at);
  return local.size() <= limits::kEmailLocalBytesMax && has_sound_dots(local) &&
         std::all_of(local.begin(), local.end(), is_local_char) && is_domain(text.substr(at + 1));
}

}  // namespace landfall::auth
