#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/http2_talk.hpp"
#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {
namespace {

using transport::TransportOptions;

// Every deadline long but for the one under test.
TransportOptions patient() {
  TransportOptions options;
  options.http_version = profile::HttpVersion::http_2;
  options.connect_timeout = options.connect_attempt = kLong;
  options.handshake_timeout = options.headers_timeout = options.idle_timeout = kLong;
  return options;
}

constexpr Duration kShort{60};

using Script = std::function<void(Http2Talk& talk, std::size_t connection)>;

// Speaks HTTP/2 on every connection, and waits for the client to leave when the script is over.
class Http2Server final {
 public:
  explicit Http2Server(Script script, Http2Peer::Settings settings = {})
      : server_([script = std::move(script), settings = std::move(settings)](
                    Peer& peer, std::size_t connection) {
          Http2Talk talk(peer, settings);
          script(talk, connection);
          talk.wait_until_left();
        }) {}

  [[nodiscard]] ScriptedServer& operator*() { return server_; }
  [[nodiscard]] std::string origin() const { return "http://" + server_.authority(); }
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

 private:
  ScriptedServer server_;
};

http::Response ok(std::string body) { return {200, {}, std::move(body)}; }

void answer_all(Http2Talk& talk) {
  while (const auto incoming = talk.read_request())
    talk.respond(incoming->stream, ok("for " + incoming->request.body));
}

// Answers one request, and does something with the next.
Script one_then(std::function<void(Http2Talk& talk, std::int32_t stream)> then) {
  return [then = std::move(then)](Http2Talk& talk, std::size_t connection) {
    const auto first = talk.read_request();
    if (!first) return;
    talk.respond(first->stream, ok("first"));
    if (connection > 0) return answer_all(talk);
    if (const auto second = talk.read_request()) then(talk, second->stream);
    talk.flush();
  };
}

// To the first request of each connection.
Script instead_of_an_answer(std::function<void(Http2Talk& talk, std::int32_t stream)> then) {
  return [then = std::move(then)](Http2Talk& talk, std::size_t) {
    if (const auto incoming = talk.read_request()) then(talk, incoming->stream);
    talk.flush();
  };
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint8_t stream,
                  const std::string& payload = "") {
  std::string text{'\0',
                   '\0',
                   static_cast<char>(payload.size()),
                   static_cast<char>(type),
                   static_cast<char>(flags),
                   '\0',
                   '\0',
                   '\0',
                   static_cast<char>(stream)};
  return text + payload;
}

}  // namespace

TEST_CASE("http2: a request arrives field by field, and so does its answer") {
  http::Request seen;
  Http2Server server([&](Http2Talk& talk, std::size_t) {
    const auto incoming = talk.read_request();
    seen = incoming->request;
    talk.respond(incoming->stream,
                 {201, {{"content-type", "application/json"}, {"x-trace", "t1"}}, "[1]"});
  });
  Caller caller(server.origin(), patient());
  const auto answer = caller.call({"POST",
                                   "/api/thing?a=b",
                                   {{"X-Device-Id", "d1"},
                                    {"Accept-Encoding", "gzip"},
                                    {"Content-Length", "999"},
                                    {"Host", "elsewhere"},
                                    {"Connection", "close"},
                                    {"Transfer-Encoding", "chunked"}},
                                   "{\"a\":1}"});
  REQUIRE(answer.response.has_value());
  CHECK(answer.response->status == 201);
  CHECK(http::find_header(answer.response->headers, "Content-Type") == "application/json");
  CHECK(http::find_header(answer.response->headers, "X-Trace") == "t1");
  CHECK(answer.response->headers.size() == 2);
  CHECK(answer.response->body == "[1]");
  CHECK(seen.headers == http::Headers{{":method", "POST"},
                                      {":scheme", "http"},
                                      {":authority", (*server).authority()},
                                      {":path", "/api/thing?a=b"},
                                      {"x-device-id", "d1"},
                                      {"content-length", "7"}});
  CHECK(seen.body == "{\"a\":1}");
}

TEST_CASE("http2: what was said before costs next to nothing, also behind a hundred requests") {
  constexpr std::size_t kRequests = 100;
  std::vector<std::size_t> sizes;
  std::vector<http::Headers> seen;
  Http2Server server([&](Http2Talk& talk, std::size_t) {
    while (const auto incoming = talk.read_request()) {
      sizes.push_back(incoming->bytes);
      seen.push_back(incoming->request.headers);
      talk.respond(incoming->stream, ok("fine"));
    }
  });
  const std::string token = "Bearer " + std::string(400, 't');
  Caller caller(server.origin(), patient());
  for (std::size_t i = 0; i < kRequests; ++i) {
    http::Request request = post_request("");
    request.headers.emplace_back("Authorization", token);
    request.headers.emplace_back("X-Request-Id", "request-" + std::to_string(1'000 + i));
    CHECK(caller.outcome(std::move(request)) == "200 fine");
  }
  CHECK(server.connections() == 1);
  REQUIRE(sizes.size() == kRequests);
  CHECK(sizes.front() > token.size());
  // The frame's head, nine numbers at most, the id that is another each time, and what is said of
  // settings and windows.
  for (std::size_t i = 1; i < kRequests; ++i) CHECK(sizes[i] < 60);
  for (std::size_t i = 0; i < kRequests; ++i) {
    CHECK(http::find_header(seen[i], "authorization") == token);
    CHECK(http::find_header(seen[i], "x-request-id") == "request-" + std::to_string(1'000 + i));
  }
}

TEST_CASE("http2: a server that remembers less, or nothing, is heeded") {
  const std::uint32_t table_bytes = GENERATE(0U, 100U, 65'536U);
  Http2Server server([](Http2Talk& talk, std::size_t) { answer_all(talk); },
                     {{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, table_bytes}});
  Caller caller(server.origin(), patient());
  for (int i = 0; i < 4; ++i) {
    http::Request request = post_request(std::to_string(i));
    request.headers.emplace_back("Authorization", "Bearer " + std::string(40, 't'));
    CHECK(caller.outcome(std::move(request)) == "200 for " + std::to_string(i));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("http2: headers that fill more than a frame arrive whole") {
  const std::string value(40'000, 'v');
  http::Headers seen;
  Http2Server server([&](Http2Talk& talk, std::size_t) {
    const auto incoming = talk.read_request();
    seen = incoming->request.headers;
    talk.respond(incoming->stream, ok("fine"));
  });
  Caller caller(server.origin(), patient());
  http::Request request = post_request("body");
  request.headers.emplace_back("X-Long", value);
  CHECK(caller.outcome(std::move(request)) == "200 fine");
  CHECK(http::find_header(seen, "x-long") == value);
  CHECK(http::find_header(seen, "x-device-id") == "d1");
}

TEST_CASE("http2: bodies larger than a frame and than the windows arrive whole, both ways") {
  std::string body;
  for (int i = 0; body.size() < 5'000'000; ++i) body += std::to_string(i);
  Http2Server server([](Http2Talk& talk, std::size_t) {
    while (const auto incoming = talk.read_request())
      talk.respond(incoming->stream, ok(incoming->request.body));
  });
  Caller caller(server.origin(), patient());
  for (int i = 0; i < 2; ++i)
    CHECK((caller.outcome(post_request(body), kLong, body.size()) == "200 " + body));
  CHECK(server.connections() == 1);
}

TEST_CASE("http2: a response beyond a limit is not read to its end") {
  constexpr std::size_t kMax = 10'000;
  http::Response response = ok("");
  std::string expected = "too_large";
  SECTION("a body") { response.body = std::string(kMax + 1, 'x'); }
  SECTION("a body that fits") {
    response.body = std::string(kMax, 'x');
    expected = "200 " + response.body;
  }
  SECTION("a body that is not there yet") {
    response.headers = {{"content-length", std::to_string(kMax + 1)}};
  }
  SECTION("a header") { response.headers = {{"x-long", std::string(9'000, 'x')}}; }
  SECTION("many headers") {
    for (int i = 0; i < 101; ++i) response.headers.emplace_back("x-" + std::to_string(i), "");
  }
  SECTION("as many headers as may be") {
    for (int i = 0; i < 100; ++i) response.headers.emplace_back("x-" + std::to_string(i), "");
    expected = "200 ";
  }
  Http2Server server(instead_of_an_answer([&](Http2Talk& talk, std::int32_t stream) {
    const bool is_promise = !response.headers.empty() && response.body.empty() &&
                            response.headers.front().first == "content-length";
    is_promise ? talk.peer().respond_in_part(stream, response)
               : talk.peer().respond(stream, response);
  }));
  Caller caller(server.origin(), patient());
  CHECK(caller.outcome(post_request(), kLong, kMax) == expected);
}

TEST_CASE("http2: an answer to HEAD has a length and no body") {
  Http2Server server(instead_of_an_answer([](Http2Talk& talk, std::int32_t stream) {
    talk.peer().respond(stream, {200, {{"content-length", "5000000"}}, ""});
  }));
  Caller caller(server.origin(), patient());
  CHECK(caller.outcome({"HEAD", "/", {}, ""}, kLong, 1'000) == "200 ");
}

TEST_CASE("http2: answers before the real one are passed over, as many as may be") {
  const int count = GENERATE(4, 5);
  Http2Server server(instead_of_an_answer([&](Http2Talk& talk, std::int32_t stream) {
    for (int i = 0; i < count; ++i) talk.peer().inform(stream, 103);
    talk.peer().respond(stream, ok("real"));
  }));
  Caller caller(server.origin(), patient());
  CHECK(caller.outcome() == (count == 4 ? "200 real" : "cut"));
}

TEST_CASE("http2: a request that the server did nothing with goes once more, by a fresh way") {
  const bool says_goodbye = GENERATE(true, false);
  const auto refuse = [&](Http2Talk& talk, std::int32_t stream) {
    if (says_goodbye) return talk.peer().go_away(stream - 2);
    talk.peer().reset(stream, NGHTTP2_REFUSED_STREAM);
  };
  SECTION("on a kept connection") {
    Http2Server server(one_then(refuse));
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome() == "200 first");
    CHECK(caller.outcome() == "200 first");
    CHECK(server.connections() == 2);
  }
  SECTION("a fresh one is not replaced") {
    Http2Server server([&](Http2Talk& talk, std::size_t) {
      const auto incoming = talk.read_request();
      says_goodbye ? talk.peer().go_away(0)
                   : talk.peer().reset(incoming->stream, NGHTTP2_REFUSED_STREAM);
      talk.flush();
    });
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome() == "not_sent");
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("http2: what the server may have looked at is not sent again") {
  SECTION("a stream that is reset") {
    Http2Server server(one_then([](Http2Talk& talk, std::int32_t stream) {
      talk.peer().reset(stream, NGHTTP2_INTERNAL_ERROR);
    }));
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome() == "200 first");
    CHECK(caller.outcome() == "silent");
    CHECK(server.connections() == 1);
  }
  SECTION("a refusal behind the beginning of an answer") {
    Http2Server server(one_then([](Http2Talk& talk, std::int32_t stream) {
      talk.peer().respond_in_part(stream, ok("half"));
      talk.flush();
      talk.peer().reset(stream, NGHTTP2_REFUSED_STREAM);
    }));
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome() == "200 first");
    CHECK(caller.outcome() == "cut");
    CHECK(server.connections() == 1);
  }
  SECTION("a goodbye that lets it in, and the end") {
    ScriptedServer server([](Peer& peer, std::size_t) {
      Http2Talk talk(peer);
      const auto incoming = talk.read_request();
      talk.peer().go_away(incoming->stream);
      talk.flush();
    });
    Caller caller("http://" + server.authority(), patient());
    CHECK(caller.outcome() == "silent");
  }
}

TEST_CASE("http2: a goodbye that lets the request in does not take its answer away") {
  Http2Server server([](Http2Talk& talk, std::size_t) {
    const auto incoming = talk.read_request();
    talk.peer().go_away(incoming->stream);
    talk.flush();
    talk.respond(incoming->stream, ok("the last"));
  });
  Caller caller(server.origin(), patient());
  for (std::size_t i = 1; i <= 3; ++i) {
    CHECK(caller.outcome() == "200 the last");
    CHECK(server.connections() == i);
  }
}

TEST_CASE("http2: what a server says between two calls is heard before the next") {
  std::promise<void> answered;
  std::promise<void> said;
  std::atomic<int> requests = 0;
  const bool says_goodbye = GENERATE(true, false);
  Http2Server server([&](Http2Talk& talk, std::size_t connection) {
    const auto first = talk.read_request();
    talk.respond(first->stream, ok("first"));
    if (connection > 0) return;
    answered.get_future().wait();
    says_goodbye ? talk.peer().go_away(first->stream) : talk.peer().ping();
    talk.flush();
    said.set_value();
    while (const auto next = talk.read_request()) {
      ++requests;
      talk.respond(next->stream, ok("next"));
    }
  });
  Caller caller(server.origin(), patient());
  CHECK(caller.outcome() == "200 first");
  answered.set_value();
  said.get_future().get();
  CHECK(caller.outcome() == (says_goodbye ? "200 first" : "200 next"));
  CHECK(server.connections() == (says_goodbye ? 2U : 1U));
  CHECK(requests == (says_goodbye ? 0 : 1));
}

TEST_CASE("http2: a kept connection that the server closed is replaced") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    Http2Talk talk(peer);
    const auto incoming = talk.read_request();
    talk.respond(incoming->stream, ok("once"));
  });
  Caller caller("http://" + server.authority(), patient());
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(caller.outcome() == "200 once");
    server.wait_for_ended(i + 1);  // the server has closed
  }
  CHECK(server.connections() == 5);
}

TEST_CASE("http2: an answer that breaks off is a cut") {
  const auto begin = [](Http2Talk& talk, std::int32_t stream) {
    talk.peer().respond_in_part(stream, ok("half"));
    talk.flush();
  };
  SECTION("by a reset") {
    Http2Server server(instead_of_an_answer([&](Http2Talk& talk, std::int32_t stream) {
      begin(talk, stream);
      talk.peer().reset(stream, NGHTTP2_INTERNAL_ERROR);
    }));
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome() == "cut");
  }
  SECTION("by the end of the connection") {
    ScriptedServer server([&](Peer& peer, std::size_t) {
      Http2Talk talk(peer);
      if (const auto incoming = talk.read_request()) begin(talk, incoming->stream);
    });
    Caller caller("http://" + server.authority(), patient());
    CHECK(caller.outcome() == "cut");
  }
  SECTION("by silence") {
    Http2Server server(instead_of_an_answer(begin));
    TransportOptions options = patient();
    options.idle_timeout = kShort;
    Caller caller(server.origin(), options);
    CHECK(caller.outcome() == "cut");
  }
  SECTION("by another length than it said") {
    Http2Server server(instead_of_an_answer([](Http2Talk& talk, std::int32_t stream) {
      talk.peer().respond(stream, {200, {{"content-length", "10"}}, "half"});
    }));
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome() == "cut");
  }
}

TEST_CASE("http2: a server that says nothing of the request is silent") {
  SECTION("until the headers are due") {
    Http2Server server([](Http2Talk& talk, std::size_t) { talk.wait_until_left(); });
    TransportOptions options = patient();
    options.headers_timeout = kShort;
    Caller caller(server.origin(), options);
    CHECK(caller.outcome() == "silent");
    (*server).wait_for_ended(1);
  }
  SECTION("however much it has to say about the connection") {
    Http2Server server([](Http2Talk& talk, std::size_t) {
      do talk.peer().ping();
      while (talk.pump());
    });
    TransportOptions options = patient();
    options.headers_timeout = kShort;
    Caller caller(server.origin(), options);
    const auto began = std::chrono::steady_clock::now();
    CHECK(caller.outcome() == "silent");
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{40});
  }
  SECTION("until the whole call is over") {
    Http2Server server([](Http2Talk& talk, std::size_t) { talk.wait_until_left(); });
    Caller caller(server.origin(), patient());
    CHECK(caller.outcome(post_request(), kShort) == "silent");
  }
  SECTION("and closes") {
    ScriptedServer server([](Peer& peer, std::size_t) { Http2Talk(peer).read_request(); });
    Caller caller("http://" + server.authority(), patient());
    CHECK(caller.outcome() == "silent");
  }
}

TEST_CASE("http2: bytes that are no HTTP/2 are a cut") {
  const std::string empty_settings = frame(NGHTTP2_SETTINGS, 0, 0);
  std::string continued = empty_settings + frame(NGHTTP2_HEADERS, 0, 1);
  for (int i = 0; i < 1'000; ++i) continued += frame(NGHTTP2_CONTINUATION, 0, 1);
  const std::vector<std::string> answers = {
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      // A body without a head, a block that is none, a promise that nobody wants, and headers
      // without an end.
      empty_settings + frame(NGHTTP2_DATA, 0, 1, "body"),
      empty_settings + frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, "\xff\xff\xff\xff\xff"),
      empty_settings + frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0) +
          frame(NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, std::string("\0\0\0\x02", 4)),
      continued,
  };
  for (std::size_t i = 0; i < answers.size(); ++i) {
    INFO(i);
    ScriptedServer server([&](Peer& peer, std::size_t) {
      (void)peer.read_some();
      peer.write(answers[i]);
      peer.wait_until_left();
    });
    Caller caller("http://" + server.authority(), patient());
    CHECK(caller.outcome() == "cut");
    server.wait_for_ended(1);
  }
}

TEST_CASE("http2: an early refusal of a large body is heard, and its connection not used again") {
  Http2Server server([](Http2Talk& talk, std::size_t) {
    while (talk.peer().begun() == 0 && talk.pump()) {
    }
    talk.respond(talk.peer().begun(), {413, {}, ""});
  });
  Caller caller(server.origin(), patient());
  CHECK(caller.outcome(post_request(std::string(8U << 20U, 'x'))) == "413 ");
  CHECK(caller.outcome(post_request(std::string(8U << 20U, 'x'))) == "413 ");
  CHECK(server.connections() == 2);
}

}  // namespace landfall::testing
