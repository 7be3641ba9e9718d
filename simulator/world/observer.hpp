#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall::world {

class Phone;
class VirtualPhone;
class VirtualWorld;
class World;

// One operation as its user handed it in.
struct Intent {
  std::string id;
  EntityKey entity;
  std::string action;
  std::string payload;  // compact JSON with sorted keys
  std::string user;
};

// One operation as it leaves a phone: in a push, or in a call of its own.
struct SentOperation {
  std::string id;
  EntityKey entity;
  std::string payload;  // compact JSON with sorted keys
};

// What happened to a phone's files while no process had them open.
enum class FileChange {
  page_damaged,  // a bit of the partition's file is another one
  older,         // they are what a version before page checksums would have left: an update follows
  newer,         // the partition says that a newer version wrote it: an older app was installed
  as_before      // and the newer app is back
};

// What an oracle may see of a world, as it happens. Everything is on the world's thread. The
// default is to look away.
class Observer {
 public:
  virtual ~Observer() = default;

  // The host handed an operation in; the engine has not answered yet.
  virtual void on_intent(World&, Phone&, const Intent&) {}
  // The engine acknowledged it: it must never be lost from here on.
  virtual void on_acknowledged(World&, Phone&, const Intent&, const nlohmann::json& /*result*/) {}
  // The engine refused it; `code` is "engine.restarted" when it does not know (indeterminate).
  virtual void on_refused(World&, Phone&, const Intent&, const std::string& /*code*/) {}
  // The user gives an operation up by name; told as it is asked, a crash may swallow the reply.
  virtual void on_discarded(World&, Phone&, const std::string& /*operation*/) {}
  // The user asks for a retry by name.
  virtual void on_retried(World&, Phone&, const std::string& /*operation*/) {}
  // The engine told that damage took operations, and this one was among them (INV-S4): gone by
  // notice. Which ones they were is the oracle's finding, not the engine's word.
  virtual void on_lost(World&, Phone&, const std::string& /*operation*/) {}
  // The user wants everything on this phone forgotten; told as it is asked, like a discard.
  virtual void on_erase(World&, Phone&) {}
  // The engine said that it is.
  virtual void on_erased(World&, Phone&) {}
  // The engine said that it is not, and that nothing was begun. A reply that leaves it open
  // (indeterminate) is none of this.
  virtual void on_erase_refused(World&, Phone&) {}
  // A photograph was acknowledged (attachments.add): it must never be lost from here on.
  virtual void on_attached(World&, Phone&, const nlohmann::json& /*result*/) {}
  // A documents.query answered.
  virtual void on_view(World&, Phone&, const nlohmann::json& /*params*/,
                       const nlohmann::json& /*result*/) {}
  // An event of the engine.
  virtual void on_event(World&, Phone&, const std::string& /*event*/,
                        const nlohmann::json& /*data*/) {}
  // A push reached the phone's host, which hands it to the engine.
  virtual void on_push(World&, Phone&, const nlohmann::json& /*payload*/) {}
  // The engine said what becomes of it (push.received): it stands by that from here on.
  virtual void on_push_decided(World&, Phone&, const nlohmann::json& /*payload*/,
                               const nlohmann::json& /*result*/) {}
  // The engine asks the host to show a notification; `data` is the question's.
  virtual void on_asked_to_show(World&, Phone&, const nlohmann::json& /*data*/) {}
  // The host did, and has told the engine so.
  virtual void on_shown(World&, Phone&, const nlohmann::json& /*data*/) {}
  // The phone is in another zone from now on.
  virtual void on_zone(World&, Phone&, const std::string& /*zone*/) {}
  // The phone has a PIN from now on.
  virtual void on_protected(World&, Phone&) {}
  // Its user touches it, as the host tells the engine.
  virtual void on_touch(World&, Phone&) {}
  // A PIN is handed in.
  virtual void on_guess(World&, Phone&, bool /*is_right*/) {}
  // The engine looked at it; what it refuses to look at is not told.
  virtual void on_guess_answered(World&, Phone&, bool /*is_right*/,
                                 const nlohmann::json& /*result*/) {}
  // A request left the phone. `operations`: those that it carries.
  virtual void on_request(World&, Phone&, const http::Request&, const std::vector<SentOperation>&) {
  }
  // What came back for it, or did not, as the engine is told.
  virtual void on_answer(World&, Phone&, const http::Request&, const http::Answer&) {}
  // The engine gave the call up before anything came back: nobody waits for its answer any more.
  // Seen in virtual time.
  virtual void on_cancel(World&, Phone&, const http::Request&) {}
  // A WebSocket to the hub leaves the phone: its upgrade, as the engine asked for it.
  virtual void on_socket(World&, Phone&, const http::Request&) {}
  // The hub said this to the phone, or a part of it, and the engine is told.
  virtual void on_hub_text(World&, Phone&, const std::string& /*text*/) {}
  // The phone's network as it really is.
  virtual void on_network(World&, Phone&, bool /*up*/) {}
  // The phone's process died and its disk is as the crash left it; the next process has not begun.
  // A real world ends processes in order, and tells of it here as of a kill.
  virtual void on_crash(World&, Phone&, bool /*power*/) {}
  // The same, when the disk can be read again.
  virtual void on_revived(VirtualWorld&, VirtualPhone&, bool /*power*/) {}
  virtual void on_boot(World&, Phone&) {}
  // Told when it has happened, the next process has not begun.
  virtual void on_files_changed(VirtualWorld&, VirtualPhone&, FileChange) {}
  // The system will freeze the phone's process: its host has asked the engine to let go.
  virtual void on_suspend(World&, Phone&) {}
  // The engine said that it has.
  virtual void on_suspended(World&, Phone&) {}
  // The process stands still from here on, whatever the engine said; a real one is not frozen.
  virtual void on_frozen(VirtualWorld&, VirtualPhone&) {}
  // The process runs again, and its host has asked the engine to go on.
  virtual void on_resume(World&, Phone&) {}
  // The process runs for a while in the background: its host has opened a window of this length.
  virtual void on_window(World& world, Phone& phone, Duration /*budget*/) {
    on_resume(world, phone);
  }
  // An actor handled a message, where the world lets them run one by one; what it told others and
  // the host is still on its way.
  virtual void on_handled(VirtualWorld&, VirtualPhone&) {}
  // The same, when the host has heard of it. Only cheap checks belong here.
  virtual void on_step(VirtualWorld&, VirtualPhone&) {}
  // Every fault is over but disks that are full (MemoryDisk::is_limited), and what can be done on
  // them is done.
  virtual void on_full_rest(VirtualWorld&) {}
  // Faults are over; from here on everything must come to rest.
  virtual void on_healed(World&) {}
  // The end: everything was given the time to come to rest.
  virtual void on_end(World&) {}
  // The host answers a question of the engine, keys and all: it stays in the oracle that looks.
  virtual void on_port_answered(World&, Phone&, const std::string& /*port*/,
                                const nlohmann::json& /*data*/, const nlohmann::json& /*answer*/) {}
};

// What was found: a promise that was not kept.
struct Violation {
  std::string oracle;
  std::string detail;
  std::uint64_t step = 0;  // number of the trace line at which it was found
};

}  // namespace landfall::world
