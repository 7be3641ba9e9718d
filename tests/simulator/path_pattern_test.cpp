#include "simulator/faults/path_pattern.hpp"

#include <catch2/catch.hpp>

using landfall::faults::matches_path;

TEST_CASE("a path of a profile is matched with its query aside and one segment for its id") {
  CHECK(matches_path("/api/push", "/api/push"));
  CHECK(matches_path("/api/push", "/api/push?page=2"));
  CHECK(matches_path("/api/push?version=1", "/api/push?version=1"));
  CHECK_FALSE(matches_path("/api/push", "/api/pushed"));
  CHECK(matches_path("/api/${id}/approve", "/api/a-1/approve?x=/"));
  CHECK_FALSE(matches_path("/api/${id}/approve", "/api//approve"));
  CHECK_FALSE(matches_path("/api/${id}/approve", "/api/a/b/approve"));
  CHECK_FALSE(matches_path("/api/${id}/approve", "/api/approve"));
}
