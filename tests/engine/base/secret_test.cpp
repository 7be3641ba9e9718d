#include "engine/base/secret.hpp"

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <version>

#if defined(__cpp_lib_format)
#include <format>
#endif

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;

namespace {

using Text = Secret<std::string>;

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

template <class T>
concept Comparable = requires(const T& value) {
  value == value;
};

template <class T>
concept Ordered = requires(const T& value) {
  value < value;
};

template <class T>
concept Concatenable = requires(const T& value, const std::string& text) {
  text + value;
};

// The probes find what is there, or they would prove nothing.
static_assert(Streamable<std::string> && Comparable<std::string> && Ordered<std::string>);
static_assert(Concatenable<std::string> && std::is_constructible_v<nlohmann::json, std::string>);

static_assert(!Streamable<Text>, "INV-X1: a secret is not streamed");
static_assert(!Concatenable<Text>, "INV-X1: a secret joins no text");
static_assert(!Comparable<Text> && !Ordered<Text>, "INV-X1: a secret is not compared by accident");
static_assert(!std::is_constructible_v<nlohmann::json, Text>, "INV-X1: a secret is no JSON");
static_assert(!std::is_constructible_v<nlohmann::json, SharedSecret<std::string>>);
static_assert(!std::is_constructible_v<std::string, Text>);
static_assert(!std::is_convertible_v<Text, std::string>);
static_assert(!std::is_convertible_v<Text, std::string_view>);
static_assert(!std::is_convertible_v<Text, const char*>);
static_assert(!std::is_convertible_v<Text, bool>);
static_assert(!std::is_convertible_v<std::string, Text>, "a secret is made on purpose");
static_assert(!std::is_default_constructible_v<std::hash<Text>>, "INV-X1: a secret has no hash");
#if defined(__cpp_lib_format)
static_assert(!std::is_default_constructible_v<std::formatter<Text, char>>);
#endif

}  // namespace

TEST_CASE("INV-X1: a secret gives its value to whoever writes reveal, and to nobody else") {
  const auto shared = std::make_shared<const Text>(std::string{"hunter2-marker"});
  CHECK(shared->reveal() == "hunter2-marker");
  // What a failing test prints of it, as everything that can print whatever it is given.
  CHECK(Catch::Detail::stringify(*shared).find("hunter2") == std::string::npos);
}
