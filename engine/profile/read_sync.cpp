#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kDrainTargetS = 300;  // P-59

std::vector<Duration> read_delays(ObjectReader& reader, std::string_view key, std::size_t size_max,
                                  std::int64_t ms_min, std::int64_t ms_max) {
  std::vector<Duration> delays;
  for (const std::int64_t s : reader.integers(key, size_max, ms_min / 1000, ms_max / 1000)) {
    delays.emplace_back(std::chrono::seconds{s});
  }
  return delays;
}

std::vector<PullScope> read_scopes(ObjectReader& reader) {
  std::vector<PullScope> scopes;
  std::set<std::string> names;
  for (ObjectReader& item : reader.array("scopes", limits::kScopesMax)) {
    PullScope scope;
    scope.name = item.text("name", limits::kNameBytesMax);
    if (!names.insert(scope.name).second) item.refuse("name", "expected each scope once");
    scope.page_limit = item.count("page_limit", 1, limits::kPullPageMax);
    scope.interval = std::chrono::seconds{item.integer("interval_s", 0, 30 * kDayS)};
    item.done();
    scopes.push_back(std::move(scope));
  }
  return scopes;
}

void read_receipts(ObjectReader& section, SyncRules& rules) {
  rules.idempotency =
      section.choice<Idempotency>("idempotency", {{"key", Idempotency::key},
                                                  {"receipts", Idempotency::receipts},
                                                  {"none", Idempotency::none}});
  rules.receipt_settle = std::chrono::seconds{section.integer("receipt_settle_s", 0, 3600)};
  const std::int64_t days = section.integer("receipt_days", 1, 3650);
  const std::int64_t margin = section.integer("receipt_margin_days", 0, 3650);
  if (margin >= days) section.refuse("receipt_margin_days", "expected less than receipt_days");
  rules.receipts_kept = std::chrono::seconds{days * kDayS};
  rules.receipts_margin = std::chrono::seconds{margin * kDayS};
}

void read_history(ObjectReader& section, SyncRules& rules) {
  const std::int64_t days =
      section.integer_or("settled_days", limits::kSettledDaysDefault, 1, 3650);
  rules.settled_kept = std::chrono::seconds{days * kDayS};
  rules.settled_operations_max = static_cast<std::size_t>(section.integer_or(
      "settled_operations_max", static_cast<std::int64_t>(limits::kSettledOperationsDefault), 1,
      static_cast<std::int64_t>(limits::kSettledOperationsMax)));
}

std::optional<OfflineBanner> read_offline_banner(ObjectReader& connectivity) {
  auto section = connectivity.object_if("offline_banner");
  if (!section) return std::nullopt;
  OfflineBanner banner;
  banner.message = section->text("message", limits::kNameBytesMax);
  banner.background = section->text("background", 7);
  const bool is_colour =
      banner.background.size() == 7 && banner.background.front() == '#' &&
      banner.background.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
  if (!is_colour) section->refuse("background", "expected a colour as #rrggbb");
  section->done();
  return banner;
}

}  // namespace

const PullScope* SyncRules::scope(std::string_view scope_name) const {
  for (const PullScope& scope : scopes) {
    if (scope.name == scope_name) return &scope;
  }
  return nullptr;
}

SyncRules read_sync(ObjectReader section) {
  SyncRules rules;
  ObjectReader retry = section.object("retry");
  rules.retry.delays = read_delays(retry, "delays_s", limits::kRetryDelaysMax, limits::kResendGapMs,
                                   limits::kRetryDelayMsMax);
  retry.done();
  rules.batch_operations_max =
      section.count("batch_operations_max", 1, limits::kBatchOperationsMax);
  rules.batch_bytes_max = section.count("batch_bytes_max", 2 * limits::kOperationEnvelopeBytesMax,
                                        limits::kBatchBytesMax);
  rules.call_timeout =
      std::chrono::seconds{section.integer("call_timeout_s", 1, limits::kCallTimeoutMsMax / 1000)};
  rules.on_head_dead = section.choice<OnHeadDead>(
      "on_head_dead", {{"block_dependents", OnHeadDead::block_dependents},
                       {"skip", OnHeadDead::skip},
                       {"block", OnHeadDead::block}});
  read_receipts(section, rules);
  read_history(section, rules);
  rules.retry_after_max = std::chrono::seconds{section.integer(
      "retry_after_max_s", limits::kRetryAfterMsMin / 1000, limits::kRetryAfterMsMax / 1000)};
  rules.blocked_after = std::chrono::hours{section.integer("blocked_after_h", 1, 24 * 30)};
  rules.drain_target =
      std::chrono::seconds{section.integer_or("drain_target_s", kDrainTargetS, 1, kDayS)};
  rules.edge_spread = Duration{section.integer("edge_spread_ms", 0, 60'000)};
  rules.scopes = read_scopes(section);
  section.done();
  return rules;
}

ConnectivityRules read_connectivity(ObjectReader section) {
  ConnectivityRules rules;
  rules.probe = section.text("probe", limits::kNameBytesMax);
  rules.probe_delays = read_delays(section, "probe_delays_s", limits::kProbeDelaysMax,
                                   limits::kProbeDelayMsMin, limits::kProbeDelayMsMax);
  rules.server_down_after = section.count("server_down_after", 1, 100);
  rules.offline_banner = read_offline_banner(section);
  section.done();
  return rules;
}

ProfileLimits read_limits(ObjectReader section) {
  ProfileLimits bounds;
  bounds.outbox_operations_max =
      section.count("outbox_operations_max", 1, limits::kOutboxOperationsMax);
  bounds.outbox_bytes_max = section.count("outbox_bytes_max", limits::kOperationEnvelopeBytesMax,
                                          limits::kOutboxBytesMax);
  bounds.payload_bytes_max = section.count("payload_bytes_max", 2, limits::kPayloadBytesMax);
  bounds.tier1_bytes_max =
      section.count("tier1_bytes_max", limits::kDocumentBytesMax, limits::kTier1BytesMax);
  bounds.tier2_bytes_max =
      section.count("tier2_bytes_max", limits::kTier2BytesMin, limits::kTier2BytesMax);
  section.done();
  return bounds;
}

}  // namespace landfall::profile
