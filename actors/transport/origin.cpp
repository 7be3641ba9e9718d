#include "actors/transport/origin.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <arpa/inet.h>

namespace landfall::transport {
namespace {

constexpr std::uint16_t kTlsPort = 443;
constexpr std::uint16_t kCleartextPort = 80;
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

// Letters, digits and inner hyphens.
bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_number(std::string_view label) {
  return std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A name whose last label is a number would be read as an address by some and as a name by others
// ("127.1"), so it must be a whole address.
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > kHostBytesMax) return false;
  std::string_view label;
  for (std::string_view rest = host; !rest.empty() || label.empty();) {
    const std::size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
    if (rest.empty()) return false;
  }
  return !is_number(label);
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || !is_number(text) || text.front() == '0')
    return std::nullopt;
  std::uint32_t port = 0;
  for (const char c : text) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  if (port > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::string to_lower(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

tl::unexpected<Error> invalid(const char* what) {
  return failure(ErrorClass::invalid, "origin.invalid", what);
}

// The host and what follows it.
std::optional<std::pair<std::string, std::string_view>> split_host(std::string_view authority) {
  if (!authority.starts_with('[')) {
    const std::size_t end = std::min(authority.find(':'), authority.size());
    std::string host = to_lower(authority.substr(0, end));
    if (!is_name(host) && !is_ipv4(host)) return std::nullopt;
    return std::pair{std::move(host), authority.substr(end)};
  }
  const std::size_t end = authority.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  std::string host = to_lower(authority.substr(1, end - 1));
  if (!is_ipv6(host)) return std::nullopt;
  return std::pair{std::move(host), authority.substr(end + 1)};
}

}  // namespace

bool Origin::is_loopback() const {
  if (host == "localhost" || (host.starts_with("127.") && is_ipv4(host))) return true;
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
}

std::string Origin::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? kTlsPort : kCleartextPort)) text += ":" + std::to_string(port);
  return text;
}

Result<Origin> parse_origin(std::string_view text) {
  constexpr std::string_view kTls = "https://";
  constexpr std::string_view kCleartext = "http://";
  Origin origin;
  origin.tls = text.starts_with(kTls);
  if (!origin.tls && !text.starts_with(kCleartext)) return invalid("expected https:// or http://");
  text.remove_prefix(origin.tls ? kTls.size() : kCleartext.size());
  auto split = split_host(text);
  if (!split) return invalid("expected a host name or an address");
  origin.host = std::move(split->first);
  origin.port = origin.tls ? kTlsPort : kCleartextPort;
  if (split->second.empty()) return origin;
  const auto port = port_of(split->second.substr(1));
  if (split->second.front() != ':' || !port) return invalid("expected a port and nothing more");
  origin.port = *port;
  return origin;
}

}  // namespace landfall::transport
