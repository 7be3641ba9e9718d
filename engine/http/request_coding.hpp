#pragma once

#include "engine/http/message.hpp"
#include "engine/profile/http_rules.hpp"

namespace landfall::http {

// Decides how bodies travel (profile `http`): which requests go compressed, and that a server which
// takes no such body gets plain ones from then on, for the life of the process. Pure.
//
// A server refuses a coding before it looks at what is coded (415, RFC 9110 15.5.16), so that the
// same request may go again at once, plain, and is still one attempt. One that does not know the
// header and takes the bytes for nonsense is not told apart from one that refuses the words: the
// profile says `gzip` of servers that know it.
class RequestCoding final {
 public:
  // Says of a request that is about to leave how its body goes and how its answer may come: bodies
  // of JSON from the profile's least size on; answers always, but those to Range requests, whose
  // bytes are counted as they are, and to HEAD, which have none.
  void prepare(Request& request, const profile::HttpRules& rules) const;

  // The status of the answer to a request that went compressed. True: it goes again, plain.
  [[nodiscard]] bool on_answer(int status);
  // The server takes no compressed bodies, and gets none any more.
  [[nodiscard]] bool is_refused() const { return is_refused_; }

 private:
  bool is_refused_ = false;
};

}  // namespace landfall::http
