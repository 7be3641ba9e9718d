#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/backend/backend.hpp"
#include "simulator/backend/route_table.hpp"
#include "simulator/world/event_queue.hpp"
#include "simulator/world/observer.hpp"
#include "simulator/world/phone.hpp"
#include "simulator/world/trace.hpp"

namespace landfall::world {

// What every universe has in which phones live beside one backend: time that passes, observers that
// are told what happens, and what they found. VirtualWorld draws its time and its disks from a
// seed; RealWorld has real sockets, files and threads. Everything here is called on one thread, the
// one that lets time pass.
class World {
 public:
  virtual ~World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The world does not own observers. They may go before it: nobody watches it end.
  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  // --- time, as the engines know it

  [[nodiscard]] virtual Instant now() const = 0;
  virtual void run_for(Duration span) = 0;
  // Lets time pass until `done` or the end of `span`; true when it was done. A real world waits for
  // a few real seconds at least, however fast its clock is.
  virtual bool run_until(Duration span, const std::function<bool()>& done) = 0;
  // Everything that was asked of the phones is answered before it returns. In virtual time no time
  // passes.
  virtual void settle() = 0;
  // How much later than it happened something may be seen: zero in virtual time.
  [[nodiscard]] virtual Duration lag() const = 0;
  void after(Duration delay, EventQueue::Event event) {
    events_.at(now() + delay, std::move(event));
  }

  // Everything is in order from now on: networks up, no faults, every phone running.
  virtual void heal() = 0;
  void end();

  // --- the server

  // Runs `look` between two requests, never inside another one: what somebody else does to the
  // documents, and what an oracle wants to know.
  virtual void with_backend(const std::function<void(backend::Backend&, Instant now)>& look) = 0;
  // The same, for what it returns.
  template <class Look>
  [[nodiscard]] auto ask_backend(const Look& look) {
    std::optional<std::invoke_result_t<const Look&, backend::Backend&>> seen;
    with_backend([&](backend::Backend& backend, Instant) { seen.emplace(look(backend)); });
    return *std::move(seen);
  }
  [[nodiscard]] const backend::Routes& routes() const { return routes_; }
  // The whole profile that the phones live by.
  [[nodiscard]] const nlohmann::json& profile() const { return profile_; }
  // What a request asks of it; nothing when it knows no such path.
  [[nodiscard]] std::optional<backend::RouteId> route_of(const http::Request& request) const;

  // --- its inhabitants

  [[nodiscard]] const std::vector<std::unique_ptr<Phone>>& phones() const { return phones_; }

  // --- what happened

  void trace(const Phone& phone, std::string_view what, std::string_view detail = {});
  void violate(std::string oracle, std::string detail);
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }

  void observe_intent(Phone& phone, const Intent& intent);
  void observe_acknowledged(Phone& phone, const Intent& intent, const nlohmann::json& result);
  void observe_refused(Phone& phone, const Intent& intent, const std::string& code);
  void observe_discarded(Phone& phone, const std::string& operation);
  void observe_retried(Phone& phone, const std::string& operation);
  void observe_lost(Phone& phone, const std::string& operation);
  void observe_erase(Phone& phone);
  void observe_erased(Phone& phone);
  void observe_erase_refused(Phone& phone);
  void observe_attached(Phone& phone, const nlohmann::json& result);
  void observe_view(Phone& phone, const nlohmann::json& params, const nlohmann::json& result);
  void observe_event(Phone& phone, const std::string& event, const nlohmann::json& data);
  void observe_push(Phone& phone, const nlohmann::json& payload);
  void observe_push_decided(Phone& phone, const nlohmann::json& payload,
                            const nlohmann::json& result);
  void observe_asked_to_show(Phone& phone, const nlohmann::json& data);
  void observe_shown(Phone& phone, const nlohmann::json& data);
  void observe_zone(Phone& phone, const std::string& zone);
  void observe_protected(Phone& phone);
  void observe_touch(Phone& phone);
  void observe_guess(Phone& phone, bool is_right);
  void observe_guess_answered(Phone& phone, bool is_right, const nlohmann::json& result);
  void observe_request(Phone& phone, const http::Request& request);
  void observe_answer(Phone& phone, const http::Request& request, const http::Answer& answer);
  void observe_cancel(Phone& phone, const http::Request& request);
  void observe_socket(Phone& phone, const http::Request& request);
  void observe_hub_text(Phone& phone, const std::string& text);
  void observe_network(Phone& phone, bool up);
  void observe_crash(Phone& phone, bool power);
  void observe_boot(Phone& phone);
  void observe_suspend(Phone& phone);
  void observe_suspended(Phone& phone);
  void observe_resume(Phone& phone);
  void observe_window(Phone& phone, Duration budget);
  void observe_port_answered(Phone& phone, const std::string& port, const nlohmann::json& data,
                             const nlohmann::json& answer);

 protected:
  // `trace_text` outlives the world; null for no text.
  // `profile`: a whole one, or the name of a shipped one.
  World(backend::Routes routes, const nlohmann::json& profile, std::FILE* trace_text);

  [[nodiscard]] EventQueue& events() { return events_; }
  [[nodiscard]] const std::vector<Observer*>& observers() const { return observers_; }
  void add(std::unique_ptr<Phone> phone) { phones_.push_back(std::move(phone)); }
  // First of all when a world ends: what its phones do then is watched by nobody.
  void end_watch() { observers_.clear(); }
  // For a world that must see its phones go before what they stand on.
  void remove_phones() { phones_.clear(); }

 private:
  const backend::Routes routes_;
  const backend::RouteTable route_table_;
  const nlohmann::json profile_;
  EventQueue events_;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::vector<Observer*> observers_;
  std::vector<Violation> violations_;
  Trace trace_;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace landfall::world
