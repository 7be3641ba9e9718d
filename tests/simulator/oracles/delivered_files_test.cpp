#include "simulator/oracles/delivered_files.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

using oracles::DeliveredFiles;

Json row(const std::string& state, const std::string& cause = "") {
  Json json{{"id", "p1"}, {"state", state}};
  if (!cause.empty()) json["cause"] = cause;
  return json;
}

std::size_t violations_of(const DeliveredFiles::Rows& rows,
                          const DeliveredFiles::Hashes& at_server) {
  oracles::Stage stage;
  DeliveredFiles::judge(stage.world, stage.phone, {{"p1", "right"}}, rows, at_server);
  return stage.violations("INV-F1").size();
}

}  // namespace

TEST_CASE(
    "INV-F1 oracle: a photograph that is at the server with its hash is fine, listed or not") {
  CHECK(violations_of({{"p1", row("done")}}, {{"p1", "right"}}) == 0);
  CHECK(violations_of({}, {{"p1", "right"}}) == 0);
  CHECK(violations_of({{"p1", row("done")}}, {{"p1", "wrong"}}) == 1);
}

TEST_CASE(
    "INV-F1 oracle: one that is not there is listed with its reason, and is not called done") {
  CHECK(violations_of({}, {}) == 1);
  CHECK(violations_of({{"p1", row("done")}}, {}) == 1);
  CHECK(violations_of({{"p1", row("failed")}}, {}) == 1);
  CHECK(violations_of({{"p1", row("failed", "answer.server_error")}}, {}) == 0);
  CHECK(violations_of({{"p1", row("waiting", "operation.pending")}}, {}) == 0);
  CHECK(violations_of({{"p1", row("discarded", "attachment.operation_over")}}, {}) == 0);
}

TEST_CASE("INV-F1 oracle: one that would still move at the end does not come to rest") {
  CHECK(violations_of({{"p1", row("moving", "answer.silent")}}, {}) == 1);
  CHECK(violations_of({{"p1", row("waiting", "answer.silent")}}, {}) == 1);
}
