#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

// The JSON hub protocol of SignalR, version 1, as its HubProtocol and TransportProtocols pages
// publish it: what one side writes and the other reads. Pure.
namespace landfall::realtime {

// Ends every record: a frame may hold several, and a record may reach over several frames.
inline constexpr char kRecordSeparator = '\x1e';

// The kinds that a client acts on; what else there is or will be is `other`, which is ignored.
enum class HubMessageKind { invocation, completion, ping, close, other };

struct HubMessage {
  HubMessageKind kind = HubMessageKind::other;
  std::string target;            // of an invocation
  Json arguments;                // of an invocation: an array
  std::string invocation_id;     // empty: nobody waits for a completion
  std::string error;             // of a close or a completion; empty: none
  bool allow_reconnect = false;  // of a close
};

// What a server answers to the question how to connect.
struct Negotiation {
  std::string connection;  // for the `id` in the query: the token of version 1, the id of version 0
};

// Splits what arrives into records, wherever it was cut. What is kept of a record that is not whole
// yet is bounded by kHubMessageBytesMax.
class RecordReader final {
 public:
  // The records that are whole by now, without their separators. Errors: hub.too_large; the
  // connection is of no use any more then.
  [[nodiscard]] Result<std::vector<std::string>> feed(std::string_view bytes);

  [[nodiscard]] std::size_t pending_bytes() const { return pending_.size(); }

 private:
  std::string pending_;
};

// Errors: hub.invalid (no JSON object, or a known kind with a field of another type) with the
// field. A record that names no type is invalid; a type that is not known is `other`.
[[nodiscard]] Result<HubMessage> parse_hub_message(std::string_view record);

// Whatever the content type says (servers of version 0 send text/plain). Errors: hub.negotiate (the
// server refuses, or sends elsewhere), hub.transport (it has no WebSocket), hub.invalid.
[[nodiscard]] Result<Negotiation> parse_negotiation(std::string_view body);

// The first record of a server. Errors: hub.refused (it does not take this protocol), hub.invalid.
[[nodiscard]] Status parse_handshake_reply(std::string_view record);

// With their separators.
[[nodiscard]] std::string handshake_record();
[[nodiscard]] std::string ping_record();
// Tells a server that waits for a result that there is none; `error` says why, empty: it was done.
[[nodiscard]] std::string completion_record(const std::string& invocation_id,
                                            const std::string& error);

}  // namespace landfall::realtime
