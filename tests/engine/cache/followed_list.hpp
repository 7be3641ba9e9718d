#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::testing {

// A list as a host keeps it: what it was told first, and every change since, followed to the letter
// of schema/api.json.
class FollowedList final {
 public:
  using Json = nlohmann::json;

  void begin(const Json& documents) { documents_.assign(documents.begin(), documents.end()); }

  void follow(const Json& changes) {
    for (const Json& id : changes.at("removed")) take_out(id);
    for (const Json& entry : changes.at("changed")) take_out(entry.at("document").at("entity_id"));
    std::map<std::size_t, Json> put_in;
    for (const char* kind : {"added", "changed"}) {
      for (const Json& entry : changes.at(kind)) {
        const bool is_first =
            put_in.emplace(entry.at("index").get<std::size_t>(), entry.at("document")).second;
        REQUIRE(is_first);
      }
    }
    for (auto& [index, document] : put_in) {
      REQUIRE(index <= documents_.size());
      documents_.insert(documents_.begin() + static_cast<std::ptrdiff_t>(index), document);
    }
  }

  [[nodiscard]] Json documents() const { return Json(documents_); }

 private:
  void take_out(const Json& id) {
    const auto taken = std::erase_if(
        documents_, [&](const Json& document) { return document.at("entity_id") == id; });
    INFO(id.dump());
    REQUIRE(taken == 1);
  }

  std::vector<Json> documents_;
};

}  // namespace landfall::testing
