#include "engine/host/session_json.hpp"

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using nlohmann::json;

namespace {

json shown(const auth::SessionView& view) {
  static const Profile profile = Profile::load(schema::profile("ims").value()).value();
  json out = json::object();
  host::put_session_view(out, profile, view);
  return out;
}

}  // namespace

TEST_CASE("I-40: what nobody has to know is not there, what every screen asks for always is") {
  CHECK(shown({}) == json{{"allowed", false}, {"biometric_enabled", false}});
}

TEST_CASE("I-27 I-35 I-40: the app reads the seed's AuthState, with the text of its own profile") {
  auth::SessionView view;
  view.user_name = "Ann";
  view.organisation = "o-2";
  view.organisations = {{"o-1", "North", "Retail"}, {"o-2", "South", "Health"}};
  view.message_key = "session.expired";
  view.remembered_email = "ann@example.com";
  view.is_biometric_enabled = true;
  view.busy = "login";
  view.are_routes_allowed = true;
  CHECK(shown(view) ==
        json{{"allowed", true},
             {"biometric_enabled", true},
             {"busy", "login"},
             {"user_name", "Ann"},
             {"organisation", {{"id", "o-2"}, {"name", "South"}, {"industry", "Health"}}},
             {"organisations",
              json::array({{{"id", "o-1"}, {"name", "North"}, {"industry", "Retail"}},
                           {{"id", "o-2"}, {"name", "South"}, {"industry", "Health"}}})},
             {"remembered_email", "ann@example.com"},
             {"message_key", "session.expired"},
             {"message", "Your session has expired. Please log in again."}});
}

TEST_CASE("I-40: an organisation of which only the id is known is told by that") {
  auth::SessionView view;
  view.organisation = "t-1";
  CHECK(shown(view)["organisation"] == json{{"id", "t-1"}});
}
