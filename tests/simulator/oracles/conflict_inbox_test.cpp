#include "simulator/oracles/conflict_inbox.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

Json row(const std::string& id, const std::string& state, const std::string& supersedes = "") {
  Json json{{"id", id}, {"state", state}};
  if (!supersedes.empty()) json["supersedes"] = supersedes;
  return json;
}

Json conflict(const std::string& id, const std::string& state, const Json& heirs = Json::array()) {
  return {{"id", id}, {"state", state}, {"superseded_by", heirs}, {"operations", {id, "next"}}};
}

std::size_t violations_of(const std::vector<Json>& outbox, const std::vector<Json>& inbox) {
  oracles::Stage stage;
  oracles::ConflictInbox::judge(stage.world, stage.phone, outbox, inbox);
  return stage.violations("INV-Q12").size();
}

}  // namespace

TEST_CASE("INV-Q12 oracle: a conflict that the inbox forgot is named") {
  CHECK(violations_of({row("lost", "conflict")}, {}) == 1);
  CHECK(violations_of({row("lost", "conflict"), row("fine", "applied")},
                      {conflict("lost", "open")}) == 0);
  CHECK(violations_of({}, {conflict("lost", "open")}) == 1);
}

TEST_CASE("INV-Q12 oracle: what was decided names what supersedes it") {
  const std::vector<Json> outbox{row("lost", "superseded"), row("next", "superseded"),
                                 row("heir", "queued", "lost"), row("second", "queued", "next"),
                                 row("stranger", "queued")};
  CHECK(violations_of(outbox, {conflict("lost", "merged", {"heir", "second"})}) == 0);
  CHECK(violations_of(outbox, {conflict("lost", "chosen", {"heir"})}) == 0);
  CHECK(violations_of(outbox, {conflict("lost", "merged")}) == 1);
  CHECK(violations_of(outbox, {conflict("lost", "merged", {"stranger"})}) == 1);
  CHECK(violations_of(outbox, {conflict("lost", "merged", {"nobody"})}) == 1);
  CHECK(violations_of(outbox, {conflict("lost", "open")}) == 1);
  CHECK(violations_of({row("lost", "conflict"), row("heir", "queued", "lost")},
                      {conflict("lost", "given_up", {"heir"})}) == 1);
  CHECK(violations_of({row("lost", "conflict")}, {conflict("lost", "kept_theirs")}) == 0);
}
