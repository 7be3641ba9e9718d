#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q14: users read what they wrote. From the acknowledgement on every view of an entity shows
// the operation as pending, until the server's result stands in its place; the version below never
// goes back; and a view that was asked for as of a commit shows that commit. What stood on a
// conflict may have been superseded by a decision of which a crash, or a store that was opened
// anew, left no word, and so may anything while its host heard nothing: it is not missed.
class ReadYourWrites final : public world::Observer {
 public:
  explicit ReadYourWrites(const OperationBook& book) : book_(book) {}

  void on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
               const nlohmann::json& result) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;

 private:
  struct View {
    const world::Phone* phone = nullptr;
    EntityKey entity;
    std::int64_t commit_seq = 0;
    std::int64_t row_version = 0;  // 0: none below
    bool is_there = false;
    bool pending_sync = false;
    std::set<std::string> operations;
  };

  void judge(world::World& world, const View& view);
  void judge_operation(world::World& world, const View& view, const BookedOperation& operation);
  void judge_version(world::World& world, const View& view);
  void doubt_decided(const world::Phone& phone);

  const OperationBook& book_;
  std::set<OperationBook::Lane> in_conflict_;  // at some time
  std::set<std::string> unsure_;               // operations whose end nobody may have been told
  // The newest view of each entity: its commit and the version below.
  std::map<OperationBook::Lane, std::pair<std::int64_t, std::int64_t>> newest_;
};

}  // namespace landfall::oracles
