#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace landfall::profile {

// How a second factor is proven.
enum class FactorMethod { totp, backup_code, sms };

// What a server's refusal means for the code that was handed in and for the login behind it.
enum class FactorRefusal {
  wrong_code,   // another code may be right
  code_used,    // so may be the next one
  expired,      // this login is over
  exhausted,    // so is it, for too many wrong codes
  unavailable,  // the user has no such method
  not_sent,     // no message could be sent
  send_wait     // too many messages were
};

// A server whose users may have a second factor. Where a login's answer carries its
// challenge is said by `endpoints.login.reply`: challenge, challenge_methods,
// challenge_expires_in_s, challenge_sent_to.
struct SecondFactorRules {
  int challenge_status = 200;                   // of the answer to a login that asks for it
  std::size_t code_digits = 6;                  // of what authenticators and messages say
  std::map<FactorMethod, std::string> methods;  // the server's words
  std::map<std::string, FactorRefusal, std::less<>> errors;  // by the server's error codes
  std::string attempts_left;  // dotted path in a refusal; empty: the server does not say
};

}  // namespace landfall::profile
