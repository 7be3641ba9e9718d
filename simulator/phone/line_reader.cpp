#include "simulator/phone/line_reader.hpp"

#include <algorithm>
#include <utility>

namespace landfall::phone {

void LineReader::append(std::string_view part) {
  line_ += part.substr(0, std::min(part.size(), line_bytes_max_ + 1 - line_.size()));
}

std::vector<std::string> LineReader::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    append(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    for (auto& line : this->end()) lines.push_back(std::move(line));
  }
  append(bytes);
  return lines;
}

std::vector<std::string> LineReader::end() {
  if (line_.empty()) return {};
  return {std::exchange(line_, {})};
}

}  // namespace landfall::phone
