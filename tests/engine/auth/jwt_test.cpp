#include "engine/auth/jwt.hpp"

#include <sodium.h>
#include <catch2/catch.hpp>

#include <string>

using namespace landfall;
using namespace landfall::auth;

namespace {

std::string encode(const std::string& text,
                   int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING) {
  std::string encoded(sodium_base64_encoded_len(text.size(), variant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(text.data()), text.size(), variant);
  encoded.pop_back();
  return encoded;
}

std::string token_of(const std::string& claims) {
  return encode(R"({"alg":"HS256","typ":"JWT"})") + "." + encode(claims) + "." +
         encode("signature");
}

std::string code_of(const std::string& token) {
  const auto times = read_jwt_times(token);
  return times ? "" : times.error().code;
}

}  // namespace

TEST_CASE("JWT INV-A10: a token tells how long it lives") {
  const auto times = read_jwt_times(token_of(R"({"sub":"u","iat":1700000000,"exp":1700000900})"));
  REQUIRE(times.has_value());
  CHECK(times->issued_s == 1'700'000'000);
  CHECK(times->expires_s == 1'700'000'900);
  CHECK(jwt_lifetime(token_of(R"({"iat":1700000000,"exp":1700000900})")) == Duration{900'000});
}

TEST_CASE("JWT: a token of another form gives no hint") {
  const std::string good = token_of(R"({"iat":1,"exp":2})");
  CHECK(code_of("") == "jwt.form");
  CHECK(code_of("opaque-token") == "jwt.form");
  CHECK(code_of("a.b") == "jwt.form");
  CHECK(code_of("a.b.c.d.e") == "jwt.form");
  CHECK(code_of("...") == "jwt.form");
  CHECK(code_of("..") == "jwt.form");
  CHECK(code_of(good + ".x") == "jwt.form");
  CHECK(code_of(good.substr(good.find('.'))) == "jwt.form");
  CHECK(code_of(good.substr(0, good.rfind('.') + 1)) == "jwt.form");
  CHECK(code_of(std::string(1024 * 1024, 'a')) == "jwt.too_large");
  CHECK(jwt_lifetime("opaque-token") == Duration{0});
}

TEST_CASE(
    "JWT: base64url is read strictly: no padding, no standard alphabet, no stray bits, no blanks") {
  const std::string header = encode(R"({"alg":"HS256"})");
  const std::string claims = R"({"iat":1,"exp":2 })";
  REQUIRE(code_of(header + "." + encode(claims) + "." + encode("sig")).empty());
  CHECK(code_of(header + "." + encode(claims, sodium_base64_VARIANT_URLSAFE) + "=." +
                encode("sig")) == "jwt.encoding");
  CHECK(code_of(header + "." + encode(claims) + ".ab+/") == "jwt.encoding");
  CHECK(code_of(header + "." + encode(claims) + ".a") == "jwt.encoding");
  CHECK(code_of(header + "." + encode(claims) + ".ab") ==
        "jwt.encoding");  // "aa" and "ab" would be the same byte
  CHECK(code_of(header + ". " + encode(claims) + "." + encode("sig")) == "jwt.encoding");
}

TEST_CASE("JWT: claims that make no sense give no hint and throw nothing") {
  for (const char* claims :
       {"[]", "7", "", "{", "\xff", R"({"exp":2})", R"({"iat":1})", R"({"iat":"1","exp":"2"})",
        R"({"iat":1,"exp":2.5})", R"({"iat":1,"exp":1e18})", R"({"iat":-1,"exp":2})",
        R"({"iat":0,"exp":-5})", R"({"iat":2,"exp":1})", R"({"iat":1,"exp":1})",
        R"({"iat":1,"exp":253402300800})", R"({"iat":1,"exp":18446744073709551615})",
        R"({"iat":1,"exp":1e999})"}) {
    CAPTURE(claims);
    CHECK_FALSE(code_of(token_of(claims)).empty());
  }
}

TEST_CASE("JWT: claims nest sixteen levels and no more") {
  const auto nested = [](int depth) {
    return R"({"iat":1,"exp":2,"x":)" + std::string(static_cast<std::size_t>(depth - 1), '[') +
           std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
  };
  CHECK(code_of(token_of(nested(16))).empty());
  CHECK(code_of(token_of(nested(17))) == "jwt.json");
}

TEST_CASE("JWT: a token without a signature, or with an algorithm of none, is a hint and no more") {
  const std::string header = encode(R"({"alg":"none"})");
  const std::string claims = encode(R"({"iat":1700000000,"exp":1700000900,"admin":true})");
  CHECK(code_of(header + "." + claims + ".") == "jwt.form");
  // The server alone judges signatures: what is read here schedules a refresh and grants nothing.
  CHECK(jwt_lifetime(header + "." + claims + "." + encode("x")) == Duration{900'000});
  CHECK(code_of(encode(R"(["alg"])") + "." + claims + "." + encode("x")) == "jwt.json");
  CHECK(code_of(encode("none") + "." + claims + "." + encode("x")) == "jwt.json");
}

TEST_CASE("JWT: a token lives past 2038 and past 2106, and not past 9999") {
  CHECK(jwt_lifetime(token_of(R"({"iat":2147483600,"exp":2147484500})")) == Duration{900'000});
  CHECK(jwt_lifetime(token_of(R"({"iat":4294967290,"exp":4294968190})")) == Duration{900'000});
  CHECK(jwt_lifetime(token_of(R"({"iat":0,"exp":253402300799})")) == Duration{253'402'300'799'000});
  CHECK(code_of(token_of(R"({"iat":0,"exp":9223372036854775807})")) == "jwt.times");
  CHECK(code_of(token_of(R"({"iat":-9223372036854775808,"exp":1})")) == "jwt.times");
}

TEST_CASE("JWT: claims in any writing are read, and bytes that are no UTF-8 are refused") {
  CHECK(code_of(token_of("{\"iat\":1,\"exp\":2,\"name\":\"\u0906\u0936\u093e \xF0\x9F\x99\x82\"}"))
            .empty());
  CHECK(code_of(token_of("{\"iat\":1,\"exp\":2,\"name\":\"\xC3\x28\"}")) == "jwt.json");
  CHECK(code_of(token_of("{\"iat\":1,\"exp\":2,\"name\":\"\xED\xA0\x80\"}")) == "jwt.json");
  CHECK(code_of("\xE0\xA4\x86." + encode("{}") + "." + encode("x")) == "jwt.encoding");
}

TEST_CASE("JWT: of a claim that stands twice the last one counts, and an array is no time") {
  CHECK(jwt_lifetime(token_of(R"({"iat":1,"exp":2,"exp":11})")) == Duration{10'000});
  CHECK(code_of(token_of(R"({"iat":[1],"exp":[2]})")) == "jwt.times");
  CHECK(code_of(token_of(R"({"iat":1,"exp":null})")) == "jwt.times");
}

TEST_CASE("JWT INV-X1: an error about a token never quotes it") {
  const auto times = read_jwt_times("secretmarker.secretmarker.secretmarker");
  REQUIRE_FALSE(times.has_value());
  CHECK(times.error().message.find("marker") == std::string::npos);
}
