#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "simulator/oracles/needles.hpp"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-X1: what users write, their passwords, their tokens and the keys of the secure storage stand
// in no file of a phone in plain, in no way of writing them down, also not where a file was removed
// or written over and a power cut could bring it back (logs, quarantine and ballast included); and
// passwords and tokens in no event. Files are looked at after some crashes and at the end.
class SealedAtRest final : public world::Observer {
 public:
  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  // Tokens count from when they come, used or not; and those that stand for a finger.
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool power) override;
  void on_end(world::World& world) override;

  void add_secret(const std::string& what, const std::string& text);
  void add_content(const nlohmann::json& value);
  // The files that hold something, with what: "/phone/a.db: a token (base64)".
  [[nodiscard]] std::vector<std::string> examine(const world::MemoryDisk& disk,
                                                 const Needles& keys) const;

 private:
  void judge_files(world::VirtualWorld& world, world::VirtualPhone& phone);

  Needles secrets_;   // passwords and tokens: nowhere
  Needles contents_;  // what users write: in no file
  std::set<std::string> known_;
  std::size_t contents_known_ = 0;
  std::uint64_t crashes_ = 0;
  std::set<std::string> told_;
};

}  // namespace landfall::oracles
