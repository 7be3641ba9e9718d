#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"
#include "engine/sync/document.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::sync {

// Whose documents a partition holds.
struct DocumentOwner {
  std::string user_id;
  std::string organisation;  // empty: the server knows none
};

// Whether the document is another user's or organisation's, as far as the profile says where that
// stands (`personal`, `organisation_field`) and the document says it: it may not become one of the
// partition's. One that is gone shows nothing of anybody. Pure.
[[nodiscard]] bool is_foreign(const Profile& profile, const DocumentOwner& owner,
                              const Document& document);

// Whether documents of that type can be somebody else's at all.
[[nodiscard]] bool says_whose(const Profile& profile, std::string_view entity_type);

// What an answer with such a document came to: pull.foreign_document, with the type.
[[nodiscard]] Error foreign_document(std::string_view entity_type);
// The same for the first of them that is one; nothing: none is.
[[nodiscard]] std::optional<Error> refuse_foreign(const Profile& profile,
                                                  const DocumentOwner& owner,
                                                  const std::vector<Document>& documents);

}  // namespace landfall::sync
