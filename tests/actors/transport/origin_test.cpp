#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "actors/transport/origin.hpp"

namespace landfall::transport {

TEST_CASE("an origin is a scheme, a host and a port") {
  const auto name = parse_origin("https://API.Example.com");
  REQUIRE(name.has_value());
  CHECK(name->tls);
  CHECK(name->host == "api.example.com");
  CHECK(name->port == 443);
  CHECK(name->authority() == "api.example.com");

  const auto port = parse_origin("http://127.0.0.1:8080");
  REQUIRE(port.has_value());
  CHECK_FALSE(port->tls);
  CHECK(port->port == 8080);
  CHECK(port->authority() == "127.0.0.1:8080");

  const auto six = parse_origin("https://[2001:db8::1]:8443");
  REQUIRE(six.has_value());
  CHECK(six->host == "2001:db8::1");
  CHECK(six->authority() == "[2001:db8::1]:8443");
}

TEST_CASE("anything beside them is refused") {
  const std::vector<std::string> wrong = {
      "",
      "api.example.com",
      "ftp://api.example.com",
      "HTTPS://api.example.com",
      "https://",
      "https://api.example.com/",
      "https://api.example.com/path",
      "https://api.example.com?x",
      "https://user@api.example.com",
      "https://user:secret@api.example.com",
      "https://api..example.com",
      "https://.example.com",
      "https://api.example.com.",
      "https://-api.example.com",
      "https://api_1.example.com",
      "https://bücher.example",
      "https://%61pi.example.com",
      "https://api.example.com:",
      "https://api.example.com:0",
      "https://api.example.com:080",
      "https://api.example.com:65536",
      "https://api.example.com:8x",
      "https://api.example.com:443:443",
      "https://127.1",
      "https://127.0.0.256",
      "https://2130706433",
      "https://[::1",
      "https://[::1]x",
      "https://[::g]",
      "https://[fe80::1%eth0]",
      "https://api.example.com\r\n",
      "https://api example.com",
      "https://" + std::string(64, 'a') + ".example",
      "https://" + std::string(300, 'a'),
  };
  for (const auto& text : wrong) {
    INFO(text);
    const auto origin = parse_origin(text);
    REQUIRE_FALSE(origin.has_value());
    CHECK(origin.error().code == "origin.invalid");
  }
}

TEST_CASE("loopback is this machine and nothing that only sounds like it") {
  for (const auto* text :
       {"http://localhost", "http://127.0.0.1", "http://127.9.8.7", "http://[::1]"}) {
    CHECK(parse_origin(text)->is_loopback());
  }
  for (const auto* text : {"http://localhost.example.com", "http://127.0.0.1.example.com",
                           "http://128.0.0.1", "http://[::2]", "http://notlocalhost"}) {
    CHECK_FALSE(parse_origin(text)->is_loopback());
  }
}

}  // namespace landfall::transport
