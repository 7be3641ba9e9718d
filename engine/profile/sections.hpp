#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/profile/object_reader.hpp"
#include "engine/profile/profile.hpp"

// The sections of a profile, one reader each. Mistakes go to the reader's FirstError.
namespace landfall::profile {

[[nodiscard]] std::map<std::string, Endpoint, std::less<>> read_endpoints(ObjectReader section);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_headers(ObjectReader section);
[[nodiscard]] ErrorShape read_errors(ObjectReader section);
[[nodiscard]] AuthRules read_auth(ObjectReader section);
// The keys of `auth` that say how a session begins and ends.
[[nodiscard]] SessionRules read_session(ObjectReader& auth);
// What follows from the endpoints where the profile says nothing of it.
void add_session_defaults(Profile& profile);
void check_session(const Profile& profile, FirstError& errors);
// That the calls of a session can be built of what the engine knows when it makes them.
void check_bodies(const Profile& profile, FirstError& errors);
[[nodiscard]] UnlockRules read_unlock(ObjectReader section);
[[nodiscard]] SyncRules read_sync(ObjectReader section);
[[nodiscard]] std::map<std::string, Entity, std::less<>> read_entities(ObjectReader section);
[[nodiscard]] std::map<std::string, CachedRead, std::less<>> read_reads(ObjectReader section);
// One entity's rules for a conflict; `actions` are those that they must fit.
[[nodiscard]] ConflictPolicy read_conflict(
    ObjectReader& section, const std::map<std::string, Action, std::less<>>& actions);
[[nodiscard]] NotificationRules read_notifications(ObjectReader section);
[[nodiscard]] ConnectivityRules read_connectivity(ObjectReader section);
[[nodiscard]] std::optional<AttachmentRules> read_attachments(ObjectReader& root);
[[nodiscard]] RealtimeRules read_realtime(ObjectReader section);
[[nodiscard]] PermissionRules read_permissions(ObjectReader section);
[[nodiscard]] RoutingRules read_routing(ObjectReader section);
[[nodiscard]] ProfileLimits read_limits(ObjectReader section);
[[nodiscard]] DeviceRules read_devices(ObjectReader section);
[[nodiscard]] UpdateRules read_updates(ObjectReader section);
[[nodiscard]] TrustRules read_trust(ObjectReader section);
[[nodiscard]] HttpRules read_http(ObjectReader section);
// What a section and the endpoints that it names must agree on.
void check_devices(const Profile& profile, FirstError& errors);
[[nodiscard]] AttestationRules read_attestation(ObjectReader section);
// That what is signed can be kept as it was signed, and that the server can hear of the key.
void check_attestation(const Profile& profile, FirstError& errors);
// Whether the body of the call that registers a device says the key of its attestations.
[[nodiscard]] bool names_attestation_key(const Endpoint& endpoint);
[[nodiscard]] SecondFactorRules read_second_factor(ObjectReader section);
// Names that its endpoints may use in `body` and `reply` beside those of all endpoints.
[[nodiscard]] bool is_second_factor_variable(std::string_view name);
[[nodiscard]] bool is_second_factor_reply(std::string_view name);

}  // namespace landfall::profile
