#include "engine/http/server_message.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::http {

std::string one_line(std::string_view text, std::size_t bytes_max) {
  std::string line{first_characters(text, bytes_max)};
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

std::string server_message(const Profile& profile, std::string_view body) {
  const auto json = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (!json || !json->is_object()) return {};
  const Json* message = profile::reply_value(*json, profile.errors.message);
  if (message == nullptr || !message->is_string()) return {};
  return one_line(message->get_ref<const std::string&>());
}

}  // namespace landfall::http
