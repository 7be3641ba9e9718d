#include "simulator/main/profile_argument.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "engine/base/json.hpp"
#include "schema/embedded.hpp"

namespace landfall::simulator {
namespace {

Result<ProfileArgument> load(const std::string& name, const std::string& text, bool shipped) {
  auto profile = Profile::load(text);
  if (!profile) {
    Error error = profile.error();
    error.message = name + ": " + error.field.value_or("") + " " + error.message;
    return failure(std::move(error));
  }
  return ProfileArgument{shipped ? Json(name) : Json::parse(text),
                         std::make_shared<const Profile>(std::move(*profile))};
}

}  // namespace

Result<ProfileArgument> read_profile(const std::string& name) {
  if (const auto shipped = schema::profile(name)) return load(name, std::string{*shipped}, true);
  std::ifstream file(name);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return failure(ErrorClass::invalid, "profile.missing",
                   "no shipped profile and no file: " + quote_input(name));
  }
  return load(name, text.str(), false);
}

}  // namespace landfall::simulator
