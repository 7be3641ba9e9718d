#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landfall::actors {

// News about how far a server is believed: pins.mismatch (none of the pinned keys stands in its
// chain: nothing was sent), pins.expired (they are not looked at any more), chain.refused (the host
// does not believe it: nothing was sent).
struct TrustNotice {
  std::string host;
  std::string code;
};

// What a transport asks and tells about the servers that it meets. It is called from the
// transport's own thread and must not wait.
class TrustPort {
 public:
  virtual ~TrustPort() = default;
  // May this chain (DER, the server's own certificate first) speak for `host`? Its names, dates and
  // signatures were verified; whether anybody vouches for its end was not. The answer comes as
  // Transport::chain_judged, or never: then the connection is given up.
  virtual void judge_chain(std::uint64_t question, std::string host,
                           std::vector<std::string> chain) = 0;
  virtual void tell(TrustNotice notice) = 0;
};

}  // namespace landfall::actors
