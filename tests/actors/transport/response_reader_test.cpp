#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "actors/transport/response_reader.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {
namespace {

using State = ResponseReader::State;
using http::TransportFailure;

constexpr std::size_t kBodyMax = 1'000;

// What a reader makes of a text: the response or the failure, in one comparable line.
std::string outcome(ResponseReader& reader) {
  if (reader.state() != State::complete) {
    switch (reader.failure()) {
      case TransportFailure::silent:
        return "silent";
      case TransportFailure::cut:
        return "cut";
      case TransportFailure::too_large:
        return "too_large";
      default:
        return "wrong";
    }
  }
  const bool reusable = reader.is_reusable();
  const http::Response response = reader.take();
  std::string text = std::to_string(response.status) + (reusable ? " reusable" : " once");
  for (const auto& [name, value] : response.headers) text += " " + name + "=" + value;
  return text + " [" + response.body + "]";
}

// The text in pieces of `size` bytes; `closes` when the server closes after it.
std::string read_in_pieces(const std::string& text, std::size_t size, bool closes) {
  ResponseReader reader(false, kBodyMax);
  for (std::size_t at = 0; at < text.size() && reader.state() < State::complete; at += size) {
    reader.feed(std::string_view(text).substr(at, size));
  }
  if (closes) reader.end();
  return outcome(reader);
}

// The same whichever way the bytes are split.
std::string read_all(const std::string& text, bool closes = true) {
  const std::string whole = read_in_pieces(text, text.size() + 1, closes);
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 7U, 16U, 64U}) {
    CHECK(read_in_pieces(text, size, closes) == whole);
  }
  return whole;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";

}  // namespace

TEST_CASE("a response is its status, its headers and its body") {
  CHECK(read_all(kOk + "Content-Length: 5\r\nX-A: b\r\n\r\nhello") ==
        "200 reusable Content-Length=5 X-A=b [hello]");
  CHECK(read_all("HTTP/1.1 204 No Content\r\n\r\n") == "204 reusable []");
  CHECK(read_all(kOk + "Content-Length: 0\r\nConnection: close\r\n\r\n") ==
        "200 once Content-Length=0 Connection=close []");
  CHECK(read_all("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx") ==
        "200 once Content-Length=1 [x]");
}

TEST_CASE("a chunked body is put together, and its trailers are no headers") {
  const std::string head = kOk + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(read_all(head + "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n") ==
        "200 reusable Transfer-Encoding=chunked [abcde]");
  CHECK(read_all(head + "0\r\n\r\n") == "200 reusable Transfer-Encoding=chunked []");
  CHECK(read_all(head + "1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n") ==
        "200 reusable Transfer-Encoding=chunked [a]");
}

TEST_CASE("a body without a length ends when the server closes") {
  CHECK(read_all(kOk + "\r\nhello") == "200 once [hello]");
  CHECK(read_all(kOk + "\r\nhello", false) == "cut");
}

TEST_CASE("nothing at all is silence, a part of a response is a cut") {
  CHECK(read_all("") == "silent");
  CHECK(read_all("HTTP/1.1 20") == "cut");
  CHECK(read_all(kOk + "Content-Length: 5\r\n") == "cut");
  CHECK(read_all(kOk + "Content-Length: 5\r\n\r\nhell") == "cut");
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel") == "cut");
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n") == "cut");
}

TEST_CASE("what is no HTTP, or means two things, is a cut") {
  const std::vector<std::string> texts = {
      "SSH-2.0-OpenSSH_9.2p1\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "\r\n\r\n\r\n\r\n",
      kOk + "Content-Length: 5\nX: y\r\n\r\nhello",
      kOk + "Content-Length: -1\r\n\r\n",
      kOk + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      kOk + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      kOk + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
      kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n",
      kOk + "no colon here\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
  };
  for (const auto& text : texts) {
    INFO(text);
    CHECK(read_all(text) == "cut");
  }
}

TEST_CASE("HTTP framing: a body in a coding that nobody offered is a cut, and never handed on") {
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "identity",
                             "chunked;q=1", "\"chunked\""}) {
    INFO(coding);
    CHECK(read_all(kOk + "Transfer-Encoding: " + coding + "\r\n\r\n2\r\nok\r\n0\r\n\r\n") == "cut");
  }
  CHECK(read_all(kOk + "Transfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n") ==
        "200 reusable Transfer-Encoding=CHUNKED [ok]");
}

TEST_CASE("HTTP framing: lengths that are none, that disagree or that overflow are a cut") {
  for (const char* length : {"+2", "0x2", "", "2 3", "2, 3", "-0", "99999999999999999999999"}) {
    INFO(length);
    CHECK(read_all(kOk + "Content-Length: " + length + "\r\n\r\nok") == "cut");
  }
  // The same length twice says one thing.
  CHECK(read_all(kOk + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok").ends_with("[ok]"));
  const std::string both = kOk + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n";
  CHECK(read_all(both + "5\r\nhello\r\n0\r\n\r\n") == "cut");
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "2\r\nok\r\n0\r\n\r\n") == "cut");
}

TEST_CASE("HTTP framing: chunks against their rules are a cut") {
  const std::string head = kOk + "Transfer-Encoding: chunked\r\n\r\n";
  for (const char* chunks : {"-2\r\nok\r\n0\r\n\r\n", "fffffffffffffffff\r\nok\r\n0\r\n\r\n",
                             "2\r\nokX0\r\n\r\n", "2\nok\n0\n\n", "\r\nok\r\n0\r\n\r\n",
                             "0x2\r\nok\r\n0\r\n\r\n", "2\r\nok\r\n0\r\nno colon\r\n\r\n"}) {
    INFO(chunks);
    CHECK(read_all(head + chunks) == "cut");
  }
  CHECK(read_all(head + "ffffffffffffffff\r\nok") == "too_large");
}

TEST_CASE("HTTP framing: endless trailers are refused, in one piece as in many") {
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: " +
                 std::string(20'000, 't') + "\r\n\r\n") == "too_large");
}

TEST_CASE("HTTP framing: heads with bytes that end a line early, or of no known HTTP, are a cut") {
  for (const std::string& text :
       {std::string{"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"},
        kOk + "X: a\rb\r\nContent-Length: 2\r\n\r\nok",
        kOk + std::string("X: a\0b\r\n", 8) + "Content-Length: 2\r\n\r\nok",
        kOk + "Content-Length : 2\r\n\r\nok", kOk + ": v\r\nContent-Length: 2\r\n\r\nok",
        std::string{"HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nok"},
        std::string{"HTTP/1.1 2000 X\r\nContent-Length: 2\r\n\r\nok"},
        std::string{"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok"},
        std::string{"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok"},
        std::string{"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}}) {
    INFO(text);
    CHECK(read_all(text) == "cut");
  }
}

TEST_CASE("HTTP framing: a header in several lines is one of one line, or no answer at all") {
  CHECK(read_all(kOk + "X: a\r\n b\r\n\tc\r\nContent-Length: 2\r\n\r\nok") ==
        "200 reusable X=a b c Content-Length=2 [ok]");
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\n , gzip\r\n\r\n2\r\nok\r\n0\r\n\r\n") ==
        "cut");
  CHECK(read_all(kOk + " X: a\r\nContent-Length: 2\r\n\r\nok") == "cut");
}

TEST_CASE("HTTP framing: a second response behind the first is nobody's answer") {
  ResponseReader reader(false, kBodyMax);
  reader.feed(kOk + "Content-Length: 2\r\n\r\nok" + kOk + "Content-Length: 4\r\n\r\nevil");
  CHECK(outcome(reader) == "200 once Content-Length=2 [ok]");
}

TEST_CASE("a body beyond the route's limit is too large, whichever way its length is told") {
  const std::string body(kBodyMax + 1, 'x');
  CHECK(read_all(kOk + "Content-Length: 1001\r\n\r\n" + body) == "too_large");
  CHECK(read_all(kOk + "Content-Length: 18446744073709551615\r\n\r\n" + body) == "too_large");
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + body) == "too_large");
  CHECK(read_all(kOk + "\r\n" + body) == "too_large");
  const std::string most(kBodyMax, 'x');
  CHECK(read_all(kOk + "Content-Length: 1000\r\n\r\n" + most).starts_with("200 reusable"));
}

TEST_CASE("headers are bounded together, also when they come one by one") {
  std::string many = kOk;
  while (many.size() <= limits::kResponseHeaderBytesMax)
    many += "X-Filler: " + std::string(80, 'f') + "\r\n";
  CHECK(read_all(many + "\r\n") == "too_large");
  CHECK(read_all(kOk + "X: " + std::string(limits::kResponseHeaderBytesMax, 'x')) == "too_large");

  std::string short_ones = kOk;
  for (std::size_t i = 0; i <= limits::kResponseHeadersMax; ++i) short_ones += "A: b\r\n";
  CHECK(read_all(short_ones + "\r\n") == "too_large");

  // An endless answer, a whole line at a time.
  ResponseReader reader(false, kBodyMax);
  reader.feed(kOk);
  std::size_t lines = 0;
  while (reader.state() == State::head && ++lines < 10'000) reader.feed("X-Line: 1\r\n");
  CHECK(reader.state() == State::failed);
  CHECK(lines < 1'000);
}

TEST_CASE("an endless chunk extension is refused") {
  CHECK(read_all(kOk + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'e')) ==
        "too_large");
}

TEST_CASE("interim answers are passed over, a flood of them is a cut") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  const std::string real = kOk + "Content-Length: 2\r\n\r\nok";
  CHECK(read_all("HTTP/1.1 100 Continue\r\n\r\n" + interim + real) ==
        "200 reusable Content-Length=2 [ok]");
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += interim;
  CHECK(read_all(flood + real) == "cut");
}

TEST_CASE("a connection with a byte too many carries no second request") {
  ResponseReader reader(false, kBodyMax);
  reader.feed(kOk + "Content-Length: 2\r\n\r\nok!");
  REQUIRE(reader.state() == State::complete);
  CHECK_FALSE(reader.is_reusable());
}

TEST_CASE("the answer to HEAD has no body") {
  ResponseReader reader(true, kBodyMax);
  reader.feed(kOk + "Content-Length: 5000000\r\n\r\n");
  CHECK(reader.state() == State::complete);
  CHECK(reader.is_reusable());
}

}  // namespace landfall::transport
