#include "engine/host/enqueue_text.hpp"

#include <string>
#include <utility>

#include "schema/limits.hpp"

namespace landfall::host {
namespace {

// The members as the text has them, each at most once; none is null.
class EnqueueMembers final {
 public:
  [[nodiscard]] bool read(JsonValue params) {
    return params.each_member(
        [this](std::string_view name, JsonValue value) { return take(name, value); });
  }

  // Whether those are there that every operation needs.
  [[nodiscard]] bool are_whole() const { return id_ && type_ && entity_id_ && action_ && payload_; }

  [[nodiscard]] JsonValue payload() const { return *payload_; }

  [[nodiscard]] sync::EnqueueRequest request() const {
    sync::EnqueueRequest request;
    request.id = *id_;
    request.entity = {std::string{*type_}, std::string{*entity_id_}};
    request.action = *action_;
    payload_->append_to(request.payload);
    request.base_version = base_version_;
    request.supersedes = supersedes_;
    request.group_id = group_id_;
    if (attestation_) attestation_->append_to(request.attestation.emplace());
    return request;
  }

 private:
  [[nodiscard]] bool take(std::string_view name, JsonValue value) {
    if (name == "id") return take_id(id_, value);
    if (name == "entity_type") return take_name(type_, value, limits::kNameBytesMax);
    if (name == "entity_id") return take_name(entity_id_, value, limits::kEntityIdBytesMax);
    if (name == "action") return take_name(action_, value, limits::kNameBytesMax);
    if (name == "payload") return take_object(payload_, value);
    if (name == "base_version") return take_version(value);
    if (name == "supersedes") return take_id(supersedes_, value);
    if (name == "group_id") return take_name(group_id_, value, limits::kNameBytesMax);
    if (name == "attestation") return take_object(attestation_, value);
    return false;
  }

  static bool take_id(std::optional<OperationId>& member, JsonValue value) {
    const auto text = value.string();
    if (member || !text) return false;
    member = parse_id<OperationId>(*text);
    return member.has_value();
  }
  template <class Text>
  static bool take_name(std::optional<Text>& member, JsonValue value, std::size_t bytes_max) {
    const auto text = value.string();
    if (member || !text || text->empty() || text->size() > bytes_max) return false;
    member = *text;
    return true;
  }
  static bool take_object(std::optional<JsonValue>& member, JsonValue value) {
    if (member || !value.is_object()) return false;
    member = value;
    return true;
  }
  [[nodiscard]] bool take_version(JsonValue value) {
    const auto version = value.integer();
    if (base_version_ || !version || *version < 1) return false;
    base_version_ = version;
    return true;
  }

  std::optional<OperationId> id_;
  std::optional<std::string_view> type_;
  std::optional<std::string_view> entity_id_;
  std::optional<std::string_view> action_;
  std::optional<JsonValue> payload_;
  std::optional<std::int64_t> base_version_;
  std::optional<OperationId> supersedes_;
  std::optional<std::string> group_id_;
  std::optional<JsonValue> attestation_;
};

}  // namespace

std::optional<EnqueueText> read_enqueue(std::string_view params_text) {
  auto params =
      JsonText::read(params_text, JsonLimits{limits::kRequestJsonBytesMax, limits::kJsonDepthMax});
  EnqueueMembers members;
  if (!params || !members.read(params->root()) || !members.are_whole()) return std::nullopt;
  auto request = members.request();
  return EnqueueText{std::move(request), std::move(*params), members.payload()};
}

}  // namespace landfall::host
