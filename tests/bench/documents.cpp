#include "tests/bench/documents.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "engine/base/random.hpp"
#include "simulator/backend/seed_names.hpp"

namespace landfall::bench {
namespace {

constexpr std::size_t kDocuments = 1'000;
constexpr std::size_t kLongBytes = 300;  // from here on a document says who sells, and when

constexpr std::array<std::string_view, 12> kWords{"urgent", "deliver", "before",  "noon",
                                                  "to",     "gate",    "two",     "call",
                                                  "the",    "store",   "invoice", "follows"};

template <std::size_t N>
std::string pick(Random& random, const std::array<std::string_view, N>& from) {
  return std::string{from[random.below(N)]};
}

std::string number_text(Random& random, std::int64_t low, std::int64_t high) {
  return std::to_string(random.between(low, high));
}

std::string id_text(Random& random) {
  std::array<char, 37> text{};
  const auto high = static_cast<unsigned long long>(random.next());
  const auto low = static_cast<unsigned long long>(random.next());
  std::snprintf(text.data(), text.size(), "%08llx-%04llx-4%03llx-a%03llx-%012llx", high >> 32U,
                high >> 16U & 0xffffU, high & 0xfffU, low >> 48U & 0xfffU,
                low & 0xffff'ffff'ffffULL);
  return text.data();
}

std::string time_text(Random& random) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "2026-%02d-%02dT%02d:%02d:%02d.%03dZ",
                static_cast<int>(random.between(1, 12)), static_cast<int>(random.between(1, 28)),
                static_cast<int>(random.between(0, 23)), static_cast<int>(random.between(0, 59)),
                static_cast<int>(random.between(0, 59)), static_cast<int>(random.between(0, 999)));
  return text.data();
}

std::string line_text(Random& random, std::size_t line_no) {
  return R"({"line_no":)" + std::to_string(line_no) + R"(,"material":")" +
         pick(random, backend::kMaterials) + R"(","quantity":)" + number_text(random, 1, 200) +
         R"(,"unit_price":)" + number_text(random, 50, 9'000) + "}";
}

std::string remark_text(Random& random, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += pick(random, kWords) + " ";
  text.resize(bytes);
  return text;
}

}  // namespace

std::string document_data(std::size_t bytes, std::size_t number) {
  Random random(number);
  const bool is_long = bytes >= kLongBytes;
  std::string head = R"({"amount":)" + number_text(random, 10'000, 9'000'000);
  if (is_long) head += R"(,"created_at":")" + time_text(random) + "\"";
  head += R"(,"currency":"INR","lines":[)";
  std::string tail = R"(],"number":"PO-2026-)" + number_text(random, 1'000, 9'999) +
                     R"(","project":")" + pick(random, backend::kProjects) + R"(","remark":")";
  std::string end = R"(","status":"dispatched",)";
  if (is_long) end += R"("vendor":")" + pick(random, backend::kVendorNames) + R"(",)";
  end += R"("vendor_id":")" + id_text(random) + R"("})";
  const std::size_t around = head.size() + tail.size() + end.size();
  if (around > bytes) throw std::runtime_error("a document has no room for its members");
  std::string lines;
  for (std::size_t line_no = 1;; ++line_no) {
    const std::string line = (line_no > 1 ? "," : "") + line_text(random, line_no);
    if (around + lines.size() + line.size() > bytes) break;
    lines += line;
  }
  return head + lines + tail + remark_text(random, bytes - around - lines.size()) + end;
}

DocumentShelf::DocumentShelf() {
  for (std::size_t i = 0; i < kDocuments; ++i) data_.push_back(document_data(kDocumentBytes, i));
}

}  // namespace landfall::bench
