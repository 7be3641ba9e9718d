#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/auth/token_lifecycle.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/http/repeated_call.hpp"
#include "engine/profile/realtime_rules.hpp"
#include "engine/realtime/hub_message.hpp"

namespace landfall::realtime {

enum class LinkState {
  away,         // no network, no session, not in the foreground, or sent away by the server
  waiting,      // for the next attempt
  negotiating,  // the server is asked how to connect
  stamping,     // a token is asked for
  connecting,   // the socket opens and the handshake goes on
  connected
};

// As the host reads it: "away", "waiting", "connecting" for all that is on the way, "connected".
[[nodiscard]] std::string_view to_string(LinkState state) noexcept;

// What a socket is opened with; the bearer is stamped by whoever carries it out.
struct OpenSocket {
  std::string target;  // with the query, but for a token in it
  Duration timeout{0};
};

// How a socket ended, or why it never opened.
struct SocketLoss {
  std::string code;  // socket.refused, socket.closed, …
  int status = 0;    // of an upgrade that the server answered with another one
};

struct LinkChange {
  LinkState state = LinkState::away;
  std::string code;                        // why it is not connected; empty: nothing is wrong
  std::optional<Instant> next_attempt_at;  // of `waiting`
  bool again = false;                      // connected, and was before: messages may be missing
};

struct HubCall {
  std::string target;
  Json arguments;
};

// What a step asks of the outside. `attempt` pairs questions with answers: an answer of an earlier
// attempt is ignored.
struct LinkEffects {
  std::optional<Instant> wake_at;  // replaces the link's one timer
  std::uint64_t attempt = 0;
  std::optional<http::ApiCall> negotiate;
  bool need_token = false;
  std::optional<std::int64_t> refused_token;  // the generation of a token that met a 401
  std::optional<OpenSocket> open;
  bool close = false;             // before anything else
  bool read_more = false;         // the next text is wanted
  std::vector<std::string> send;  // texts for the socket
  std::vector<HubCall> calls;     // what the hub says, in order
  std::optional<LinkChange> change;
};

// The way to the hub as a machine: negotiate, token, socket, handshake, then pings both ways. It
// holds a connection while there is a network, a session and somebody who looks, and nothing
// otherwise. What is lost is tried again after the profile's delays (1, 2, 4, … 30 s: A-46,
// INV-Q9), at once when the network returns but never within 5 s (kResendGapMs), two of the
// shortest delays or half of the one that is being waited, of the attempt before. A connection
// counts as good, and the delays begin anew, when it held for kHubStableMs. A server that closes
// and does not allow a reconnect is left alone until the network, the session or the foreground
// returns. Each attempt but the first is a repeat of the device, and waits for its turn among them.
// It stores nothing.
class RealtimeLink final {
 public:
  // The ledger outlives it.
  RealtimeLink(const profile::RealtimeRules& rules, http::RepeatLedger& repeats)
      : rules_(rules), attempts_(repeats, http::RepeatRank::news) {}

  [[nodiscard]] LinkEffects on_foreground(bool is_here, Instant now);
  [[nodiscard]] LinkEffects on_connectivity(bool reachable, bool edge, Instant now);
  // `valid` and `refreshing` are a session.
  [[nodiscard]] LinkEffects on_auth(auth::TokenState state, Instant now);

  [[nodiscard]] LinkEffects on_negotiated(std::uint64_t attempt, const http::Answer& answer,
                                          Instant now);
  // The generation of the token that the socket will be stamped with; nothing when none can be had
  // now.
  [[nodiscard]] LinkEffects on_token(std::uint64_t attempt, std::optional<std::int64_t> generation,
                                     Instant now);
  [[nodiscard]] LinkEffects on_opened(std::uint64_t attempt, Instant now);
  // Any part of what the server writes, in order.
  [[nodiscard]] LinkEffects on_text(std::uint64_t attempt, std::string_view text, Instant now);
  [[nodiscard]] LinkEffects on_lost(std::uint64_t attempt, const SocketLoss& loss, Instant now);
  [[nodiscard]] LinkEffects on_wake(Instant now);

  [[nodiscard]] LinkState state() const { return state_; }

 private:
  [[nodiscard]] Duration gap_at_return() const;
  [[nodiscard]] bool may_connect() const { return is_here_ && reachable_ && has_session_; }
  [[nodiscard]] bool is_open() const { return state_ >= LinkState::connecting; }
  void begin(LinkEffects& effects, Instant now);
  void wait_until(LinkEffects& effects, Instant at);
  void stamp(LinkEffects& effects);
  void leave(LinkEffects& effects, std::string code);
  void fail(LinkEffects& effects, std::string code, Instant now);
  void come_or_go(LinkEffects& effects, bool at_once, Instant now);
  void send(LinkEffects& effects, std::string text, Instant now);
  void take_record(LinkEffects& effects, std::string_view record, Instant now);
  void take_message(LinkEffects& effects, HubMessage message, Instant now);
  void on_shaken(LinkEffects& effects, Instant now);
  [[nodiscard]] bool is_flood(Instant now);
  void tell(LinkEffects& effects, std::string code, bool again = false);
  LinkEffects finish(LinkEffects effects) const;

  profile::RealtimeRules rules_;
  LinkState state_ = LinkState::away;
  bool is_here_ = false;
  bool reachable_ = false;
  bool has_session_ = false;
  bool sent_away_ = false;  // by a close that allows no reconnect
  bool was_connected_ = false;
  std::uint64_t attempt_ = 0;
  http::RepeatedCall attempts_;
  std::size_t failures_ = 0;  // in a row
  Instant began_at_;          // the last attempt; zero: none yet
  Instant next_at_;           // of `waiting`
  Instant deadline_;          // of `connecting`
  Instant connected_at_;
  Instant last_sent_;
  Instant last_heard_;
  Instant second_;  // of the messages that are counted
  std::size_t messages_in_second_ = 0;
  std::string connection_;  // as it was negotiated
  std::optional<std::int64_t> generation_;
  RecordReader reader_;
};

}  // namespace landfall::realtime
