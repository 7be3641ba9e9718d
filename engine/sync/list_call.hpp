#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/http/api_call.hpp"
#include "engine/sync/document.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::sync {

// Lists that the server makes: the third form of a pull (wire.md "Pull and read") and the GETs that
// a profile keeps (P-91, P-92, P-97). Pure.

// What is asked. Two that are equal are one call.
struct ListQuestion {
  std::string type;                  // of every document of the answer
  std::string read;                  // the profile's cached read; empty: a query of the pull
  std::string filter;                // compact JSON object; empty: none. Of a query
  std::string text;                  // what somebody looks for; empty: nothing. Of a query
  std::optional<std::string> after;  // the server's own mark; nothing: from the beginning
  std::size_t limit = 0;             // documents; zero: as the server likes

  friend bool operator==(const ListQuestion&, const ListQuestion&) = default;
};

// What the server answered.
struct ListAnswer {
  std::vector<Document> documents;  // as they came, in the server's order
  std::optional<std::string> next;  // its mark for the next page
  std::string kept;  // of a read: the body without its time, each item its id; compact JSON object
};

[[nodiscard]] http::ApiCall list_call(const Profile& profile, std::string_view device_id,
                                      const ListQuestion& question);

// The answer is understood whole or not at all, as in pull_page: pull.answer_invalid (transient).
[[nodiscard]] Result<ListAnswer> parse_list(const Profile& profile, const ListQuestion& question,
                                            std::string_view body);

}  // namespace landfall::sync
