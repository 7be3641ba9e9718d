#include "simulator/backend/cursor.hpp"

#include <charconv>

#include "simulator/backend/jwt.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kCheckLength = 16;

std::string check_of(const Cursor& cursor, std::string_view numbers, std::string_view secret) {
  return hs256(cursor.scope + "|" + cursor.user_id + "|" + std::string{numbers}, secret)
      .substr(0, kCheckLength);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string encode_cursor(const Cursor& cursor, std::string_view secret) {
  const std::string numbers = std::to_string(cursor.seq) + "." + std::to_string(cursor.full_until);
  return numbers + "." + check_of(cursor, numbers, secret);
}

std::optional<Cursor> decode_cursor(std::string_view text, std::string_view scope,
                                    std::string_view user_id, std::string_view secret) {
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto seq = number(text.substr(0, first));
  const auto full_until = number(text.substr(first + 1, last - first - 1));
  if (!seq || !full_until) return std::nullopt;
  Cursor cursor{std::string{scope}, std::string{user_id}, *seq, *full_until};
  if (encode_cursor(cursor, secret) != text) return std::nullopt;
  return cursor;
}

}  // namespace landfall::backend
