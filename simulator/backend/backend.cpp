#include "simulator/backend/backend.hpp"

#include <exception>
#include <utility>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "simulator/backend/configuration_error.hpp"
#include "simulator/backend/development_codes.hpp"
#include "simulator/backend/field_data.hpp"
#include "simulator/backend/organisations.hpp"
#include "simulator/backend/parts.hpp"
#include "simulator/backend/rules.hpp"
#include "simulator/backend/seed_data.hpp"

namespace landfall::backend {
namespace {

tl::unexpected<Error> missing(const EntityKey& key) {
  return failure(ErrorClass::invalid, "document.missing",
                 "there is no " + key.type + " with this id");
}

}  // namespace

Backend::Backend(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Backend::~Backend() = default;

Result<std::unique_ptr<Backend>> Backend::open(BackendOptions options, SecureRandom& random,
                                               Instant now) {
  LANDFALL_ASSERT(sodium_init() >= 0);
  try {
    return std::unique_ptr<Backend>(
        new Backend(std::make_unique<Parts>(std::move(options), random, now)));
  } catch (const DevelopmentCodesRefused& refusal) {
    return failure(ErrorClass::refused, "backend.development_codes", refusal.what());
  } catch (const ConfigurationError& error) {
    return failure(ErrorClass::invalid, "backend.configuration", error.what());
  } catch (const std::exception& error) {
    return failure(ErrorClass::invalid, "backend.database", quote_input(error.what()));
  }
}

http::Response Backend::handle(const http::Request& request, Instant now) {
  return parts_->handle(request, now);
}

HubOpening Backend::open_hub(const http::Request& upgrade, Instant now) {
  return parts_->open_hub(upgrade, now);
}

void Backend::hear_hub(std::uint64_t connection, std::string_view text, Instant now) {
  parts_->hub.hear(connection, text, now);
}

void Backend::leave_hub(std::uint64_t connection, Instant now) {
  parts_->hub.leave(connection, now);
}

std::vector<HubOutput> Backend::take_hub_output(Instant now) {
  return parts_->hub.take_output(now);
}

std::optional<Instant> Backend::next_hub_wake() const { return parts_->hub.next_wake(); }

void Backend::send_away(const std::string& user_id, bool allow_reconnect) {
  parts_->hub.send_away(user_id, allow_reconnect, "");
}

const Ledger& Backend::ledger() const { return parts_->ledger; }
const BackendOptions& Backend::options() const { return parts_->options; }
const std::vector<SeedUser>& Backend::seed_users(Dialect dialect) {
  switch (dialect) {
    case Dialect::almafrica:
      return field_users();
    case Dialect::ims:
      return organisation_users();
    case Dialect::prokure:
      break;
  }
  return backend::seed_users();
}

std::optional<Document> Backend::find_document(const EntityKey& key) {
  return parts_->documents.find(key);
}
std::vector<Document> Backend::documents() { return parts_->documents.all(); }

std::vector<Document> Backend::tier1_documents(const std::string& user_id) {
  std::vector<Document> found;
  for (Document& document : parts_->documents.all()) {
    if (document.listed && document.owner && is_visible(document, user_id))
      found.push_back(std::move(document));
  }
  return found;
}

std::optional<std::string> Backend::find_receipt(const std::string& operation_id, Instant now) {
  const auto receipt = parts_->receipts.find(operation_id, now);
  if (!receipt) return std::nullopt;
  return receipt->result;
}

Result<std::int64_t> Backend::approve_as_other(const std::string& approval_id, Instant now) {
  const auto document = parts_->documents.find({"approval", approval_id});
  if (!document || document->deleted) return missing({"approval", approval_id});
  if (!document->listed) {
    return failure(ErrorClass::refused, "approval.not_pending", "the approval was already decided");
  }
  const Json patch = {
      {"status", "approved"}, {"decided_by", "somebody-else"}, {"decided_at", format_rfc3339(now)}};
  return edit_as_other(document->key, patch, now);
}

Result<std::int64_t> Backend::edit_as_other(const EntityKey& key, const Json& patch, Instant now) {
  auto document = parts_->documents.find(key);
  if (!document || document->deleted) return missing(key);
  Json data = Json::parse(document->data, nullptr, false);
  data.merge_patch(patch);
  document->data = dump_json(data);
  document->listed = is_listed(key.type, data);
  return parts_->in_transaction(
      [&] { return parts_->documents.put(std::move(*document), now, std::nullopt).row_version; });
}

Result<std::int64_t> Backend::delete_as_other(const EntityKey& key, Instant now) {
  auto document = parts_->documents.find(key);
  if (!document || document->deleted) return missing(key);
  return parts_->in_transaction([&] {
    return parts_->documents.remove(std::move(*document), now, std::nullopt).row_version;
  });
}

std::string Backend::create_approval(Instant now, const std::string& user_id) {
  Document approval = make_approval(
      parts_->world, user_id.empty() ? backend::seed_users().front().id : user_id, now);
  return parts_->in_transaction(
      [&] { return parts_->documents.put(std::move(approval), now, std::nullopt).key.id; });
}

void Backend::revoke_access_tokens(const std::string& user_id) {
  parts_->accounts.raise_access_epoch(user_id);
}

void Backend::grant(const std::string& role, const std::string& right, Instant now) {
  parts_->change_role(role, right, true, now);
}

void Backend::revoke(const std::string& role, const std::string& right, Instant now) {
  parts_->change_role(role, right, false, now);
}

std::vector<std::string> Backend::rights_of(const std::string& user_id) {
  const auto user = parts_->accounts.find(user_id);
  return user ? parts_->roles.rights_of(user->roles) : std::vector<std::string>{};
}

bool Backend::revoke_family(const std::string& user_id, const std::string& device_id,
                            const std::string& cause, Instant now) {
  const auto family = parts_->tokens.find_family(user_id, device_id);
  return family && parts_->tokens.revoke(*family, cause, now);
}

void Backend::purge_history() {
  parts_->in_transaction([&] {
    parts_->documents.purge_tombstones();
    return true;
  });
}

void Backend::set_refresh_mode(RefreshMode mode) { parts_->options.refresh_mode = mode; }
void Backend::set_minimum_app_version(std::string version) {
  parts_->options.minimum_app_version = std::move(version);
}
void Backend::set_recommended_app_version(std::string version) {
  parts_->options.recommended_app_version = std::move(version);
}
bool Backend::forget_device(const std::string& user_id, const std::string& device_id) {
  return parts_->in_transaction([&] { return parts_->accounts.forget_device(user_id, device_id); });
}
std::optional<std::string> Backend::device_details(const std::string& user_id,
                                                   const std::string& device_id) {
  return parts_->accounts.device_details(user_id, device_id);
}
void Backend::set_file_hook(FileHook hook) { parts_->files.set_hook(std::move(hook)); }

void Backend::set_sms_sink(SmsSink sink) { parts_->sms_codes.set_sink(std::move(sink)); }

std::optional<Sms> Backend::last_sms(const std::string& phone_number) const {
  return parts_->sms_codes.last(phone_number);
}

void Backend::set_push_hook(PushHook hook) { parts_->push.set_hook(std::move(hook)); }

}  // namespace landfall::backend
