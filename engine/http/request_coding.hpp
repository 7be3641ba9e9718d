#pragma once

#include "engine/http/message.hpp"
#include "engine/profile/http_rules.hpp"

namespace landfall::http {

// Decides how bodies travel (profile `http`): which requests go compressed, and that a server which
// takes no such body gets plain ones from then on, for the life of the process. Pure.
//
// A server refuses a coding before it looks at what is coded (415, RFC 9110 15.5.16), so that the
// same request may go again at once, plain, and is still one attempt. One that does not know the
// header takes the bytes for nonsense (400): while none has taken a compressed body yet, such a
// request goes again too, and what becomes of it says which of the two it was.
class RequestCoding final {
 public:
  // Says of a request that is about to leave how its body goes and how its answer may come: bodies
  // of JSON from the profile's least size on; answers always, but those to Range requests, whose
  // bytes are counted as they are, and to HEAD, which have none.
  void prepare(Request& request, const profile::HttpRules& rules) const;

  // The status of the answer to a request that went compressed. True: it goes again, plain.
  [[nodiscard]] bool goes_again(int status);
  // The status that it met then.
  void on_second_answer(int status);
  // The server takes no compressed bodies, and gets none any more.
  [[nodiscard]] bool is_refused() const { return server_ == Server::takes_none; }

 private:
  enum class Server { unknown, takes_gzip, takes_none };

  Server server_ = Server::unknown;
};

}  // namespace landfall::http
