#include "ui_imgui/model/code_book.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace landfall::ui {
namespace {

using nlohmann::json;

constexpr std::size_t kMentionsMax = 6;
constexpr std::size_t kLikeMax = 8;

std::string trimmed(std::string_view words) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!words.empty() && is_space(words.front())) words.remove_prefix(1);
  while (!words.empty() && is_space(words.back())) words.remove_suffix(1);
  return std::string{words};
}

// What a code is made of. A full stop behind it ends a sentence.
bool is_part_of_code(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const auto c = static_cast<unsigned char>(text[at]);
  if (std::isalnum(c) != 0 || c == '_') return true;
  return c == '.' && at + 1 < text.size() &&
         std::isalnum(static_cast<unsigned char>(text[at + 1])) != 0;
}

bool names_code(std::string_view text, const std::string& code) {
  for (auto at = text.find(code); at != text.npos; at = text.find(code, at + 1)) {
    const bool begins = at == 0 || !is_part_of_code(text, at - 1);
    if (begins && !is_part_of_code(text, at + code.size())) return true;
  }
  return false;
}

// Every text below `value` that names the code, with the way to it.
void gather(const json& value, const std::string& path, const std::string& code,
            std::vector<CodeMention>& mentions) {
  if (mentions.size() >= kMentionsMax) return;
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (names_code(text, code)) mentions.push_back({path, text});
  } else if (value.is_structured()) {
    for (const auto& [key, below] : value.items())
      gather(below, value.is_array() ? path : path + ", " + key, code, mentions);
  }
}

std::vector<CodeMention> mentions_of(const json& api, const std::string& code) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kChapters{
      {{"events", "event "}, {"replies", "reply to "}, {"questions", "question "}}};
  std::vector<CodeMention> mentions;
  const json none = json::object();
  for (const auto& [chapter, prefix] : kChapters) {
    const json entries = api.value(chapter, none);
    for (const auto& [name, entry] : entries.items()) gather(entry, prefix + name, code, mentions);
  }
  return mentions;
}

void gather_like(const json& codes, const std::string& part, std::vector<std::string>& like) {
  for (const auto& [code, says] : codes.items()) {
    const bool is_new = std::find(like.begin(), like.end(), code) == like.end();
    if (is_new && like.size() < kLikeMax && code.find(part) != std::string::npos)
      like.push_back(code);
  }
}

}  // namespace

CodeView CodeBook::look_up(const std::string& code) const {
  CodeView view;
  view.code = trimmed(code);
  if (view.code.empty()) return view;
  const json none = json::object();
  const json errors = api_.value("errors", none), causes = api_.value("causes", none);
  if (const auto cause = causes.find(view.code); cause != causes.end()) {
    view.is_cause = true;
    view.says = cause->value("says", "");
    view.helps = cause->value("helps", "");
  }
  if (const auto error = errors.find(view.code); error != errors.end()) {
    view.is_error = true;
    view.error_says = error->get<std::string>();
  }
  view.mentions = mentions_of(api_, view.code);
  if (view.is_cause || view.is_error || !view.mentions.empty()) return view;
  gather_like(errors, view.code, view.like);
  gather_like(causes, view.code, view.like);
  return view;
}

}  // namespace landfall::ui
