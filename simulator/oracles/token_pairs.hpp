#pragma once

#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

// A pair of tokens as an answer brought it to a phone.
struct SeenPair {
  std::string access;
  std::string refresh;
  Duration lifetime{0};  // of the access token; zero: the server does not say
  std::string user_id;   // empty where the answer does not say, as that of a refresh
};

// What the profile says of the place of tokens: any endpoint whose reply names both makes a pair.
// Nothing when the answer brings none that an engine could use.
[[nodiscard]] std::optional<SeenPair> pair_in(const world::World& world,
                                              const http::Request& request,
                                              const http::Answer& answer);

// The token behind `Authorization: Bearer`; empty when there is none.
[[nodiscard]] std::string bearer_of(const http::Request& request);

// A call to the profile's refresh endpoint.
[[nodiscard]] bool is_refresh(const world::World& world, const http::Request& request);

// A call by which a session that is over says farewell (`auth.logout.steps`), or the refresh that
// it makes for that: they go with the tokens of that session alone, behind its end and beside the
// next one. The farewell's refresh has no id, because nobody would repeat it.
[[nodiscard]] bool is_farewell(const world::World& world, const http::Request& request);

// The refresh token that a call presents, to be exchanged or to be given up at a logout; empty when
// there is none.
[[nodiscard]] std::string presented_token(const world::World& world, const http::Request& request);

// The header that carries the id of a refresh; empty when the profile names none or the call has
// none.
[[nodiscard]] std::string refresh_id_of(const world::World& world, const http::Request& request);

// 400 or 401 in the form of the profile's errors: the one answer that may end a session (C-4).
[[nodiscard]] bool is_verdict(const world::World& world, const http::Answer& answer);

}  // namespace landfall::oracles
