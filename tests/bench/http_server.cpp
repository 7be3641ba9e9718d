#include "tests/bench/http_server.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/reference.h"
#include "tests/http2_peer.hpp"

namespace landfall::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::pair<int, std::uint16_t> listen_on_loopback() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (descriptor < 0 || ::bind(descriptor, general, size) != 0 || ::listen(descriptor, 64) != 0 ||
      ::getsockname(descriptor, general, &size) != 0) {
    throw std::runtime_error("there is no port to listen on");
  }
  return {descriptor, ntohs(address.sin_port)};
}

// Appends what comes next; false when the client has left.
bool read_more(int connection, std::string& text) {
  std::array<char, 65'536> buffer;  // not initialised: it is filled or not read
  ssize_t got = 0;
  do {
    got = ::recv(connection, buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void write_all(int connection, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0 && errno != EINTR) return;
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

http::Request parse_head(std::string_view head) {
  http::Request request;
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t space = line.find(' ');
  request.method = line.substr(0, space);
  request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
  head.remove_prefix(std::min(head.size(), line.size() + 2));
  while (!head.empty()) {
    const std::string_view field = head.substr(0, head.find("\r\n"));
    const std::size_t colon = field.find(": ");
    if (colon != std::string_view::npos)
      request.headers.emplace_back(field.substr(0, colon), field.substr(colon + 2));
    head.remove_prefix(std::min(head.size(), field.size() + 2));
  }
  return request;
}

bool is_gzip(const http::Request& request) {
  return http::find_header(request.headers, "Content-Encoding") == "gzip";
}

// What is no gzip is an empty body, in which no operation is found.
std::string in_clear(std::string_view body, http::Decompressor& decompressor) {
  constexpr std::size_t kBodyBytesMax = std::size_t{16} << 20U;
  return decompressor.gunzip(body, kBodyBytesMax).value_or("");
}

// Names as HTTP/2 has them.
http::Response lower(http::Response response) {
  for (auto& [name, value] : response.headers) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return response;
}

std::string text_of(const http::Response& response) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " -\r\n";
  for (const auto& [name, value] : response.headers) text += name + ": " + value + "\r\n";
  text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n";
  return text + response.body;
}

}  // namespace

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  std::tie(listener_, port_) = listen_on_loopback();
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  for (const int connection : connections_) ::close(connection);
  ::close(listener_);
}

std::string HttpServer::origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

void HttpServer::open_gate() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
  changed_.notify_all();
}

std::uint64_t HttpServer::bytes_to(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, bytes] : bytes_by_target_) {
    if (name == target) return bytes;
  }
  return 0;
}

void HttpServer::accept_all() {
  while (true) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { serve(connection); });
  }
}

void HttpServer::serve(int connection) {
  std::string pending;
  http::Decompressor decompressor;
  constexpr std::string_view kPreface = testing::Http2Peer::kPreface;
  while (pending.size() < kPreface.size() && kPreface.starts_with(pending)) {
    if (!read_more(connection, pending)) return;
  }
  if (pending.starts_with(kPreface))
    return serve_http2(connection, std::move(pending), decompressor);
  while (serve_one(connection, pending, decompressor)) {
  }
}

bool HttpServer::serve_one(int connection, std::string& pending, http::Decompressor& decompressor) {
  if (pending.empty() && !read_more(connection, pending)) return false;
  const std::int64_t at_ns = reference_now_ns();
  std::size_t head_bytes = std::string::npos;
  while ((head_bytes = pending.find(kHeadEnd)) == std::string::npos) {
    if (!read_more(connection, pending)) return false;
  }
  http::Request request = parse_head(std::string_view(pending).substr(0, head_bytes));
  const std::string length = http::header_text(request.headers, "Content-Length");
  const std::size_t whole =
      head_bytes + kHeadEnd.size() + std::strtoul(length.c_str(), nullptr, 10);
  while (pending.size() < whole) {
    if (!read_more(connection, pending)) return false;
  }
  const std::string_view body = std::string_view(pending).substr(
      head_bytes + kHeadEnd.size(), whole - head_bytes - kHeadEnd.size());
  request.body = is_gzip(request) ? in_clear(body, decompressor) : std::string(body);
  pending.erase(0, whole);
  note(request, whole);
  write_all(connection, text_of(handler_(request, at_ns)));
  return true;
}

void HttpServer::serve_http2(int connection, std::string pending,
                             http::Decompressor& decompressor) {
  testing::Http2Peer peer;
  do {
    const std::int64_t at_ns = reference_now_ns();
    if (!peer.feed(pending)) return;
    while (auto incoming = peer.next()) {
      http::Request& request = incoming->request;
      if (is_gzip(request)) request.body = in_clear(request.body, decompressor);
      note(request, incoming->bytes);
      peer.respond(incoming->stream, lower(handler_(request, at_ns)));
    }
    write_all(connection, peer.output());
    pending.clear();
  } while (read_more(connection, pending));
}

void HttpServer::note(const http::Request& request, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  const auto found = std::find_if(bytes_by_target_.begin(), bytes_by_target_.end(),
                                  [&](const auto& each) { return each.first == request.target; });
  if (found == bytes_by_target_.end()) {
    bytes_by_target_.emplace_back(request.target, bytes);
  } else {
    found->second += bytes;
  }
  changed_.wait(lock, [this] { return is_open_ || is_over_; });
}

}  // namespace landfall::bench
