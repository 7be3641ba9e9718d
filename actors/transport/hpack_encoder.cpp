#include "actors/transport/hpack_encoder.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace landfall::transport {
namespace {

// The first bits of a field's form (RFC 7541, section 6).
struct Form {
  unsigned bits;
  unsigned number_bits;
};
constexpr Form kNumbered{0x80, 7};
constexpr Form kToBeRemembered{0x40, 6};
constexpr Form kTableSize{0x20, 5};
constexpr Form kPassing{0x00, 4};
constexpr Form kText{0x00, 7};  // as it is, not Huffman-coded

// The table that both sides have from the start comes first; none of it is used, because what
// stands in it is said once a connection.
constexpr std::size_t kFirstNumber = 62;
constexpr std::size_t kFieldOverhead = 32;

std::size_t bytes_of(const std::pair<std::string, std::string>& field) {
  return field.first.size() + field.second.size() + kFieldOverhead;
}

void put_number(std::string& block, Form form, std::size_t number) {
  const std::size_t most = (std::size_t{1} << form.number_bits) - 1;
  if (number < most) {
    block += static_cast<char>(form.bits | number);
    return;
  }
  block += static_cast<char>(form.bits | most);
  for (number -= most; number >= 0x80; number >>= 7U)
    block += static_cast<char>(0x80U | (number & 0x7fU));
  block += static_cast<char>(number);
}

void put_text(std::string& block, std::string_view text) {
  put_number(block, kText, text.size());
  block += text;
}

}  // namespace

std::string HpackEncoder::encode(const http::Headers& headers) {
  std::string block;
  if (const auto least = std::exchange(unsaid_min_, std::nullopt)) {
    if (*least < table_bytes_max_) put_number(block, kTableSize, *least);
    put_number(block, kTableSize, table_bytes_max_);
  }
  for (const auto& field : headers) encode_field(block, field);
  return block;
}

void HpackEncoder::encode_field(std::string& block, const Field& field) {
  const auto same = std::find(table_.begin(), table_.end(), field);
  const bool is_worth = is_worth_a_number(field);
  const auto number_of = [&](auto at) {
    return kFirstNumber + static_cast<std::size_t>(at - table_.begin());
  };
  if (same != table_.end()) return put_number(block, kNumbered, number_of(same));
  const auto named = std::find_if(table_.begin(), table_.end(),
                                  [&](const Field& known) { return known.first == field.first; });
  put_number(block, is_worth ? kToBeRemembered : kPassing,
             named == table_.end() ? 0 : number_of(named));
  if (named == table_.end()) put_text(block, field.first);
  put_text(block, field.second);
  if (is_worth) remember(field);
}

bool HpackEncoder::is_worth_a_number(const Field& field) {
  // One that fills much of the table drives the others out.
  if (bytes_of(field) > table_bytes_max_ * 3 / 4) return false;
  const std::size_t value = std::hash<std::string>{}(field.second);
  const auto last = std::find_if(lasts_.begin(), lasts_.end(),
                                 [&](const auto& known) { return known.first == field.first; });
  if (last == lasts_.end()) {
    lasts_.emplace_back(field.first, value);
    return true;
  }
  return std::exchange(last->second, value) == value;
}

void HpackEncoder::remember(const Field& field) {
  evict_beyond(table_bytes_max_ - bytes_of(field));
  table_.push_front(field);
  table_bytes_ += bytes_of(field);
}

void HpackEncoder::evict_beyond(std::size_t bytes) {
  while (table_bytes_ > bytes) {
    table_bytes_ -= bytes_of(table_.back());
    table_.pop_back();
  }
}

void HpackEncoder::set_table_bytes_max(std::size_t bytes) {
  bytes = std::min(bytes, kTableBytesMax);
  if (bytes == table_bytes_max_) return;
  table_bytes_max_ = bytes;
  unsaid_min_ = std::min(bytes, unsaid_min_.value_or(bytes));
  evict_beyond(bytes);
}

}  // namespace landfall::transport
