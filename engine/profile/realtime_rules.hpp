#pragma once

#include <string>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::profile {

// Where a WebSocket carries the access token: browsers cannot set a header, servers that were made
// for them read the query.
enum class BearerPlace { header, query };

// The hub that says at once what a pull would find later (A-40, wire.md "Realtime").
struct RealtimeRules {
  std::string hub;        // path of the WebSocket
  std::string negotiate;  // endpoint that is asked first; empty: the WebSocket is opened at once
  BearerPlace bearer = BearerPlace::header;
  Duration server_timeout{30'000};     // a server that says nothing for so long is gone
  Duration keep_alive{15'000};         // the phone says something at least this often
  Duration handshake_timeout{15'000};  // from the first byte to the end of the handshake
  std::vector<Duration> backoff;       // before each reconnect; the last one repeats (C-16)
};

}  // namespace landfall::profile
