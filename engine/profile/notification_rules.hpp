#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/notify/settings.hpp"

namespace landfall::profile {

enum class Priority { low, normal, high };

// A channel as the platform registers it (P-47).
struct Channel {
  std::string id;
  std::string name;
  Priority importance = Priority::normal;
  std::string sound;  // as the host knows it; empty: none
};

// One type of notification and where its tap leads (P-40 to P-44).
struct NotificationType {
  std::string name;
  std::string deep_link;  // a template: "/approvals/${id}"; empty: the app's first screen
  Priority priority = Priority::normal;
  std::string channel;  // id of a declared channel
};

// Where the user's own settings stand: a field of the document of this type that has the user's id.
struct SettingsPlace {
  std::string entity;
  std::string field;
};

struct NotificationRules {
  std::map<std::string, NotificationType, std::less<>> types;
  std::optional<NotificationType> other;  // of types not named above; none: those are dropped
  std::map<std::string, Channel, std::less<>> channels;
  notify::Settings defaults;
  std::optional<SettingsPlace> settings;  // none: the defaults hold for everybody
};

}  // namespace landfall::profile
