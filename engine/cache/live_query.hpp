#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/cache/query.hpp"
#include "engine/cache/run_query.hpp"

namespace landfall::cache {

// A query that stays open: it knows what its subscriber was told and says what changed since.
//
// An event leads from one picture of the list to the next. One that nobody has taken yet is
// replaced by the next: that one leads on from the picture before it, so that whoever takes an
// event goes from what they have to what is, and sees nothing in between, nor anything twice.
class LiveQuery final {
 public:
  // `page` is what the subscriber is told first. `query` has no `after`.
  LiveQuery(Query query, const QueryPage& page);

  [[nodiscard]] const Query& query() const { return query_; }

  // Whether `page` is another picture than the one that was told last.
  [[nodiscard]] bool is_news(const QueryPage& page) const;

  // What leads from the last picture that was certainly taken to `page`:
  //
  //   {"removed":["<id>"],"added":[{"index","document"}],"changed":[{"index","document"}],"more"}
  //
  // To follow it, take out what was removed and what changed, then put in what was added and what
  // changed, each at its index, from the lowest to the highest.
  [[nodiscard]] Json changes_to(const QueryPage& page) const;

  // The event that was told last has been taken.
  void on_taken() { taken_ = told_; }
  // An event that leads to `page` is told, in place of the last one if that was not taken.
  void on_told(const QueryPage& page);

 private:
  using Hash = std::array<unsigned char, 16>;
  struct Shown {
    std::string id;
    Hash hash{};  // of the document as it is shown

    friend bool operator==(const Shown&, const Shown&) = default;
  };
  struct Picture {
    std::vector<Shown> documents;
    bool more = false;

    friend bool operator==(const Picture&, const Picture&) = default;
  };

  [[nodiscard]] static Hash hash_of(const Json& document);
  [[nodiscard]] static Picture picture_of(const QueryPage& page);

  Query query_;
  Picture taken_;
  Picture told_;
};

// Checks the params of documents.subscribe: those of a query without `after` and `commit_seq`, with
// at most limits::kSubscribedDocumentsMax documents, which is also the default.
[[nodiscard]] Result<Query> parse_subscription(const Profile& profile, const Json& params);

}  // namespace landfall::cache
