#include "engine/http/app_update.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/http/server_message.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/meta_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::http {
namespace {

constexpr std::string_view kStored = "update.forced";

using Numbers = std::array<std::uint32_t, 4>;

std::optional<Numbers> parse_version(std::string_view text) {
  Numbers numbers{};
  for (std::uint32_t& number : numbers) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return numbers;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

// A version that a host can show; empty for what is none.
std::string version_text(std::string_view text) {
  return text.size() <= limits::kNameBytesMax && parse_version(text) ? std::string{text}
                                                                     : std::string{};
}

std::string minimum_in(const Profile& profile, std::string_view body) {
  if (!profile.updates || profile.updates->minimum.empty()) return {};
  const auto json = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (!json || !json->is_object()) return {};
  const Json* minimum = profile::reply_value(*json, profile.updates->minimum);
  if (minimum == nullptr || !minimum->is_string()) return {};
  return version_text(minimum->get_ref<const std::string&>());
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

std::string_view to_string(UpdateKind kind) noexcept {
  switch (kind) {
    case UpdateKind::none:
      return "none";
    case UpdateKind::soft:
      return "soft";
    case UpdateKind::force:
      return "force";
  }
  return "none";
}

bool is_older_version(std::string_view version, std::string_view other) {
  const auto ours = parse_version(version);
  const auto theirs = parse_version(other);
  return ours && theirs && *ours < *theirs;
}

Status AppUpdate::load(const store::Reader& device) {
  LANDFALL_TRY_ASSIGN(const auto stored, store::MetaTable::get(device, kStored));
  if (!stored || stored->empty()) return {};
  const auto json = parse_json(*stored, {limits::kRequestJsonBytesMax, limits::kJsonDepthMax});
  if (!json || !json->is_object()) return {};
  const auto version = string_at(*json, "app_version");
  const auto message = string_at(*json, "message");
  const auto minimum = string_at(*json, "minimum_version");
  const auto refused = array_at(*json, "refused");
  if (!version || !message || !minimum || !refused || *version != app_version_) return {};
  for (const auto& path : **refused) {
    if (path.is_string()) refused_.insert(path.get<std::string>());
  }
  notice_ = {UpdateKind::force, *message, *minimum, ""};
  return {};
}

Status AppUpdate::save(store::Transaction& device) const {
  if (notice_.kind != UpdateKind::force) return store::MetaTable::set(device, kStored, "");
  return store::MetaTable::set(device, kStored,
                               dump_json(Json{{"app_version", app_version_},
                                              {"message", notice_.message},
                                              {"minimum_version", notice_.minimum_version},
                                              {"refused", refused_}}));
}

bool AppUpdate::on_answer(std::string_view target, const Response& response) {
  const std::string_view path = path_of(target);
  if (response.status == 426) return on_refused(path, response);
  if (response.status / 100 != 2) return false;
  if (notice_.kind != UpdateKind::force) return on_recommended(response);
  if (!refused_.contains(path)) return false;
  refused_.clear();
  notice_ = {};
  (void)on_recommended(response);
  return true;
}

bool AppUpdate::on_refused(std::string_view path, const Response& response) {
  UpdateNotice notice{UpdateKind::force, server_message(profile_, response.body),
                      minimum_in(profile_, response.body), ""};
  if (notice.message.empty()) notice.message = profile_.message("update.required");
  const bool is_new = refused_.size() < limits::kEndpointsMax && refused_.emplace(path).second;
  const bool changed = notice != notice_;
  notice_ = std::move(notice);
  return is_new || changed;
}

// An answer without the header says nothing; one with a version that we have takes it back.
bool AppUpdate::on_recommended(const Response& response) {
  if (!profile_.updates || profile_.updates->recommended_header.empty()) return false;
  const auto header = find_header(response.headers, profile_.updates->recommended_header);
  if (!header) return false;
  UpdateNotice notice;
  if (is_older_version(app_version_, *header)) {
    notice = {UpdateKind::soft, std::string{profile_.message("update.recommended")}, "",
              version_text(*header)};
  }
  const bool is_first = !std::exchange(has_heard_, true);
  const bool has_changed = std::exchange(notice_, notice) != notice;
  return is_first || has_changed;
}

}  // namespace landfall::http
