#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <regex>
#include <string_view>

namespace landfall::tidy {
namespace {

using Findings = std::vector<Finding>;

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder);
}

bool is_below_any(std::string_view path, const std::vector<std::string_view>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return is_below(path, folder); });
}

bool is_header(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".h"); }

// ---- includes ----------------------------------------------------------------------------------

// A header that only some folders may include. An empty `only_for` means the whole tree.
struct HeaderRule {
  std::string_view rule;
  std::string_view header;  // a regular expression over the whole name
  std::string_view only_for;
  std::vector<std::string_view> allowed;
  std::string_view why;
};

const std::vector<HeaderRule>& header_rules() {
  static const std::vector<HeaderRule> rules = {
      {"caf-include",
       "caf/.*",
       "",
       {"actors/", "simulator/world/", "tests/actors/", "tests/simulator/", "tests/threads/"},
       "CAF's spelling changes between releases and stays in actors/ and simulator/world/"},
      {"socket-include",
       "boost/(beast|asio)(/.*|\\.hpp)",
       "",
       {"actors/transport/", "simulator/net/"},
       "sockets belong to actors/transport/ and simulator/net/"},
      {"http2-include",
       "nghttp2/.*",
       "",
       {"actors/transport/", "tests/"},
       "HTTP/2 belongs to actors/transport/, as sockets do"},
      {"window-include",
       "GLFW/.*|GL/.*|OpenGL/.*|backends/imgui_impl_.*|png\\.h",
       "",
       {"ui_imgui/main/"},
       "the window and its picture belong to ui_imgui/main/: panels draw without one"},
      {"imgui-include",
       "(imgui|imgui_internal|imgui_stdlib|imgui_freetype)\\.h",
       "",
       {"ui_imgui/draw/", "ui_imgui/panels/", "ui_imgui/main/", "tests/ui_imgui/"},
       "what is drawn is the business of ui_imgui/; its model draws nothing"},
      {"panel-include",
       "(schema|engine|actors|mobile_glue|simulator|ui_imgui/model)/.*",
       "ui_imgui/panels/",
       {},
       "a panel draws a snapshot and returns commands: it knows nothing of the world behind them"},
      {"thread-include",
       "thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token"
       "|pthread\\.h",
       "engine/",
       {},
       "the engine has no threads: concurrency is the business of actors/"},
      {"atomic-include",
       "atomic|stdatomic\\.h",
       "engine/",
       {"engine/store/", "engine/base/json_text."},
       "the engine has no threads; several reach only what engine/store shows its readers, and the "
       "parsers that are kept for the next text"},
      {"random-include",
       "random",
       "engine/",
       {"engine/base/random."},
       "draws come from engine/base/random.hpp, which replays under every compiler"},
      {"clock-include",
       "ctime|time\\.h|sys/time\\.h",
       "engine/",
       {},
       "the engine reads no clock: `now` is an argument"},
      {"network-include",
       "sys/socket\\.h|netinet/.*|arpa/inet\\.h|netdb\\.h|poll\\.h|sys/epoll\\.h",
       "engine/",
       {},
       "the engine has no sockets: it returns effects"},
      {"sqlite-include",
       "sqlite3\\.h|SQLiteCpp/.*",
       "",
       {"engine/store/", "simulator/", "tests/"},
       "SQLite is touched through engine/store alone"},
  };
  return rules;
}

void check_headers(const SourceFile& file, const std::vector<Include>& includes, Findings& found) {
  for (const HeaderRule& rule : header_rules()) {
    if (!rule.only_for.empty() && !is_below(file.path, rule.only_for)) continue;
    if (is_below_any(file.path, rule.allowed)) continue;
    const std::regex header{std::string(rule.header)};
    for (const Include& include : includes) {
      if (!std::regex_match(include.header, header)) continue;
      found.push_back({file.path, include.line, std::string(rule.rule), std::string(rule.why)});
    }
  }
}

// The folders from the bottom of the house to its top; tests see all of them.
constexpr std::array<std::string_view, 7> kLayers = {
    "schema/", "engine/", "actors/", "mobile_glue/", "simulator/", "ui_imgui/", "tests/"};

std::size_t layer_of(std::string_view path) {
  const auto layer = std::find_if(kLayers.begin(), kLayers.end(),
                                  [&](std::string_view folder) { return is_below(path, folder); });
  return static_cast<std::size_t>(std::distance(kLayers.begin(), layer));
}

void check_direction(const SourceFile& file, const std::vector<Include>& includes,
                     Findings& found) {
  const std::size_t own = layer_of(file.path);
  // An example is a host: it sees the installed header and nothing of the house.
  if (own == kLayers.size() || is_below(file.path, "mobile_glue/examples/")) return;
  for (const Include& include : includes) {
    const std::size_t other = layer_of(include.header);
    if (other == kLayers.size()) {
      if (!include.quoted) continue;
      found.push_back({file.path, include.line, "include-path",
                       "quoted includes name the project's files from its root"});
    } else if (other > own) {
      found.push_back({file.path, include.line, "link-direction",
                       std::string(kLayers[own]) + " must not know " + std::string(kLayers[other]) +
                           ": dependencies point downwards"});
    }
  }
}

// ---- code --------------------------------------------------------------------------------------

struct CodeRule {
  std::string_view rule;
  std::string_view pattern;
  std::string_view only_for;
  std::vector<std::string_view> allowed;
  std::string_view why;
};

const std::vector<CodeRule>& code_rules() {
  static const std::vector<CodeRule> rules = {
      {"sleep",
       R"(\b(sleep_for|sleep_until|usleep|nanosleep)\b|(^|[;{}(=,!]|::|\breturn)\s*sleep\s*\()",
       "",
       {},
       "a sleep is a race that passes; wait for the event, or let virtual time run"},
      {"clock",
       R"(\b(system_clock|steady_clock|high_resolution_clock|utc_clock|file_clock)\b|::now\s*\()"
       R"(|\b(gettimeofday|clock_gettime|timespec_get)\b|(^|[^\w.>])time\s*\(\s*(NULL|nullptr|0)\s*\))",
       "engine/",
       {},
       "the engine reads no clock: `now` is an argument"},
      {"random",
       R"(\brandom_device\b|\bmt19937|\b\w+_distribution\b|\b(s?rand|rand_r|drand48|arc4random)\s*\()"
       R"(|\bstd::shuffle\b)",
       "engine/",
       {"engine/base/random."},
       "draws come from engine/base/random.hpp, which replays under every compiler"},
      {"thread",
       R"(\bstd::(jthread|thread|mutex|recursive_mutex|async|future|promise|condition_variable)\b)"
       R"(|\bthread_local\b)",
       "engine/",
       {},
       "the engine has no threads: concurrency is the business of actors/"},
  };
  return rules;
}

void check_code(const SourceFile& file, Findings& found) {
  for (const CodeRule& rule : code_rules()) {
    if (!rule.only_for.empty() && !is_below(file.path, rule.only_for)) continue;
    if (is_below_any(file.path, rule.allowed)) continue;
    const std::regex pattern{std::string(rule.pattern)};
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      if (!std::regex_search(file.code[i], pattern)) continue;
      found.push_back(
          {file.path, static_cast<int>(i) + 1, std::string(rule.rule), std::string(rule.why)});
    }
  }
}

// ---- form --------------------------------------------------------------------------------------

constexpr std::size_t kColumns = 100;

// Counts characters, not bytes: a dash or an accent is one column.
std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void check_line_length(const SourceFile& file, Findings& found) {
  bool raw = false;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    // The formatter leaves raw literals alone, and so does this rule: their text has its own width.
    const bool starts_raw = file.code[i].find("R\"") != std::string::npos;
    const bool all_text = file.code[i].find_first_not_of(' ') == std::string::npos &&
                          file.uttered[i].find_first_not_of(' ') != std::string::npos;
    raw = starts_raw || (raw && all_text);
    if (raw || columns_of(file.lines[i]) <= kColumns) continue;
    found.push_back({file.path, static_cast<int>(i) + 1, "line-length",
                     "a line has at most " + std::to_string(kColumns) +
                         " columns; `make format` wraps what it can"});
  }
}

void check_header_form(const SourceFile& file, Findings& found) {
  if (!is_header(file.path)) return;
  static const std::regex once(R"(^\s*#\s*pragma\s+once\b)");
  static const std::regex guard(R"(^\s*#\s*ifndef\s+LANDFALL_)");
  static const std::regex using_namespace(R"(^\s*using\s+namespace\b)");
  const bool is_c = file.path.ends_with(".h");
  const bool guarded = std::any_of(file.code.begin(), file.code.end(), [&](const auto& line) {
    return std::regex_search(line, once) || (is_c && std::regex_search(line, guard));
  });
  if (!guarded) {
    found.push_back({file.path, 1, "pragma-once", "a header starts with #pragma once"});
  }
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (!std::regex_search(file.code[i], using_namespace)) continue;
    found.push_back({file.path, static_cast<int>(i) + 1, "using-namespace",
                     "a using directive in a header reaches everybody who includes it"});
  }
}

void check_test_is_built(const SourceFile& file, const Project& project, Findings& found) {
  static const std::regex test_case(R"(^\s*(TEST_CASE|SCENARIO|TEMPLATE_TEST_CASE)\b)");
  const auto line = std::find_if(file.code.begin(), file.code.end(), [](const auto& code) {
    return std::regex_search(code, test_case);
  });
  if (line == file.code.end()) return;
  const bool globbed =
      file.path.ends_with(".cpp") &&
      std::any_of(project.test_folders.begin(), project.test_folders.end(),
                  [&](const auto& folder) { return is_below(file.path, "tests/" + folder + "/"); });
  if (globbed) return;
  found.push_back({file.path, static_cast<int>(std::distance(file.code.begin(), line)) + 1,
                   "test-not-built",
                   "test cases live in .cpp files below a folder that tests/CMakeLists.txt globs"});
}

void check_unfinished(const SourceFile& file, Findings& found) {
  static const std::regex mark(
      "\\b(TO"
      "DO|FIX"
      "ME)\\b");
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    if (!std::regex_search(file.lines[i], mark)) continue;
    found.push_back({file.path, static_cast<int>(i) + 1, "unfinished",
                     "do it or leave it out; a note in the source is found by nobody"});
  }
}

// ---- unordered containers ----------------------------------------------------------------------

// Names that are declared as unordered containers: the last word before a declaration's end.
std::vector<std::string> unordered_names(const SourceFile& file) {
  static const std::regex declared(
      R"(\bunordered_(multi)?(map|set)<.*>\s*[&*]?\s*(\w+)\s*[;={(,)])");
  std::vector<std::string> names;
  for (const std::string& line : file.code) {
    std::smatch match;
    if (std::regex_search(line, match, declared)) names.push_back(match[3]);
  }
  return names;
}

void find_iteration(const SourceFile& file, const std::string& name, Findings& found) {
  const std::regex iterates("\\bfor\\s*\\([^;]*:\\s*\\*?(\\w+(\\.|->))*" + name + "\\s*\\)|\\b" +
                            name + "(\\.|->)c?begin\\s*\\(");
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (!std::regex_search(file.code[i], iterates)) continue;
    found.push_back({file.path, static_cast<int>(i) + 1, "unordered-iteration",
                     "the order of `" + name + "` differs between standard libraries"});
  }
}

}  // namespace

std::vector<Finding> check_source(const SourceFile& file, const Project& project) {
  Findings found;
  const std::vector<Include> includes = includes_of(file);
  check_headers(file, includes, found);
  check_direction(file, includes, found);
  check_code(file, found);
  check_line_length(file, found);
  check_header_form(file, found);
  check_test_is_built(file, project, found);
  check_unfinished(file, found);
  return found;
}

std::vector<Finding> check_unordered_iteration(const SourceFile& header, const SourceFile& source) {
  Findings found;
  if (!is_below(source.path, "engine/") && !is_below(header.path, "engine/")) return found;
  std::vector<std::string> names = unordered_names(header);
  for (std::string& name : unordered_names(source)) names.push_back(std::move(name));
  for (const std::string& name : names) {
    find_iteration(header, name, found);
    find_iteration(source, name, found);
  }
  return found;
}

std::vector<Finding> check_text(const SourceFile& file) {
  Findings found;
  check_unfinished(file, found);
  const bool is_build_file = file.path.ends_with(".cmake") || file.path.ends_with(".sh") ||
                             file.path.ends_with("CMakeLists.txt");
  if (is_build_file) check_line_length(file, found);
  return found;
}

}  // namespace landfall::tidy
