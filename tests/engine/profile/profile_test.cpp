#include "engine/profile/profile.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace std::chrono_literals;

namespace {

Json prokure() { return Json::parse(schema::profile("prokure").value()); }

// The error that a changed profile is refused with; an empty one when it loads.
Error refusal(const std::function<void(Json&)>& change) {
  Json profile = prokure();
  change(profile);
  const auto loaded = Profile::load(profile.dump());
  return loaded ? Error{} : loaded.error();
}

void check_refused(const std::function<void(Json&)>& change, const std::string& code,
                   const std::string& field) {
  const Error error = refusal(change);
  CHECK(error.code == code);
  CHECK(error.field.value_or("") == field);
  CHECK(error.kind == ErrorClass::invalid);
  CHECK(error.message.find(field) != std::string::npos);
}

}  // namespace

TEST_CASE("P-31 P-88 P-100 C-19: ProKure's profile loads with the values of the seed") {
  const auto loaded = Profile::load(schema::profile("prokure").value());
  if (!loaded) FAIL(loaded.error().message);
  const Profile& profile = *loaded;
  CHECK(profile.name == "prokure");
  CHECK(profile.display_name == "ProKure");
  CHECK(profile.sync.retry.delays == std::vector<Duration>{5s, 30s, 120s});
  CHECK(profile.sync.batch_operations_max == 50);
  CHECK(profile.sync.batch_bytes_max == 262'144);
  CHECK(profile.sync.call_timeout == 30s);
  CHECK(profile.sync.on_head_dead == profile::OnHeadDead::block_dependents);
  CHECK(profile.sync.idempotency == profile::Idempotency::key);
  CHECK(profile.sync.receipt_settle == 60s);
  CHECK(profile.sync.retry_after_max == 1h);
  CHECK(profile.sync.blocked_after == 24h);
  CHECK(profile.sync.receipts_kept == 30 * 24h);
  CHECK(profile.sync.settled_kept == 30 * 24h);
  CHECK(profile.sync.settled_operations_max == limits::kSettledOperationsDefault);
  CHECK(profile.sync.edge_spread == 2s);
  CHECK(profile.auth.refresh.ahead == 60s);
  CHECK(profile.auth.refresh.id_header == "X-Refresh-Id");
  REQUIRE(profile.sync.scope("tier1") != nullptr);
  CHECK(profile.sync.scope("tier1")->page_limit == 500);
  CHECK(profile.sync.scope("tier9") == nullptr);
  REQUIRE(profile.endpoint("login") != nullptr);
  CHECK(profile.endpoint("login")->path == "/api/auth/login");
  CHECK(profile.endpoint("login")->response_bytes_max == limits::kAuthResponseBytesMax);
  CHECK(profile.endpoint("push")->response_bytes_max == limits::kSyncResponseBytesMax);
  CHECK(profile.endpoint("push")->replay);
  CHECK(profile.endpoint("approvals")->offline == profile::OfflineClass::cached);
  CHECK(profile.endpoint("nothing") == nullptr);
  CHECK(profile.headers.size() == 6);
  CHECK(profile.connectivity.probe_delays == std::vector<Duration>{2s, 4s, 8s, 16s, 30s});
}

TEST_CASE("P-11 I-3: an app is called what its profile says, or else by its name") {
  Json profile = prokure();
  profile.erase("display_name");
  CHECK(Profile::load(profile.dump()).value().display_name == "prokure");
  profile["display_name"] = std::string(limits::kNameBytesMax, 'x');
  CHECK(Profile::load(profile.dump()).has_value());
  check_refused([](Json& changed) { changed["display_name"] = ""; }, "profile.value",
                "display_name");
  check_refused([](Json& changed) { changed["display_name"] = 7; }, "profile.type", "display_name");
  check_refused(
      [](Json& changed) { changed["display_name"] = std::string(limits::kNameBytesMax + 1, 'x'); },
      "profile.value", "display_name");
}

TEST_CASE("P-33 P-34 P-35 P-56: ProKure's entities carry their tiers, actions and overlays") {
  const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  for (const char* type : {"approval", "kpi", "user_profile", "notification"}) {
    CHECK(profile.entity(type)->tier == profile::Tier::pinned);
  }
  for (const char* type : {"pr", "po", "grn", "vendor"}) {
    CHECK(profile.entity(type)->tier == profile::Tier::on_demand);
  }
  for (const char* type : {"report", "analytics", "nlp_query"}) {
    CHECK(profile.entity(type)->tier == profile::Tier::online);
  }
  const profile::Action* reject = profile.action("approval", "reject");
  REQUIRE(reject != nullptr);
  CHECK(reject->kind == profile::ActionKind::update);
  CHECK(reject->payload.at("comment").required);
  CHECK(reject->payload.at("comment").length_min == 10U);
  CHECK(reject->overlay.merge);
  CHECK(reject->overlay.set->at("status") == "rejected");
  CHECK(profile.action("pr", "create")->kind == profile::ActionKind::create);
  CHECK(profile.action("pr", "create")->payload_open);
  CHECK(profile.action("pr", "delete")->kind == profile::ActionKind::remove);
  CHECK(profile.action("pr", "delete")->overlay.remove);
  CHECK(profile.action("grn", "create")->kind == profile::ActionKind::create);
  CHECK(profile.action("approval", "comment")->kind == profile::ActionKind::commutative);
  CHECK(profile.action("notification", "read")->kind == profile::ActionKind::commutative);
  CHECK(profile.action("approval", "dance") == nullptr);
  CHECK(profile.action("dance", "approve") == nullptr);
}

TEST_CASE("P-40 P-41 P-42 P-43 P-44 P-45 P-47: notification types, channels and quiet hours") {
  const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  const auto& rules = profile.notifications;
  CHECK(rules.types.size() == 5);
  CHECK(rules.types.at("KPI_ALERT").deep_link == "/dashboard/kpi/${code}");
  CHECK(rules.types.at("ANOMALY_ALERT").priority == profile::Priority::high);
  CHECK(rules.types.at("APPROVAL_PENDING").channel == "prokure_approvals");
  CHECK(rules.types.at("DELIVERY_UPDATE").priority == profile::Priority::normal);
  CHECK(rules.types.at("BUDGET_WARNING").deep_link == "/dashboard/budget/${projectId}");
  CHECK(rules.channels.at("prokure_general").importance == profile::Priority::low);
  CHECK(rules.other.value().channel == "prokure_general");
  CHECK(rules.other->deep_link.empty());
  CHECK(rules.settings.value().entity == "user_profile");
  CHECK(rules.settings->field == "mobile_settings");
  CHECK(rules.defaults.push_enabled);
  CHECK(rules.defaults.quiet_hours_start.minutes == 22 * 60);
  CHECK(rules.defaults.quiet_hours_end.minutes == 7 * 60);
  CHECK(rules.defaults.overrides == std::set<std::string, std::less<>>{"APPROVAL_PENDING"});
  CHECK(rules.defaults.channels.size() == 5);
}

TEST_CASE("C-28: a message without a text shows its key") {
  const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  CHECK(profile.message("session.expired") == "Your session has expired. Please log in again.");
  CHECK(profile.message("nothing.here") == "nothing.here");
}

TEST_CASE("Text that is no profile is refused as JSON is") {
  CHECK(Profile::load("").error().code == "json.invalid");
  CHECK(Profile::load("{\"name\":").error().code == "json.invalid");
  CHECK(Profile::load(std::string(limits::kProfileBytesMax + 1, ' ')).error().code ==
        "json.too_large");
  CHECK(Profile::load(std::string(70, '[') + std::string(70, ']')).error().code == "json.too_deep");
  CHECK(Profile::load("[]").error().code == "profile.type");
  CHECK(Profile::load("{}").error().code == "profile.missing");
  CHECK(Profile::load("{}").error().field == "name");
}

TEST_CASE("Every key of the profile is needed or has a default: without it the path is named") {
  const Json whole = prokure();
  for (const char* section : {"origin", "endpoints", "headers", "errors", "auth", "sync",
                              "entities", "notifications", "connectivity", "messages", "limits"}) {
    check_refused([&](Json& p) { p.erase(section); }, "profile.missing", section);
  }
  for (const char* section : {"sync", "connectivity", "limits"}) {
    for (const auto& item : whole.at(section).items()) {
      if (item.key() == "drain_target_s") continue;
      check_refused([&](Json& p) { p[section].erase(item.key()); }, "profile.missing",
                    std::string{section} + "." + item.key());
    }
  }
  Json without_target = whole;
  without_target["sync"].erase("drain_target_s");
  CHECK(Profile::load(without_target.dump()).value().sync.drain_target == 300s);
  for (const char* key : {"ahead_s", "on_rejected"}) {
    check_refused([&](Json& p) { p["auth"]["refresh"].erase(key); }, "profile.missing",
                  std::string{"auth.refresh."} + key);
  }
  check_refused([](Json& p) { p["endpoints"].erase("push"); }, "profile.missing", "endpoints.push");
  check_refused([](Json& p) { p["endpoints"].erase("receipts"); }, "profile.missing",
                "endpoints.receipts");
  check_refused([](Json& p) { p["endpoints"]["login"]["reply"].erase("user_id"); },
                "profile.missing", "endpoints.login.reply.user_id");
  check_refused([](Json& p) { p["notifications"]["defaults"].erase("quiet_hours_end"); },
                "profile.missing", "notifications.defaults.quiet_hours_end");
  check_refused([](Json& p) { p["sync"]["retry"] = nullptr; }, "profile.missing", "sync.retry");
}

TEST_CASE("An unknown key is refused wherever it stands") {
  const std::vector<std::pair<std::string, std::string>> places{
      {"", "surprise"},
      {"/endpoints/push", "endpoints.push.surprise"},
      {"/endpoints/login/reply", "endpoints.login.reply.surprise"},
      {"/errors", "errors.surprise"},
      {"/auth", "auth.surprise"},
      {"/auth/refresh", "auth.refresh.surprise"},
      {"/sync", "sync.surprise"},
      {"/sync/retry", "sync.retry.surprise"},
      {"/sync/scopes/0", "sync.scopes[0].surprise"},
      {"/entities/approval", "entities.approval.surprise"},
      {"/entities/approval/conflict", "entities.approval.conflict.surprise"},
      {"/entities/approval/actions/reject", "entities.approval.actions.reject.surprise"},
      {"/entities/approval/actions/reject/overlay",
       "entities.approval.actions.reject.overlay.surprise"},
      {"/entities/approval/actions/reject/payload/comment",
       "entities.approval.actions.reject.payload.comment.surprise"},
      {"/notifications", "notifications.surprise"},
      {"/notifications/types/KPI_ALERT", "notifications.types.KPI_ALERT.surprise"},
      {"/notifications/channels/prokure_alerts", "notifications.channels.prokure_alerts.surprise"},
      {"/notifications/defaults", "notifications.defaults.surprise"},
      {"/notifications/other", "notifications.other.surprise"},
      {"/notifications/settings", "notifications.settings.surprise"},
      {"/connectivity", "connectivity.surprise"},
      {"/limits", "limits.surprise"}};
  for (const auto& [pointer, field] : places) {
    check_refused(
        [&pointer = pointer](Json& p) { p[Json::json_pointer(pointer)]["surprise"] = "x"; },
        "profile.unknown_key", field);
  }
}

TEST_CASE("A value of the wrong type is refused with its path and what was expected") {
  const std::vector<std::pair<std::string, std::string>> places{
      {"/name", "name"},
      {"/endpoints", "endpoints"},
      {"/endpoints/push", "endpoints.push"},
      {"/endpoints/push/path", "endpoints.push.path"},
      {"/endpoints/push/replay", "endpoints.push.replay"},
      {"/headers/X-Platform", "headers.X-Platform"},
      {"/auth/refresh/ahead_s", "auth.refresh.ahead_s"},
      {"/sync/retry/delays_s", "sync.retry.delays_s"},
      {"/sync/retry/delays_s/1", "sync.retry.delays_s[1]"},
      {"/sync/batch_bytes_max", "sync.batch_bytes_max"},
      {"/sync/scopes", "sync.scopes"},
      {"/sync/scopes/0", "sync.scopes[0]"},
      {"/entities/kpi/tier", "entities.kpi.tier"},
      {"/entities/kpi/summary", "entities.kpi.summary"},
      {"/entities/kpi/max_age_s", "entities.kpi.max_age_s"},
      {"/entities/approval/actions", "entities.approval.actions"},
      {"/entities/approval/actions/approve/payload", "entities.approval.actions.approve.payload"},
      {"/entities/approval/actions/approve/overlay/merge",
       "entities.approval.actions.approve.overlay.merge"},
      {"/notifications/defaults/push_enabled", "notifications.defaults.push_enabled"},
      {"/notifications/defaults/quiet_hours_override",
       "notifications.defaults.quiet_hours_override"},
      {"/connectivity/probe_delays_s", "connectivity.probe_delays_s"},
      {"/messages", "messages"},
      {"/messages/session.expired", "messages.session.expired"},
      {"/limits/tier1_bytes_max", "limits.tier1_bytes_max"}};
  for (const auto& [pointer, field] : places) {
    check_refused([&pointer = pointer](Json& p) { p[Json::json_pointer(pointer)] = 1.5; },
                  "profile.type", field);
    CHECK(refusal([&pointer = pointer](Json& p) {
            p[Json::json_pointer(pointer)] = 1.5;
          }).message.find("expected") != std::string::npos);
  }
}

TEST_CASE("A value outside its bounds or against another section is refused") {
  const std::vector<std::tuple<std::string, Json, std::string>> values{
      {"/name", "Pro Kure", "name"},
      {"/origin", "http://api.prokure.example", "origin"},
      {"/origin", "https://user@api.prokure.example", "origin"},
      {"/origin", "https://api.prokure.example/", "origin"},
      {"/origin", "https://api.prokure.example:0", "origin"},
      {"/origin", "https://api.prokure.example:70000", "origin"},
      {"/origin", "https://\xD0\xB0pi.prokure.example", "origin"},
      {"/origin", "ftp://api.prokure.example", "origin"},
      {"/endpoints/push/method", "FETCH", "endpoints.push.method"},
      {"/endpoints/push/path", "api", "endpoints.push.path"},
      {"/endpoints/push/path", "//evil.example/api", "endpoints.push.path"},
      {"/endpoints/push/path", "/api/../admin", "endpoints.push.path"},
      {"/endpoints/push/path", "/api/${id", "endpoints.push.path"},
      {"/endpoints/push/path", "/api push", "endpoints.push.path"},
      {"/endpoints/push/auth", "jwt2", "endpoints.push.auth"},
      {"/endpoints/push/auth", "none", "endpoints.push.replay"},
      {"/endpoints/push/offline", "maybe", "endpoints.push.offline"},
      {"/endpoints/push/response_bytes_max", 5 * 1024 * 1024, "endpoints.push.response_bytes_max"},
      {"/endpoints/login/body/email", "${e_mail}", "endpoints.login.body"},
      {"/endpoints/login/auth", "jwt", "endpoints.login.auth"},
      {"/headers/X-Platform", "${password}", "headers.X-Platform"},
      {"/headers/X-Platform", "a\nb", "headers.X-Platform"},
      {"/headers/X Platform", "a", "headers.X Platform"},
      {"/auth/refresh/ahead_s", -1, "auth.refresh.ahead_s"},
      {"/auth/refresh/on_rejected", "explode", "auth.refresh.on_rejected"},
      {"/auth/refresh/id_header", "X Refresh", "auth.refresh.id_header"},
      {"/sync/retry/delays_s", Json::array(), "sync.retry.delays_s"},
      {"/sync/retry/delays_s/0", 0, "sync.retry.delays_s[0]"},
      {"/sync/batch_operations_max", 0, "sync.batch_operations_max"},
      {"/sync/batch_operations_max", 501, "sync.batch_operations_max"},
      {"/sync/batch_bytes_max", 1 << 30, "sync.batch_bytes_max"},
      {"/sync/batch_bytes_max", 18446744073709551615ULL, "sync.batch_bytes_max"},
      {"/sync/call_timeout_s", 0, "sync.call_timeout_s"},
      {"/sync/idempotency", "hope", "sync.idempotency"},
      {"/sync/receipt_margin_days", 30, "sync.receipt_margin_days"},
      {"/sync/scopes/0/page_limit", 501, "sync.scopes[0].page_limit"},
      {"/entities/kpi/tier", 4, "entities.kpi.tier"},
      {"/entities/kpi/max_age_s", 0, "entities.kpi.max_age_s"},
      {"/entities/kpi/max_age_s", 31 * 86'400 + 1, "entities.kpi.max_age_s"},
      {"/entities/kpi/scope", "tier7", "entities.kpi.scope"},
      {"/entities/approval/actions/reject/kind", "destroy",
       "entities.approval.actions.reject.kind"},
      {"/entities/approval/actions/comment/delivery", "endpoint",
       "entities.approval.actions.comment.endpoint"},
      {"/entities/approval/actions/reject/delivery", "batch",
       "entities.approval.actions.reject.endpoint"},
      {"/entities/approval/actions/reject/endpoint", "nowhere",
       "entities.approval.actions.reject.endpoint"},
      {"/entities/approval/actions/reject/endpoint", "reject", "endpoints.reject.path"},
      {"/endpoints/bulk_reject/replay", false, "entities.approval.actions.reject.endpoint"},
      {"/endpoints/bulk_reject/body/code", "${code}", "endpoints.bulk_reject.body"},
      {"/endpoints/bulk_reject/operations_max", 501, "endpoints.bulk_reject.operations_max"},
      {"/entities/approval/actions/reject/payload/comment/length_min", 3000,
       "entities.approval.actions.reject.payload.comment.length_min"},
      {"/entities/approval/conflict/otherwise", "coin", "entities.approval.conflict.otherwise"},
      {"/entities/approval/conflict/fields/status", "server",
       "entities.approval.conflict.order.status"},
      {"/entities/approval/conflict/order/title", Json::array({"a"}),
       "entities.approval.conflict.order.title"},
      {"/entities/approval/conflict/fields/comment", "coin",
       "entities.approval.conflict.fields.comment"},
      {"/entities/approval/conflict/fields/comment", "sum_delta",
       "entities.approval.conflict.fields.comment"},
      {"/entities/approval/conflict/fields/comment", "union",
       "entities.approval.conflict.fields.comment"},
      {"/entities/pr/conflict/fields/lines", "max", "entities.pr.conflict.fields.lines"},
      {"/entities/pr/conflict/fields/status", "sum_delta", "entities.pr.conflict.fields.status"},
      {"/entities/pr/conflict/otherwise", "sum_delta", "entities.pr.conflict.otherwise"},
      {"/entities/pr/conflict/otherwise", "forward_only", "entities.pr.conflict.otherwise"},
      {"/entities/pr/conflict/order/status", Json::array({"draft", "approved"}),
       "entities.pr.conflict.order.status"},
      {"/entities/kpi/conflict",
       {{"otherwise", "server"}, {"order", {{"value", {"low"}}}}},
       "entities.kpi.conflict.order.value"},
      {"/entities/approval/conflict/confirm/0", "dance", "entities.approval.conflict.confirm[0]"},
      {"/entities/pr/actions/submit/overlay/remove", true,
       "entities.pr.actions.submit.overlay.remove"},
      {"/notifications/types/KPI_ALERT/channel", "nowhere",
       "notifications.types.KPI_ALERT.channel"},
      {"/notifications/types/KPI_ALERT/deep_link", "javascript:alert(1)",
       "notifications.types.KPI_ALERT.deep_link"},
      {"/notifications/types/KPI_ALERT/deep_link", "//evil",
       "notifications.types.KPI_ALERT.deep_link"},
      {"/notifications/other/channel", "nowhere", "notifications.other.channel"},
      {"/notifications/settings/entity", "nobody", "notifications.settings.entity"},
      {"/notifications/defaults/quiet_hours_start", "25:00",
       "notifications.defaults.quiet_hours_start"},
      {"/notifications/defaults/quiet_hours_end", "7:00", "notifications.defaults.quiet_hours_end"},
      {"/notifications/defaults/quiet_hours_override/0", "SPAM",
       "notifications.defaults.quiet_hours_override[0]"},
      {"/connectivity/probe", "nothing", "connectivity.probe"},
      {"/connectivity/probe_delays_s/0", 0, "connectivity.probe_delays_s[0]"},
      {"/connectivity/server_down_after", 0, "connectivity.server_down_after"},
      {"/limits/outbox_operations_max", 50'001, "limits.outbox_operations_max"},
      {"/limits/payload_bytes_max", 262'144, "limits.payload_bytes_max"}};
  for (const auto& [pointer, value, field] : values) {
    const auto change = [&, at = pointer, to = value](Json& p) { p[Json::json_pointer(at)] = to; };
    INFO(pointer << " = " << value.dump());
    check_refused(change, "profile.value", field);
  }
}

TEST_CASE("P-29: a field that only goes forward needs the order of its states") {
  check_refused([](Json& p) { p["entities"]["pr"]["conflict"].erase("order"); }, "profile.value",
                "entities.pr.conflict.order.status");
}

TEST_CASE("P-29 P-53: ProKure's rules for conflicts, and what is decided is never decided twice") {
  using profile::FieldRule;
  const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  const auto& approval = profile.entity("approval")->conflict;
  CHECK(approval.rule_of("status") == FieldRule::forward_only);
  CHECK(approval.rule_of("comment") == FieldRule::ask);
  CHECK(approval.rule_of("amount_minor") == FieldRule::server);
  CHECK(approval.order.at("status") == profile::StateOrder{"pending", "approved", "rejected"});
  CHECK(approval.confirm == std::set<std::string, std::less<>>{"approve", "reject"});
  const auto& pr = profile.entity("pr")->conflict;
  CHECK(pr.rule_of("title") == FieldRule::newer);
  CHECK(pr.rule_of("lines") == FieldRule::ask);
  CHECK(pr.confirm == std::set<std::string, std::less<>>{"delete", "submit"});
  CHECK(profile.entity("user_profile")->conflict.rule_of("phone") == FieldRule::newer);
  CHECK(profile.entity("kpi")->conflict.rule_of("value") == FieldRule::server);
}

TEST_CASE("A pinned entity needs a scope and an online one has none") {
  check_refused([](Json& p) { p["entities"]["kpi"].erase("scope"); }, "profile.value",
                "entities.kpi.scope");
  check_refused([](Json& p) { p["entities"]["kpi"]["tier"] = 3; }, "profile.value",
                "entities.kpi.scope");
}

TEST_CASE("P-91 P-92 P-97: ProKure's cached GETs are reads of its profile") {
  const auto profile = Profile::load(schema::profile("prokure").value());
  REQUIRE(profile);
  REQUIRE(profile->cached_read("dashboard") != nullptr);
  CHECK(profile->cached_read("dashboard")->entity == "kpi");
  CHECK(profile->cached_read("approvals")->entity == "approval");
  CHECK(profile->cached_read("notifications")->max_age == std::chrono::seconds{300});
  CHECK(profile->cached_read("reports") == nullptr);
  CHECK(profile->entity("answer")->tier == profile::Tier::pinned);
}

TEST_CASE(
    "A read names a GET that is cached, documents that are stored and a type for its answer") {
  const auto read = [](const char* key, Json value) {
    return [key, value = std::move(value)](Json& p) { p["reads"]["dashboard"][key] = value; };
  };
  for (const char* endpoint : {"probe", "pull", "nothing"})
    check_refused(read("endpoint", endpoint), "profile.value", "reads.dashboard.endpoint");
  check_refused([](Json& p) { p["endpoints"]["dashboard"]["offline"] = "no"; }, "profile.value",
                "reads.dashboard.endpoint");
  check_refused([](Json& p) { p["endpoints"]["dashboard"]["path"] = "/d/${id}"; }, "profile.value",
                "reads.dashboard.endpoint");
  check_refused(read("entity", "contract"), "profile.value", "reads.dashboard.entity");
  for (const char* type : {"contract", "kpi", "approval", "pr"})
    check_refused(read("kept_as", type), "profile.value", "reads.dashboard.kept_as");
  check_refused(read("max_age_s", 0), "profile.value", "reads.dashboard.max_age_s");
  check_refused(read("surprise", 1), "profile.unknown_key", "reads.dashboard.surprise");
  // Without reads nothing brings the answers any more.
  check_refused([](Json& p) { p.erase("reads"); }, "profile.value", "entities.answer.scope");
}

TEST_CASE("A server on the same machine may speak clear text") {
  CHECK(refusal([](Json& p) { p["origin"] = "http://127.0.0.1:8080"; }).code.empty());
  CHECK(refusal([](Json& p) { p["origin"] = "http://localhost:8080"; }).code.empty());
  CHECK(refusal([](Json& p) { p["origin"] = "https://api.prokure.example:8443"; }).code.empty());
}

TEST_CASE("A reply's values are found by dotted paths") {
  const Json reply = Json::parse(R"({"accessToken":"a","user":{"id":"u","none":null,"list":[1]}})");
  CHECK(*profile::reply_value(reply, "accessToken") == "a");
  CHECK(*profile::reply_value(reply, "user.id") == "u");
  CHECK(profile::reply_value(reply, "user.none") == nullptr);
  CHECK(profile::reply_value(reply, "user.missing.deeper") == nullptr);
  CHECK(profile::reply_value(reply, "user.list.0") == nullptr);
  CHECK(profile::reply_value(Json("text"), "user") == nullptr);
  const Profile loaded = Profile::load(schema::profile("prokure").value()).value();
  CHECK(*profile::reply_value(reply, *loaded.endpoint("login"), "user_id") == "u");
  CHECK(profile::reply_value(reply, *loaded.endpoint("push"), "user_id") == nullptr);
}

TEST_CASE("An app has files or none, and what moves them is checked (P-72, P-75)") {
  const Profile loaded = Profile::load(schema::profile("prokure").value()).value();
  REQUIRE(loaded.attachments);
  CHECK(loaded.attachments->bytes_max == 10 * limits::kMiB);
  CHECK(loaded.attachments->piece_bytes == limits::kPieceBytesDefault);
  CHECK(loaded.attachments->downloads.at("report") == "report_download");
  CHECK(refusal([](Json& p) { p.erase("attachments"); }).code.empty());
  const auto check_value = [](const char* key, const Json& value, const std::string& field) {
    check_refused([&](Json& p) { p["attachments"][key] = value; }, "profile.value", field);
  };
  check_value("start", "attachment_send", "attachments.start");
  check_value("send", "pull", "attachments.send");
  check_value("offset", "nothing", "attachments.offset");
  check_value("bytes_max", 10 * limits::kMiB + 1, "attachments.bytes_max");
  check_value("piece_bytes", 1, "attachments.piece_bytes");
  check_value("content_types", Json::array({"text/html"}), "attachments.content_types");
  check_refused([](Json& p) { p["attachments"]["downloads"]["report"] = "dashboard"; },
                "profile.value", "endpoints.dashboard");
  check_refused([](Json& p) { p["endpoints"]["attachment_send"]["replay"] = false; },
                "profile.value", "attachments.send");
  check_refused([](Json& p) { p["attachments"].erase("piece_bytes"); }, "profile.missing",
                "attachments.piece_bytes");
  check_refused([](Json& p) { p["attachments"]["surprise"] = 1; }, "profile.unknown_key",
                "attachments.surprise");
}
