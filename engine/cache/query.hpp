#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/query_filter.hpp"
#include "engine/cache/query_order.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::cache {

// Whether the server is asked too, behind the answer.
enum class Refresh { never, if_stale, always };

// What documents.query asks for: one entity by id, or a page of a type.
struct Query {
  std::string type;
  std::optional<std::string> id;
  std::vector<Condition> filter;   // all of them hold
  std::vector<std::string> words;  // folded; each is somewhere in the summary
  Order order;
  std::optional<Place> after;  // the page begins behind it
  std::size_t limit = 0;  // documents; 1 to limits::kQueryDocumentsMax, which is also the default
  Refresh refresh = Refresh::never;
  std::optional<Duration> max_age;  // in place of the type's own

  // The server makes the page, if it can be reached (`ask`), of what it is told as it was written.
  bool ask = false;
  std::string filter_json;  // compact; empty: none
  std::string text;
  std::optional<std::string> server_after;  // its own mark: the page goes on where its last ended
  std::optional<std::int64_t>
      commit_seq;  // answer from this commit or a later one: users read their own writes
};

// Checks the params of documents.query; errors name the field below "params": field.missing,
// field.type, field.range, field.value, field.unknown, query.unknown_field for one that the profile
// does not declare for filters and sorting, entity.unknown_type. `ask` has no `sort`, because the
// order is the server's, and is for types that no scope carries: of the others all is here already.
[[nodiscard]] Result<Query> parse_query(const Profile& profile, const Json& params);

// The server's mark as the host carries it from one page to the next (`next`, `after`); no place of
// a list that was made here, and told apart from one.
[[nodiscard]] std::string to_server_token(const std::string& mark);
// Nothing when the token is none of those.
[[nodiscard]] std::optional<std::string> mark_in_token(const std::string& token);

}  // namespace landfall::cache
