#include "engine/sync/delivery.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/base/json_string.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using profile::Delivery;

std::string json_text(std::string_view value) {
  std::string text;
  append_json_string(text, value);
  return text;
}

constexpr std::size_t kIdBytes = std::string_view("00000000-0000-7000-8000-000000000000").size();
constexpr std::size_t kTimeBytes = std::string_view("2026-01-31T08:15:00.250Z").size();

// Where the pieces of a text go: into the text, or into nothing but its length.
class Text final {
 public:
  explicit Text(std::string& text) : text_(text) {}
  void add(std::string_view piece) { text_ += piece; }
  void add_string(std::string_view value) { append_json_string(text_, value); }
  void add_id(const OperationId& id) { text_ += to_text(id); }
  void add_time(Instant at) { text_ += format_rfc3339(at); }

 private:
  std::string& text_;
};
class TextLength final {
 public:
  void add(std::string_view piece) { bytes_ += piece.size(); }
  void add_string(std::string_view value) { bytes_ += json_string_bytes(value); }
  void add_id(const OperationId&) { bytes_ += kIdBytes; }
  void add_time(Instant) { bytes_ += kTimeBytes; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

template <class Out>
void add_after(Out& out, const OperationId& after) {
  out.add(",\"after\":\"");
  out.add_id(after);
  out.add("\"");
}

template <class Out>
void add_base_version(Out& out, std::int64_t base_version) {
  out.add(",\"base_version\":");
  out.add(std::to_string(base_version));
}

// All but what it stands on.
template <class Out, class AddStand>
void add_operation(Out& out, const Operation& operation, const OperationId& id,
                   std::string_view payload, std::optional<std::string_view> attestation,
                   AddStand add_stand) {
  out.add("{\"id\":\"");
  out.add_id(id);
  out.add("\",\"entity_type\":");
  out.add_string(operation.entity.type);
  out.add(",\"entity_id\":");
  out.add_string(operation.entity.id);
  out.add(",\"action\":");
  out.add_string(operation.action);
  out.add(",\"schema\":");
  out.add(std::to_string(operation.schema));
  add_stand(out);
  out.add(",\"created_at\":\"");
  out.add_time(operation.created_at);
  out.add("\",\"payload\":");
  out.add(payload);
  if (operation.group_id) {
    out.add(",\"group_id\":");
    out.add_string(*operation.group_id);
  }
  if (attestation) {
    out.add(",\"attestation\":");
    out.add(*attestation);
  }
  out.add("}");
}

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

void append_operation(std::string& text, const Outgoing& outgoing, bool with_attestation) {
  const Operation& operation = outgoing.operation;
  LANDFALL_ASSERT(!(operation.after && operation.base_version));
  Text out(text);
  add_operation(out, operation, outgoing.id, outgoing.content.payload,
                with_attestation ? view_of(outgoing.content.attestation) : std::nullopt,
                [&](Text& stand) {
                  if (operation.after) add_after(stand, *operation.after);
                  if (operation.base_version) add_base_version(stand, *operation.base_version);
                });
}

std::string operations_text(const std::vector<Outgoing>& operations, bool with_attestations) {
  std::string text = "[";
  for (const Outgoing& outgoing : operations) {
    if (text.size() > 1) text += ',';
    append_operation(text, outgoing, with_attestations);
  }
  return text + "]";
}

// The members that the endpoint's template adds to a body, each as `,"name":value`.
Result<Json> template_of(const profile::Endpoint& endpoint, std::string_view device_id,
                         const std::vector<Outgoing>& operations) {
  if (!endpoint.body) return Json(Json::object());
  Json ids = Json::array();
  for (const Outgoing& outgoing : operations) ids.push_back(outgoing.operation.entity.id);
  return profile::fill_json(*endpoint.body, Json{{"device_id", device_id},
                                                 {"id", operations.front().operation.entity.id},
                                                 {"entity_ids", std::move(ids)}});
}

Result<std::string> group_body(const profile::Endpoint& endpoint, std::string_view device_id,
                               const std::vector<Outgoing>& operations) {
  LANDFALL_TRY_ASSIGN(const Json added, template_of(endpoint, device_id, operations));
  std::string body = "{\"device_id\":" + json_text(device_id);
  for (const auto& item : added.items()) {
    if (item.key() == "device_id") continue;
    body += "," + json_text(item.key()) + ":" + dump_json(item.value());
  }
  const auto& attestation = operations.front().content.attestation;
  const bool is_common = std::all_of(
      operations.begin(), operations.end(),
      [&](const Outgoing& outgoing) { return outgoing.content.attestation == attestation; });
  body += ",\"operations\":" + operations_text(operations, !is_common);
  if (is_common && attestation) body += ",\"attestation\":" + *attestation;
  return body + "}";
}

Result<std::string> endpoint_body(const profile::Endpoint& endpoint, std::string_view device_id,
                                  const std::vector<Outgoing>& operations) {
  const store::OperationContent& content = operations.front().content;
  if (!endpoint.body && !content.attestation) return content.payload;
  LANDFALL_TRY_ASSIGN(Json body,
                      parse_json(content.payload, {content.payload.size(), limits::kJsonDepthMax}));
  if (content.attestation) {
    LANDFALL_TRY_ASSIGN(body["attestation"],
                        parse_json(*content.attestation,
                                   {limits::kOperationEnvelopeBytesMax, limits::kJsonDepthMax}));
  }
  LANDFALL_TRY_ASSIGN(const Json added, template_of(endpoint, device_id, operations));
  body.update(added);
  return dump_json(body);
}

std::string batch_body(std::string_view device_id, const std::vector<Outgoing>& operations) {
  return "{\"device_id\":" + json_text(device_id) +
         ",\"operations\":" + operations_text(operations, true) + "}";
}

}  // namespace

Way way_of(const Profile& profile, const Operation& operation) {
  const profile::Action* action = profile.action(operation.entity.type, operation.action);
  if (action == nullptr || action->delivery == Delivery::batch) return {};
  if (action->delivery == Delivery::group) {
    if (!operation.group_id) return {};
    return {Delivery::group, action->endpoint, operation.group_id};
  }
  return {Delivery::endpoint, action->endpoint, std::nullopt};
}

std::string target_of(const Way& way, const EntityKey& entity) {
  if (way.delivery != Delivery::endpoint) return way.endpoint;
  return way.endpoint + "/" + entity.id;
}

bool has_endpoint_delivery(const Profile& profile) {
  return std::any_of(profile.entities.begin(), profile.entities.end(), [](const auto& entity) {
    const auto& actions = entity.second.actions;
    return std::any_of(actions.begin(), actions.end(), [](const auto& action) {
      return action.second.delivery == Delivery::endpoint;
    });
  });
}

std::string wire_operation(const Outgoing& outgoing) {
  std::string text;
  append_operation(text, outgoing, true);
  return text;
}

// The longest stands on an operation: an id is longer than any version.
std::int64_t wire_bytes_max(const Operation& operation,
                            const store::OperationContentView& content) {
  TextLength length;
  add_operation(length, operation, operation.id, content.payload, content.attestation,
                [&](TextLength& stand) { add_after(stand, operation.id); });
  return static_cast<std::int64_t>(length.bytes()) + 1;
}

Result<http::ApiCall> call_of(const Profile& profile, const Way& way, std::string_view device_id,
                              const std::vector<Outgoing>& operations) {
  LANDFALL_ASSERT(!operations.empty());
  http::ApiCall call{way.endpoint, {}, {}, {}};
  if (way.delivery == Delivery::batch) {
    call.body = batch_body(device_id, operations);
    return call;
  }
  const profile::Endpoint* endpoint = profile.endpoint(way.endpoint);
  LANDFALL_ASSERT(endpoint != nullptr);  // checked when the profile was loaded
  if (way.delivery == Delivery::group) {
    LANDFALL_TRY_ASSIGN(call.body, group_body(*endpoint, device_id, operations));
    return call;
  }
  LANDFALL_ASSERT(operations.size() == 1);
  const Outgoing& only = operations.front();
  call.variables.emplace("id", only.operation.entity.id);
  call.headers.emplace_back("Idempotency-Key", to_text(only.id));
  if (only.operation.base_version) {
    call.headers.emplace_back("If-Match",
                              "\"" + std::to_string(*only.operation.base_version) + "\"");
  }
  LANDFALL_TRY_ASSIGN(call.body, endpoint_body(*endpoint, device_id, operations));
  return call;
}

}  // namespace landfall::sync
