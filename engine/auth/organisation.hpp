#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"

namespace landfall::profile {
struct Endpoint;
}

namespace landfall::auth {

// Where a user works; the words are the server's (I-29).
struct Organisation {
  std::string id;
  std::string name;
  std::string industry;

  friend bool operator==(const Organisation&, const Organisation&) = default;
};

// An id names rows, keys, a file and a header: it must be there, short enough and one line.
[[nodiscard]] bool is_id_text(std::string_view text);

// What an answer of that endpoint says of its user, by the endpoint's reply paths (`organisations`,
// and organisation_id, _name and _industry in each item; id, name and industry where the profile
// names none). Items that name no organisation properly are left out, repetitions too; texts that
// are too long are cut. Never an error: a login is not refused for a name. (I-28, I-29)
[[nodiscard]] std::vector<Organisation> organisations_in(const Json& reply,
                                                         const profile::Endpoint& endpoint);

// As they are stored: a list of {id, name, industry}. What makes no sense in it is left out.
[[nodiscard]] Json organisations_json(const std::vector<Organisation>& organisations);
[[nodiscard]] std::vector<Organisation> organisations_from(const Json& list);

}  // namespace landfall::auth
