#include "engine/sync/foreign_document.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

// A member that is missing says nothing; one that is no text names nobody of ours.
bool names_another(const std::string& data, const std::string& member, const std::string& ours) {
  // Most data has no such member, which is found out without a tree.
  if (data.find(member) == std::string::npos) return false;
  const auto parsed = parse_json(data, {data.size(), limits::kJsonDepthMax});
  if (!parsed || !parsed->is_object()) return false;
  const auto found = parsed->find(member);
  if (found == parsed->end() || found->is_null()) return false;
  return !found->is_string() || found->get_ref<const std::string&>() != ours;
}

}  // namespace

bool says_whose(const Profile& profile, std::string_view entity_type) {
  const profile::Entity* entity = profile.entity(entity_type);
  return entity != nullptr && (entity->personal || !entity->organisation_field.empty());
}

bool is_foreign(const Profile& profile, const DocumentOwner& owner, const Document& document) {
  const profile::Entity* entity = profile.entity(document.entity.type);
  if (entity == nullptr || document.deleted) return false;
  if (entity->personal && document.entity.id != owner.user_id) return true;
  if (entity->organisation_field.empty() || owner.organisation.empty()) return false;
  return names_another(document.data, entity->organisation_field, owner.organisation);
}

Error foreign_document(std::string_view entity_type) {
  return {
      ErrorClass::transient, "pull.foreign_document",
      "The server sent a document of somebody else, of the type " + quote_input(entity_type) + "."};
}

std::optional<Error> refuse_foreign(const Profile& profile, const DocumentOwner& owner,
                                    const std::vector<Document>& documents) {
  const auto found = std::find_if(documents.begin(), documents.end(), [&](const Document& each) {
    return is_foreign(profile, owner, each);
  });
  return found == documents.end() ? std::nullopt
                                  : std::optional{foreign_document(found->entity.type)};
}

}  // namespace landfall::sync
