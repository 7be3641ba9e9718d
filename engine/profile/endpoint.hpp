#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"

namespace landfall::profile {

// A tree that is built once and shared by everything that reads it.
using SharedJson = std::shared_ptr<const Json>;

// Which credential a call carries (C-27).
enum class AuthKind {
  none,
  jwt,       // the access token, as bearer; a 401 refreshes it and replays the call once
  refresh,   // the refresh token, inside the body
  biometric  // the biometric token, inside the body
};

// What a call is worth without a network (P-88 to P-99).
enum class OfflineClass { no, cached, queued, partial };

// One call of the server's interface, as a profile declares it.
struct Endpoint {
  std::string name;
  std::string method;  // upper case: GET, HEAD, POST, PUT, PATCH, DELETE
  std::string path;    // begins with "/"; may hold ${id}
  AuthKind auth = AuthKind::jwt;
  OfflineClass offline = OfflineClass::no;
  bool replay = false;  // replayed once after a 401 that a refresh cured
  SharedJson body;      // a template for fill_json; null when the engine builds the body
  std::map<std::string, std::string, std::less<>> reply;  // what -> dotted path in the answer
  std::string documents;  // dotted path of a list of documents; empty: none
  std::size_t response_bytes_max = 0;
  std::size_t operations_max = 0;  // of a group in one call (P-55); zero: as many as in a push
};

// The value at a dotted path ("user.id"), or null when a part of it is missing or null. An empty
// path is `reply`.
[[nodiscard]] const Json* reply_value(const Json& reply, std::string_view dotted_path);

// The value that `endpoint.reply` names `what`; null when the endpoint names none or the answer has
// none.
[[nodiscard]] const Json* reply_value(const Json& reply, const Endpoint& endpoint,
                                      std::string_view what);

// What one answer of one endpoint means to the user: the same 401 is a bad password, a locked
// account or an expired token (C-26).
struct ErrorMapping {
  std::string endpoint;
  int status = 0;
  std::string code;  // of the server; empty: whatever it says
  std::string as;    // our code, and the key of its text
};

// Where the server's errors carry their parts: dotted paths in the body of an answer that is not
// 2xx.
struct ErrorShape {
  std::string code;
  std::string message;
  std::string details;  // may be empty
  std::vector<ErrorMapping> map;

  // Our code for an answer; empty where the profile maps none. The first that fits counts.
  [[nodiscard]] std::string_view mapped(std::string_view endpoint, int status,
                                        std::string_view server_code) const;
};

}  // namespace landfall::profile
