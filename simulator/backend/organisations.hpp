#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

struct BackendOrganisation {
  std::string id;
  std::string name;
  std::string industry;
};

// Who works with a backend of organisations (I-28, I-29): lina in one, omar in two.
[[nodiscard]] const std::vector<SeedUser>& organisation_users();
[[nodiscard]] std::vector<BackendOrganisation> organisations_of(std::string_view user_id);

// As the app reads them: [{"id","name","industry"}].
[[nodiscard]] std::string organisations_json(std::string_view user_id);

// The stock of every organisation. Their items are owned by the organisation, not by a user.
[[nodiscard]] std::vector<Document> organisation_documents();

// Which organisation a request is made for, by its X-Organization-Id. A user without organisations
// needs none.
struct OrganisationCheck {
  std::string organisation;               // empty: the user has none
  std::optional<http::Response> refusal;  // 400 where it is missing, 403 for somebody else's
};
[[nodiscard]] OrganisationCheck check_organisation(const http::Request& request,
                                                   std::string_view user_id);

}  // namespace landfall::backend
