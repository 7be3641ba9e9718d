#include "tests/tidy/source_file.hpp"

#include <cstddef>
#include <regex>
#include <string_view>
#include <utility>

namespace landfall::tidy {
namespace {

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Copies a text twice, each time leaving out what one view must not see. Blanked characters become
// spaces and line ends stay.
class Blanker final {
 public:
  explicit Blanker(std::string_view text) : text_(text), uttered_(text), code_(text) {}

  void run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        line_comment();
      } else if (starts("/*")) {
        comment_until("*/");
      } else if (starts("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
        raw_literal();
      } else if (text_[at_] == '"') {
        literal('"');
      } else if (text_[at_] == '\'' && (at_ == 0 || !is_word(text_[at_ - 1]))) {
        literal('\'');  // behind a digit it separates thousands
      } else {
        ++at_;
      }
    }
  }

  const std::string& uttered() const { return uttered_; }
  const std::string& code() const { return code_; }

 private:
  bool starts(std::string_view word) const { return text_.substr(at_, word.size()) == word; }

  void blank_comment(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (text_[at_] == '\n') continue;
      uttered_[at_] = ' ';
      code_[at_] = ' ';
    }
  }

  void blank_literal(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') code_[at_] = ' ';
    }
  }

  void line_comment() {
    std::size_t end = text_.find('\n', at_);
    while (end != std::string_view::npos && text_[end - 1] == '\\') end = text_.find('\n', end + 1);
    blank_comment(end == std::string_view::npos ? text_.size() : end);
  }

  void comment_until(std::string_view close) {
    const std::size_t end = text_.find(close, at_ + 2);
    blank_comment(end == std::string_view::npos ? text_.size() : end + close.size());
  }

  void raw_literal() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const std::size_t end = text_.find(close, open);
    at_ += 2;
    blank_literal(end == std::string_view::npos ? text_.size() : end + close.size() - 1);
    if (at_ < text_.size()) ++at_;
  }

  void literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    if (end > text_.size()) end = text_.size();
    ++at_;
    blank_literal(end);
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
  }

  std::string_view text_;
  std::string uttered_;
  std::string code_;
  std::size_t at_ = 0;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  while (from < text.size()) {
    std::size_t end = text.find('\n', from);
    if (end == std::string::npos) end = text.size();
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

}  // namespace

SourceFile read_source(std::string path, const std::string& text) {
  Blanker blanker(text);
  blanker.run();
  return {std::move(path), split(text), split(blanker.uttered()), split(blanker.code())};
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex directive(R"(^\s*#\s*include\s*[<"])");
  static const std::regex header(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(file.code[i], directive)) continue;
    if (!std::regex_search(file.uttered[i], match, header)) continue;
    found.push_back({match[2], match[1] == "\"", static_cast<int>(i) + 1});
  }
  return found;
}

}  // namespace landfall::tidy
