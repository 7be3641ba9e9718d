#include "simulator/demo/display.hpp"

#include <algorithm>
#include <array>

namespace landfall::demo {
namespace {

constexpr std::chrono::milliseconds kTick{100};
// A line fits a terminal of 100 columns.
constexpr std::size_t kTextColumns = 74;
constexpr std::size_t kWidth = 100;

struct Voice {
  const char* name;
  const char* colour;
};

constexpr std::array<Voice, 6> kVoices{{{"", "\x1b[1m"},
                                        {"user", "\x1b[36m"},
                                        {"phone", ""},
                                        {"network", "\x1b[33m"},
                                        {"server", "\x1b[32m"},
                                        {"other", "\x1b[35m"}}};

constexpr const char* kPlain = "\x1b[0m";

const char* colour_of(const std::string& state) {
  if (state == "applied") return "\x1b[32m";
  if (state == "conflict" || state == "rejected" || state == "failed") return "\x1b[31m";
  if (state == "sending" || state == "unknown") return "\x1b[33m";
  return "";
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

std::string fitted(std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  std::size_t cut_at = 0;  // where the last column begins
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (++width == columns) cut_at = at;
  }
  if (width > columns) return std::string(text.substr(0, cut_at)) + "…";
  return std::string(text) + std::string(columns - width, ' ');
}

Display::Display(std::FILE* output, bool is_live, const glue::DeviceClock& clock)
    : output_(output), is_live_(is_live), clock_(clock) {
  if (!is_live_) return;
  std::fputs("\x1b[?25l", output_);  // no cursor
  ticker_ = std::thread([this] { tick(); });
}

Display::~Display() { end(); }

std::chrono::milliseconds Display::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               since_);
}

std::string Display::clocks() const {
  std::array<char, 64> text{};
  const double seconds = std::chrono::duration<double>(elapsed()).count();
  std::snprintf(text.data(), text.size(), "%6.2fs %s ", seconds,
                format_rfc3339(clock_.now()).substr(11, 8).c_str());
  return text.data();
}

void Display::say(Who who, const std::string& text) {
  const Voice& voice = kVoices.at(static_cast<std::size_t>(who));
  const std::lock_guard lock(mutex_);
  erase_picture();
  std::string line = clocks() + fitted(voice.name, 8);
  std::string words = fitted(text, kTextColumns);
  words.erase(words.find_last_not_of(' ') + 1);
  line += is_live_ ? voice.colour + words + kPlain : words;
  std::fprintf(output_, "%s\n", line.c_str());
  draw_picture();
  std::fflush(output_);
}

void Display::show_operation(const std::string& id, const std::string& label,
                             const std::string& state, int attempts) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.id == id; });
  if (found == rows_.end()) {
    rows_.push_back({id, label, state, attempts});
  } else {
    found->state = state;
    found->attempts = attempts;
  }
}

void Display::show_network(const std::string& state) {
  const std::lock_guard lock(mutex_);
  network_ = state;
}

void Display::show_connectivity(const std::string& state) {
  const std::lock_guard lock(mutex_);
  connectivity_ = state;
}

void Display::erase_picture() {
  if (lines_drawn_ == 0) return;
  std::fprintf(output_, "\x1b[%zuA\x1b[J", lines_drawn_);
  lines_drawn_ = 0;
}

void Display::draw_picture() {
  if (!is_live_ || is_over_) return;
  std::string rule;
  for (std::size_t i = 0; i < kWidth; ++i) rule += "─";
  std::fprintf(output_, "%s\n", rule.c_str());
  std::fprintf(output_, "%s speed %g   network: %s   phone: %s\n", clocks().c_str(), clock_.speed(),
               network_.c_str(), connectivity_.c_str());
  lines_drawn_ = 2;
  for (const Row& row : rows_) {
    std::fprintf(output_, "   %s %s%s%s", fitted(row.label, 48).c_str(), colour_of(row.state),
                 fitted(row.state, 10).c_str(), kPlain);
    std::fprintf(output_, row.attempts > 0 ? " attempts %d\n" : "\n", row.attempts);
    ++lines_drawn_;
  }
}

void Display::tick() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kTick, [this] { return is_over_; })) {
    erase_picture();
    draw_picture();
    std::fflush(output_);
  }
}

void Display::end() {
  {
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
    erase_picture();
    is_over_ = true;
    if (is_live_) std::fputs("\x1b[?25h", output_);
    std::fflush(output_);
  }
  ended_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

}  // namespace landfall::demo
