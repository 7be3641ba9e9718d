#pragma once

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {

// A world whose one phone never boots: the test plays engine, user and server, and the oracles see
// exactly the history that it tells.
class Stage {
 public:
  explicit Stage(const Json& profile = "prokure", backend::BackendOptions backend = {})
      : world({.profile = profile, .backend = std::move(backend)}),
        phone(world.add_phone("phone1", {backend::Backend::seed_users()[0].id, "", ""})) {
    world.add_observer(book);
  }

  void watch(world::Observer& oracle) { world.add_observer(oracle); }
  void wait(std::int64_t ms) { world.run_for(Duration{ms}); }

  // --- the user

  void hand_in(const std::string& id, const std::string& action = "approve",
               const std::string& entity = "a1") {
    world.observe_intent(phone, intent(id, action, entity));
  }
  // Handed in and acknowledged; `seq` is its place in the order of acceptance.
  void accept(const std::string& id, std::int64_t seq, const std::string& action = "approve",
              const std::string& entity = "a1", const std::string& state = "queued") {
    hand_in(id, action, entity);
    acknowledge(id, Json{{"seq", seq}, {"commit_seq", seq * 10}, {"state", state}}, action, entity);
  }
  void acknowledge(const std::string& id, const Json& result, const std::string& action = "approve",
                   const std::string& entity = "a1") {
    world.observe_acknowledged(phone, intent(id, action, entity), result);
  }
  void tell(const std::string& id, const std::string& state, const std::string& reason = "") {
    world.observe_event(phone, "operation.changed",
                        Json{{"id", id}, {"state", state}, {"block_reason", reason}});
  }

  // --- the wire

  // A push of these operations leaves; `lanes` names the entity of each, a1 where it is shorter.
  http::Request push(const std::vector<std::string>& ids,
                     const std::vector<std::string>& lanes = {}) {
    Json operations = Json::array();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      operations.push_back({{"id", ids[i]},
                            {"entity_type", "approval"},
                            {"entity_id", i < lanes.size() ? lanes[i] : "a1"},
                            {"payload", Json::object()}});
    }
    return send(routes().push, Json{{"operations", operations}});
  }
  http::Request send(const std::string& target, const Json& body = Json::object(),
                     http::Headers headers = {}) {
    headers.emplace_back("X-Request-Id", "r" + std::to_string(++requests_));
    headers.emplace_back("X-Device-Id", "d1");
    http::Request request{"POST", target, std::move(headers), dump_json(body)};
    world.observe_request(phone, request);
    return request;
  }
  void answer(const http::Request& request, int status, const Json& body = Json::object(),
              http::Headers headers = {}) {
    world.observe_answer(phone, request,
                         {http::Response{status, std::move(headers), dump_json(body)}, {}});
  }
  void answer(const http::Request& request, http::TransportFailure failure) {
    world.observe_answer(phone, request, {std::nullopt, failure});
  }
  // A 200 that names each operation with its status.
  void answer_results(const http::Request& request,
                      const std::vector<std::pair<std::string, std::string>>& results,
                      std::int64_t row_version = 1) {
    Json list = Json::array();
    for (const auto& [id, status] : results) {
      list.push_back({{"id", id}, {"status", status}, {"entity", {{"row_version", row_version}}}});
    }
    answer(request, 200, Json{{"results", list}});
  }

  [[nodiscard]] const backend::Routes& routes() { return world.backend().options().routes; }
  // The violations of one oracle so far.
  [[nodiscard]] std::vector<std::string> violations(const std::string& oracle) const {
    std::vector<std::string> found;
    for (const auto& violation : world.violations()) {
      if (violation.oracle == oracle) found.push_back(violation.detail);
    }
    return found;
  }

  world::VirtualWorld world;
  world::VirtualPhone& phone;
  OperationBook book;

 private:
  [[nodiscard]] world::Intent intent(const std::string& id, const std::string& action,
                                     const std::string& entity) const {
    return {id, {"approval", entity}, action, "{}", phone.user_id()};
  }

  int requests_ = 0;
};

}  // namespace landfall::oracles
