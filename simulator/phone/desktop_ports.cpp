#include "simulator/phone/desktop_ports.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "simulator/phone/secure_hardware.hpp"
#include "simulator/zones/desktop_zone.hpp"

namespace landfall::phone {

Json answer_on_desktop(SecretFile& secrets, const Json& question) {
  const std::string port = question["port"].get<std::string>();
  const Json& number = question["question"];
  const std::string name = question["data"].value("name", "");
  if (port == "secret.read") {
    const auto value = secrets.read(name);
    if (!value) return {{"answer", number}, {"result", {{"status", "absent"}}}};
    return {{"answer", number}, {"result", {{"status", "value"}, {"value", *value}}}};
  }
  const Vault vault{[&](const std::string& key) { return secrets.read(key); },
                    [&](const std::string& key, const std::string& value) {
                      return secrets.write(key, value).has_value();
                    }};
  LibsodiumRandom random;
  if (const auto result = answer_hardware(port, question["data"], vault, random))
    return {{"answer", number}, {"result", *result}};
  if (port == "notification.show") return {{"answer", number}, {"result", Json::object()}};
  Status done = failure(ErrorClass::refused, "port.unknown", "a desktop has no such port");
  if (port == "zone.read") {
    const auto zone = zones::desktop_zone(name);
    if (zone) return {{"answer", number}, {"result", zone->to_json()}};
    done = failure(zone.error());
  }
  if (port == "secret.write") done = secrets.write(name, question["data"].value("value", ""));
  if (port == "secret.remove") done = secrets.remove(name);
  if (done) return {{"answer", number}, {"result", Json::object()}};
  return {{"answer", number},
          {"error", {{"code", done.error().code}, {"message", done.error().message}}}};
}

}  // namespace landfall::phone
