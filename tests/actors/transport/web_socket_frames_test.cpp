#include <catch2/catch.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include <openssl/sha.h>

#include "actors/transport/http_transport.hpp"
#include "engine/base/base64.hpp"
#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/scripted_server.hpp"

// Bad input, row "SignalR/WebSocket", below the hub's protocol: frames as bytes. What a record of
// the hub may be is hub_message_test's. Whatever comes, the socket ends with one event that says
// how, and nothing of a bad frame is handed on.
namespace landfall::testing {
namespace {

using actors::SocketEnd;
using actors::SocketEvent;
using Kind = SocketEvent::Kind;

constexpr std::size_t kMessageMax = 1'024;

std::string accept_of(const std::string& upgrade) {
  constexpr const char* kName = "Sec-WebSocket-Key: ";
  const std::size_t at = upgrade.find(kName);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + std::string{kName}.size();
  const std::string text = upgrade.substr(begin, upgrade.find("\r\n", begin) - begin) +
                           "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_base64(std::as_bytes(std::span(digest)));
}

std::string frame(unsigned char first, const std::string& payload, bool masked = false) {
  std::string bytes(1, static_cast<char>(first));
  const unsigned char mask_bit = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask_bit | payload.size());
  } else {
    bytes += static_cast<char>(mask_bit | 126U);
    bytes += static_cast<char>(payload.size() >> 8U);
    bytes += static_cast<char>(payload.size() & 0xFFU);
  }
  // A mask of zeros leaves the payload as it is.
  if (masked) bytes += std::string(4, '\0');
  return bytes + payload;
}

constexpr unsigned char kText = 0x81;

std::string close_frame(unsigned code) {
  const std::string bytes{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  return frame(0x88, bytes + "going away");
}

// A server that takes the upgrade, writes these bytes and waits; the client's events, in order.
class Rig final {
 public:
  explicit Rig(std::string bytes, bool right_accept = true)
      : server_([bytes = std::move(bytes), right_accept](Peer& peer, std::size_t) {
          const std::string accept = accept_of(peer.read_request());
          peer.write(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
              (right_accept ? accept : "AAAAAAAAAAAAAAAAAAAAAAAAAAA=") + "\r\n\r\n");
          peer.write(bytes);
          peer.wait_until_left();
        }),
        transport_(*transport::parse_origin("http://" + server_.authority()), clock_) {
    transport_.open_socket(1, {"GET", "/hub", {}, ""}, kLong, kMessageMax,
                           [this](SocketEvent event) {
                             const std::lock_guard lock(mutex_);
                             events_.push_back(std::move(event));
                             changed_.notify_all();
                           });
  }

  SocketEvent next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !events_.empty(); });
    SocketEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  SocketEvent read() {
    transport_.read_socket(1);
    return next();
  }
  // What came instead of a text.
  SocketEnd end() {
    const SocketEvent event = read();
    CHECK(event.kind == Kind::ended);
    return event.end;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<SocketEvent> events_;
  RealClock clock_;
  ScriptedServer server_;
  transport::HttpTransport transport_;  // goes first: its thread uses the rest
};

}  // namespace

TEST_CASE("SignalR/WebSocket: whole and split texts arrive, pings in between do not") {
  Rig rig(frame(kText, "{}\x1e") + frame(0x89, "ping") + frame(0x01, "{\"ty") + frame(0x89, "") +
          frame(0x80, "pe\":6}\x1e"));
  REQUIRE(rig.next().kind == Kind::opened);
  CHECK(rig.read().text == "{}\x1e");
  CHECK(rig.read().text == "{\"type\":6}\x1e");
}

TEST_CASE("SignalR/WebSocket: a frame against the rules cuts the socket") {
  const std::string bytes =
      GENERATE(frame(kText, "masked", true),          // a server masks nothing
               frame(0xC1, "compressed"),             // nothing was negotiated
               frame(0x83, "reserved"),               // an opcode of nobody's
               frame(0x8B, "reserved control"),       // nor this one
               frame(0x80, "goes on with nothing"),   // a continuation that continues nothing
               frame(0x01, "a") + frame(kText, "b"),  // a text inside a text
               frame(0x09, "a ping in pieces"),       // control frames are whole
               frame(0x89, std::string(126, 'p')),    // and short
               frame(0x88, "\x03"),                   // a close with half a code
               frame(kText, "\xC3\x28"),              // no UTF-8
               frame(kText, "\xED\xA0\x80"),          // half a surrogate
               frame(0x01, "\xF0\x9F") + frame(0x80, "x"));  // a character that breaks off
  Rig rig(bytes);
  REQUIRE(rig.next().kind == Kind::opened);
  CHECK(rig.end() == SocketEnd::cut);
}

TEST_CASE("SignalR/WebSocket: a message beyond its bound is too large, whole, split or announced") {
  const std::string most(kMessageMax, 'x');
  SECTION("at its bound") {
    Rig rig(frame(kText, most));
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.read().text == most);
  }
  SECTION("one byte more") {
    Rig rig(frame(kText, most + "x"));
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.end() == SocketEnd::too_large);
  }
  SECTION("in pieces") {
    Rig rig(frame(0x01, most) + frame(0x80, "x"));
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.end() == SocketEnd::too_large);
  }
  SECTION("of four exabytes") {
    Rig rig(std::string{"\x81\x7f\x3f\xff\xff\xff\xff\xff\xff\xff", 10});
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.end() == SocketEnd::too_large);
  }
}

TEST_CASE("SignalR/WebSocket: binary is not what was asked for, and a close is a close") {
  SECTION("binary") {
    Rig rig(frame(0x82, "{}\x1e"));
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.end() == SocketEnd::not_text);
  }
  SECTION("close") {
    const unsigned code = GENERATE(1000U, 1001U, 1008U, 1011U, 1012U, 3000U, 4000U);
    Rig rig(close_frame(code));
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.end() == SocketEnd::closed);
  }
  SECTION("close with a code that nobody may send") {
    const unsigned code = GENERATE(0U, 999U, 1004U, 1005U, 1006U, 1015U, 2999U);
    Rig rig(close_frame(code));
    REQUIRE(rig.next().kind == Kind::opened);
    CHECK(rig.end() == SocketEnd::cut);
  }
}

TEST_CASE("SignalR/WebSocket: an upgrade whose proof is wrong opens nothing") {
  Rig rig(frame(kText, "{}\x1e"), false);
  CHECK(rig.next().kind == Kind::ended);
}

}  // namespace landfall::testing
