#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/ledger.hpp"

namespace landfall::backend {

// What the hub says to one connection, in order, and whether it closes it behind that.
struct HubOutput {
  std::uint64_t connection = 0;
  std::vector<std::string> texts;
  bool close = false;
};

// The server's side of a SignalR hub with the JSON protocol (wire.md, "Realtime"), as a function of
// what arrives and an instant: handshake, pings, the messages of its users, and how it lets go of
// somebody. Whoever carries its connections asks for what it says after each call, and when
// next_wake is reached. Who comes and who leaves stands in the ledger.
class Hub final {
 public:
  Hub(SecureRandom& random, Ledger& ledger) : random_(random), ledger_(ledger) {}

  // The body of the answer to a negotiation; version 0 has no token.
  [[nodiscard]] std::string negotiate(const std::string& user_id, int version);
  // A socket whose token was good. `id` is what its query names; empty is a socket that skipped the
  // negotiation. Nothing when the id was never given out to this user, or used before.
  [[nodiscard]] std::optional<std::uint64_t> open(const std::string& user_id, const std::string& id,
                                                  Instant now);
  void hear(std::uint64_t connection, std::string_view text, Instant now);
  void leave(std::uint64_t connection, Instant now);

  // An invocation for every connection of a user.
  void say(const std::string& user_id, std::string_view target, const nlohmann::json& argument,
           Instant now);
  // A close message for every connection of a user, and the end.
  void send_away(const std::string& user_id, bool allow_reconnect, const std::string& error);

  [[nodiscard]] std::vector<HubOutput> take_output(Instant now);
  [[nodiscard]] std::optional<Instant> next_wake() const;
  // Users with a connection whose handshake is done, each once.
  [[nodiscard]] std::vector<std::string> users() const;

 private:
  struct Connection {
    std::string user_id;
    std::string pending;  // of a record that is not whole yet
    bool is_shaken = false;
    bool is_closing = false;
    Instant last_heard;
    Instant last_said;
    std::vector<std::string> texts;
  };

  void take_record(Connection& connection, std::string_view record, Instant now);
  void shake(Connection& connection, std::string_view record, Instant now);
  static void put(Connection& connection, const nlohmann::json& message, Instant now);
  void note_end(const Connection& connection, Instant now);

  SecureRandom& random_;
  Ledger& ledger_;
  std::map<std::uint64_t, Connection> connections_;
  std::map<std::string, std::string> offered_;  // id and whose it is
  std::deque<std::string> offers_;              // oldest first; a bounded number is remembered
  std::uint64_t last_connection_ = 0;
};

}  // namespace landfall::backend
