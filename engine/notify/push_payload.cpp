#include "engine/notify/push_payload.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/base64.hpp"
#include "schema/limits.hpp"

namespace landfall::notify {
namespace {

constexpr std::int64_t kTtlSecondsMax = 366 * 86'400;

// Where a member of a push may stand: the app's own data first, then the platform's envelope.
class Places final {
 public:
  explicit Places(const Json& payload) : payload_(payload), data_(payload) {
    const auto data = payload.find("data");
    if (data != payload.end() && data->is_object()) data_ = *data;
  }

  // Null when nothing of these names is there.
  [[nodiscard]] const Json* find(std::initializer_list<const char*> names) const {
    for (const Json* place : {&data_.get(), &payload_.get()}) {
      for (const char* name : names) {
        const auto found = place->find(name);
        if (found != place->end() && !found->is_null()) return &*found;
      }
    }
    return nullptr;
  }
  [[nodiscard]] const Json& data() const { return data_; }

 private:
  std::reference_wrapper<const Json> payload_;
  std::reference_wrapper<const Json> data_;
};

// The text of a name or an id: FCM sends texts only, others numbers too.
std::optional<std::string> text_of(const Json& value) {
  std::string text;
  if (value.is_string()) text = value.get<std::string>();
  if (value.is_number_integer()) text = dump_json(value);
  if (text.empty() || text.size() > limits::kEntityIdBytesMax) return std::nullopt;
  return text;
}

std::string name_at(const Places& places, std::initializer_list<const char*> names) {
  const Json* found = places.find(names);
  return found == nullptr ? std::string{} : text_of(*found).value_or("");
}

// What is there and is no id belongs to nobody, so it does not count as absent.
std::optional<std::string> owner_at(const Places& places,
                                    std::initializer_list<const char*> names) {
  const Json* found = places.find(names);
  if (found == nullptr) return std::nullopt;
  return text_of(*found).value_or("");
}

std::string member_text(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return {};
  const auto found = object->find(key);
  return found != object->end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string shown_text(const Places& places, const char* key) {
  const Json* own = places.find({key});
  if (own != nullptr && own->is_string()) return own->get<std::string>();
  if (std::string text = member_text(places.find({"notification"}), key); !text.empty())
    return text;
  const Json* aps = places.find({"aps"});
  if (aps == nullptr || !aps->is_object() || !aps->contains("alert")) return {};
  const Json& alert = (*aps)["alert"];
  // A bare alert is all there is to say.
  if (alert.is_string() && std::string_view{key} == "title") return alert.get<std::string>();
  return member_text(&alert, key);
}

std::optional<std::int64_t> seconds_of(const Json& value) {
  const auto text = text_of(value);
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc{} || end != text->data() + text->size() || seconds < 0)
    return std::nullopt;
  return std::min(seconds, kTtlSecondsMax);
}

std::optional<Instant> expiry_of(const Places& places, Instant now) {
  if (const Json* at = places.find({"expires_at"}); at != nullptr && at->is_string()) {
    const auto parsed = parse_rfc3339(at->get_ref<const std::string&>());
    if (parsed) return *parsed;
  }
  const Json* ttl = places.find({"ttl_s"});
  const auto seconds = ttl == nullptr ? std::nullopt : seconds_of(*ttl);
  if (!seconds) return std::nullopt;
  return now + Duration{*seconds * 1000};
}

profile::Variables values_of(const Json& data) {
  profile::Variables values;
  for (const auto& item : data.items()) {
    if (item.key().size() > limits::kNameBytesMax || values.size() >= limits::kFieldsMax) continue;
    if (auto text = text_of(item.value())) values.emplace(item.key(), std::move(*text));
  }
  return values;
}

std::string hash_of(const std::string& text) {
  std::array<std::byte, 16> hash{};
  const int code = crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(), nullptr, 0);
  LANDFALL_ASSERT(code == 0);
  return "hash:" + to_base64(hash);
}

}  // namespace

Result<PushPayload> parse_push(const Json& payload, Instant now) {
  if (!payload.is_object()) {
    return failure(ErrorClass::invalid, "push.invalid",
                   std::string{"expected an object, got "} + payload.type_name());
  }
  const std::string whole = dump_json(payload);
  if (whole.size() > limits::kPushPayloadBytesMax) {
    return failure(ErrorClass::invalid, "push.too_large",
                   "a push has at most " + std::to_string(limits::kPushPayloadBytesMax) + " bytes");
  }
  const Places places(payload);
  PushPayload push;
  push.type = name_at(places, {"type", "notification_type"});
  push.id = name_at(places, {"notification_id", "google.message_id", "gcm.message_id", "message_id",
                             "messageId"});
  push.is_id_made = push.id.empty();
  if (push.is_id_made) push.id = hash_of(whole);
  push.user_id = owner_at(places, {"user_id", "userId"});
  push.organisation = owner_at(places, {"tenant_id", "tenantId"});
  push.title = shown_text(places, "title");
  push.body = shown_text(places, "body");
  push.expires_at = expiry_of(places, now);
  push.values = values_of(places.data());
  return push;
}

}  // namespace landfall::notify
