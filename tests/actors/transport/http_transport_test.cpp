#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/http/gzip.hpp"
#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/scripted_server.hpp"
#include "tests/system_locks.hpp"

namespace landfall::testing {
namespace {

using transport::TransportOptions;

std::string ok(const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more +
         "\r\n" + body;
}

// One request, one answer, then the end.
ScriptedServer::Script answer_once(std::string answer) {
  return [answer = std::move(answer)](Peer& peer, std::size_t) {
    peer.read_request();
    peer.write(answer);
  };
}

ScriptedServer::Script answer_always(std::string answer) {
  return [answer = std::move(answer)](Peer& peer, std::size_t) {
    while (!peer.read_request().empty()) peer.write(answer);
  };
}

std::string origin_of(const ScriptedServer& server) { return "http://" + server.authority(); }

// Every deadline long but for the one under test.
TransportOptions patient() {
  TransportOptions options;
  options.connect_timeout = options.connect_attempt = kLong;
  options.handshake_timeout = options.headers_timeout = options.idle_timeout = kLong;
  return options;
}

constexpr Duration kShort{60};

}  // namespace

TEST_CASE("a request goes out as it was given, and framing is the transport's own") {
  std::string seen;
  ScriptedServer server([&](Peer& peer, std::size_t) {
    seen = peer.read_request();
    peer.write(ok("fine"));
    peer.wait_until_left();
  });
  Caller caller(origin_of(server));
  http::Request request{"POST",
                        "/api/thing?a=b",
                        {{"X-Device-Id", "d1"},
                         {"Accept-Encoding", "gzip"},
                         {"Content-Length", "999"},
                         {"Host", "elsewhere"}},
                        "{\"a\":1}"};
  const auto answer = caller.call(request);
  REQUIRE(answer.response.has_value());
  CHECK(answer.response->status == 200);
  CHECK(answer.response->body == "fine");
  CHECK(http::find_header(answer.response->headers, "content-length") == "4");
  CHECK(seen == "POST /api/thing?a=b HTTP/1.1\r\nHost: " + server.authority() +
                    "\r\nX-Device-Id: d1\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE("bodies travel as gzip when the request says so, within the bound of a plain one") {
  constexpr std::size_t kMax = 2'000;
  const std::string body(kMax, 'x');
  http::Compressor compressor;
  http::Decompressor decompressor;
  const auto served = [&](std::size_t bytes) {
    return ok(compressor.gzip(std::string(bytes, 'x')), "Content-Encoding: gzip\r\n");
  };
  std::string seen;
  ScriptedServer server([&](Peer& peer, std::size_t) {
    seen = peer.read_request();
    peer.write(served(kMax));
    for (const std::string& more :
         {served(kMax + 1), ok("no gzip", "Content-Encoding: gzip\r\n")}) {
      peer.read_request();
      peer.write(more);
    }
    peer.wait_until_left();
  });
  Caller caller(origin_of(server));
  http::Request request = post_request(body);
  request.gzip_body = request.accepts_gzip = true;
  CHECK(caller.outcome(request, kLong, kMax) == "200 " + body);
  CHECK(seen.find("\r\nContent-Encoding: gzip\r\nAccept-Encoding: gzip\r\n") != std::string::npos);
  CHECK(decompressor.gunzip(seen.substr(seen.find("\r\n\r\n") + 4), kMax) == body);
  CHECK(caller.outcome(request, kLong, kMax) == "too_large");
  CHECK(caller.outcome(request, kLong, kMax) == "cut");
}

TEST_CASE("what could end a line early never leaves") {
  ScriptedServer server(answer_once(ok("")));
  Caller caller(origin_of(server));
  const std::vector<http::Request> requests = {
      {"POST", "/a\r\nX: y", {}, ""},
      {"POST", "/a b", {}, ""},
      {"POST", "//elsewhere/a", {}, ""},
      {"POST", "http://elsewhere/", {}, ""},
      {"GET / HTTP/1.1\r\n", "/", {}, ""},
      {"POST", "/", {{"X-A", "b\r\nX-C: d"}}, ""},
      {"POST", "/", {{"X A", "b"}}, ""},
      {"POST", "/", {{"", "b"}}, ""},
      {"POST", "", {}, ""},
  };
  for (const auto& request : requests) CHECK(caller.outcome(request) == "not_sent");
  CHECK(server.connections() == 0);
}

TEST_CASE("a server that refuses the connection cannot have seen the request") {
  Caller caller("http://127.0.0.1:" + std::to_string(refused_port()));
  CHECK(caller.outcome() == "not_sent");
}

TEST_CASE("cleartext goes to this machine only, whatever the profile says") {
  for (const auto* origin : {"http://192.0.2.1:80", "http://example.invalid", "http://10.0.0.1"}) {
    Caller caller(origin);
    CHECK(caller.outcome() == "not_sent");
  }
  RealClock clock;
  transport::HttpTransport none(std::nullopt, clock);
  std::promise<http::Answer> answered;
  none.start(1, post_request(), kLong, 1'000,
             [&](http::Answer answer) { answered.set_value(std::move(answer)); });
  CHECK(Caller::text_of(answered.get_future().get()) == "not_sent");
}

TEST_CASE("a server that takes the request and says nothing is silent") {
  SECTION("until the headers are due") {
    ScriptedServer server([](Peer& peer, std::size_t) { peer.wait_until_left(); });
    TransportOptions options = patient();
    options.headers_timeout = kShort;
    Caller caller(origin_of(server), options);
    CHECK(caller.outcome() == "silent");
    server.wait_for_ended(1);  // and the connection is closed
  }
  SECTION("until the whole call is over") {
    ScriptedServer server([](Peer& peer, std::size_t) { peer.wait_until_left(); });
    Caller caller(origin_of(server), patient());
    CHECK(caller.outcome(post_request(), kShort) == "silent");
    server.wait_for_ended(1);
  }
  SECTION("and closes") {
    ScriptedServer server([](Peer& peer, std::size_t) { peer.read_request(); });
    Caller caller(origin_of(server), patient());
    CHECK(caller.outcome() == "silent");
  }
  SECTION("and resets") {
    ScriptedServer server([](Peer& peer, std::size_t) {
      peer.read_request();
      peer.reset();
    });
    Caller caller(origin_of(server), patient());
    CHECK(caller.outcome() == "silent");
  }
}

TEST_CASE("a timeout is engine time: a clock that runs faster shortens it") {
  ScriptedServer server([](Peer& peer, std::size_t) { peer.wait_until_left(); });
  Caller caller(origin_of(server), patient(), 1'000.0);
  const auto began = std::chrono::steady_clock::now();
  CHECK(caller.outcome(post_request(), Duration{50'000}) == "silent");
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took >= std::chrono::milliseconds{50});
  CHECK(took < std::chrono::seconds{40});
}

TEST_CASE("headers that trickle in earn no time") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nX-Slow: ");
    peer.wait_until_left();
  });
  TransportOptions options = patient();
  options.headers_timeout = kShort;
  Caller caller(origin_of(server), options);
  CHECK(caller.outcome() == "cut");
}

TEST_CASE("a body that stops is a cut when its time is over") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.wait_until_left();
  });
  SECTION("of one piece") {
    TransportOptions options = patient();
    options.idle_timeout = kShort;
    Caller caller(origin_of(server), options);
    CHECK(caller.outcome() == "cut");
  }
  SECTION("of the call") {
    Caller caller(origin_of(server), patient());
    CHECK(caller.outcome(post_request(), Duration{1'500}) == "cut");
  }
}

TEST_CASE("a response that breaks off, or is none, is a cut") {
  const std::vector<std::string> answers = {
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
      "HTTP/1.1 200 OK\r\nContent-Le",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n0123456789",
  };
  for (const auto& text : answers) {
    INFO(text);
    ScriptedServer server(answer_once(text));
    Caller caller(origin_of(server), patient());
    CHECK(caller.outcome() == "cut");
  }
}

TEST_CASE("a response beyond the route's limit is not read to its end") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1000\r\n" + std::string(4'096, 'x') + "\r\n";
    for (int i = 0; i < 4'096; ++i) peer.write(chunk);
  });
  Caller caller(origin_of(server), patient());
  CHECK(caller.outcome(post_request(), kLong, 100'000) == "too_large");
  ScriptedServer other(answer_once("HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n"));
  Caller second(origin_of(other), patient());
  CHECK(second.outcome(post_request(), kLong, 4U << 20U) == "too_large");
}

TEST_CASE("a redirect is an answer like any other and is not followed") {
  ScriptedServer elsewhere(answer_once(ok("wrong")));
  ScriptedServer server(answer_always("HTTP/1.1 302 Found\r\nLocation: http://" +
                                      elsewhere.authority() + "/\r\nContent-Length: 0\r\n\r\n"));
  Caller caller(origin_of(server), patient());
  const auto answer = caller.call();
  REQUIRE(answer.response.has_value());
  CHECK(answer.response->status == 302);
  CHECK(http::find_header(answer.response->headers, "Location").has_value());
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("a connection is kept for the next call") {
  ScriptedServer server(answer_always(ok("again")));
  Caller caller(origin_of(server), patient());
  for (int i = 0; i < 5; ++i) CHECK(caller.outcome() == "200 again");
  CHECK(server.connections() == 1);
}

TEST_CASE("a connection is not kept when the server said so, or sent a byte too many") {
  const std::string more = GENERATE(std::string{"Connection: close\r\n"}, std::string{});
  const std::string surplus = more.empty() ? "x" : "";
  ScriptedServer server([&](Peer& peer, std::size_t) {
    while (!peer.read_request().empty()) peer.write(ok("bye", more) + surplus);
  });
  Caller caller(origin_of(server), patient());
  CHECK(caller.outcome() == "200 bye");
  CHECK(caller.outcome() == "200 bye");
  CHECK(server.connections() == 2);
}

TEST_CASE("a kept connection that the server closed is replaced without anybody noticing") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    peer.read_request();
    peer.write(ok("once"));
  });
  Caller caller(origin_of(server), patient());
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(caller.outcome() == "200 once");
    server.wait_for_ended(i + 1);  // the server has closed
  }
  CHECK(server.connections() == 5);
}

TEST_CASE("a kept connection that dies with the request in it is not tried again") {
  std::atomic<int> requests = 0;
  ScriptedServer server([&](Peer& peer, std::size_t) {
    while (!peer.read_request().empty()) {
      if (++requests == 2) return peer.reset();
      peer.write(ok("fine"));
    }
  });
  Caller caller(origin_of(server), patient());
  CHECK(caller.outcome() == "200 fine");
  CHECK(caller.outcome() == "silent");
  CHECK(requests == 2);
  CHECK(caller.outcome() == "200 fine");
}

TEST_CASE("a connection that waits too long is closed by the client") {
  ScriptedServer server(answer_always(ok("kept")));
  TransportOptions options = patient();
  options.keep_alive = kShort;
  Caller caller(origin_of(server), options);
  CHECK(caller.outcome() == "200 kept");
  server.wait_for_ended(1);
  CHECK(caller.outcome() == "200 kept");
  CHECK(server.connections() == 2);
}

TEST_CASE("calls run side by side, each with its own answer") {
  std::mutex mutex;
  std::condition_variable all_here;
  std::size_t waiting = 0;
  constexpr std::size_t kCalls = 12;
  ScriptedServer server([&](Peer& peer, std::size_t) {
    for (std::string text = peer.read_request(); !text.empty(); text = peer.read_request()) {
      const std::string body = text.substr(text.find("\r\n\r\n") + 4);
      std::unique_lock lock(mutex);
      ++waiting;
      all_here.notify_all();
      all_here.wait(lock, [&] { return waiting >= kCalls; });
      peer.write(ok("for " + body));
    }
  });
  Caller caller(origin_of(server), patient());
  std::vector<std::future<http::Answer>> answers;
  for (std::size_t i = 0; i < kCalls; ++i) {
    answers.push_back(caller.start(post_request(std::to_string(i))));
  }
  for (std::size_t i = 0; i < kCalls; ++i) {
    CHECK(Caller::text_of(answers[i].get()) == "200 for " + std::to_string(i));
  }
  CHECK(server.connections() == kCalls);
}

TEST_CASE("more calls than the bound are not sent") {
  ScriptedServer server([](Peer& peer, std::size_t) { peer.wait_until_left(); });
  TransportOptions options = patient();
  options.calls_max = 2;
  Caller caller(origin_of(server), options);
  const auto first = caller.start();
  const auto second = caller.start();
  CHECK(caller.outcome() == "not_sent");
}

TEST_CASE("an early refusal of a large body is heard") {
  ScriptedServer server([](Peer& peer, std::size_t) {
    peer.read_some();
    peer.write("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n");
    peer.wait_until_left();
  });
  Caller caller(origin_of(server), patient());
  CHECK(caller.outcome(post_request(std::string(8U << 20U, 'x'))) == "413 ");
}

TEST_CASE("nothing is answered after a cancel, and the connection is closed") {
  std::promise<void> arrived;
  ScriptedServer server([&](Peer& peer, std::size_t) {
    peer.read_request();
    arrived.set_value();
    peer.wait_until_left();
  });
  Caller caller(origin_of(server), patient());
  auto answer = caller.start(post_request(), kLong, 1'000, 77);
  arrived.get_future().get();
  caller.transport().cancel(77);
  server.wait_for_ended(1);
  // The promise went without a value.
  CHECK_THROWS_AS(answer.get(), std::future_error);
  caller.transport().cancel(77);
  caller.transport().cancel(78);
}

TEST_CASE("a cancel that races with the answer leaves no answer behind") {
  ScriptedServer server(answer_always(ok("fast")));
  Caller caller(origin_of(server), patient());
  for (int i = 0; i < 200; ++i) {
    std::atomic<bool> is_over = false;
    std::atomic<bool> was_late = false;
    caller.transport().start(1, post_request(), kLong, 1'000, [&](const http::Answer&) {
      if (is_over) was_late = true;
    });
    caller.transport().cancel(1);  // the number is free again
    is_over = true;
    CHECK_FALSE(was_late);
  }
  CHECK(caller.outcome() == "200 fast");
}

TEST_CASE("a call may be cancelled from inside its own answer") {
  ScriptedServer server(answer_always(ok("fine")));
  Caller caller(origin_of(server), patient());
  std::promise<void> done;
  caller.transport().start(5, post_request(), kLong, 1'000, [&](const http::Answer&) {
    caller.transport().cancel(5);
    done.set_value();
  });
  done.get_future().get();
}

TEST_CASE("a transport goes with calls under way, and its thread with it") {
  std::promise<void> arrived;
  ScriptedServer server([&](Peer& peer, std::size_t) {
    peer.read_request();
    arrived.set_value();
    peer.wait_until_left();
  });
  std::future<http::Answer> answer;
  {
    Caller caller(origin_of(server), patient());
    answer = caller.start();
    arrived.get_future().get();
  }
  server.wait_for_ended(1);
  CHECK_THROWS_AS(answer.get(), std::future_error);
}

TEST_CASE(
    "a transport that falls silent drops its calls, closes its connections, and calls anew "
    "afterwards (INV-S8)") {
  ScriptedServer server([](Peer& peer, std::size_t connection) {
    while (!peer.read_request().empty()) {
      if (connection == 0) peer.write(ok("kept"));
    }
  });
  Caller caller(origin_of(server));
  CHECK(caller.outcome() == "200 kept");
  auto kept = caller.start();
  CHECK(Caller::text_of(kept.get()) == "200 kept");
  CHECK(connections_to(server.port()) == 1);

  caller.transport().fall_silent();
  CHECK(connections_to(server.port()) == 0);
  server.wait_for_ended(1);
  auto dropped = caller.start();
  while (server.connections() < 2) std::this_thread::yield();
  caller.transport().fall_silent();
  CHECK(connections_to(server.port()) == 0);
  server.wait_for_ended(2);
  CHECK_THROWS_AS(dropped.get(), std::future_error);
  caller.transport().fall_silent();
}

}  // namespace landfall::testing
