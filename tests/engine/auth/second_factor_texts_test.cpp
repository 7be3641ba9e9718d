#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/second_factor_json.hpp"
#include "schema/limits.hpp"
#include "tests/engine/auth/second_factor_world.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::test::second_factor;

TEST_CASE("A-30: the masked phone reaches the host as the server wrote it, on one line") {
  World world;
  world.login(challenge({{"phone", "+91 •••\n01"}}));
  CHECK(world.session->second_factor()->view().sent_to == "+91 ••• 01");
  CHECK(host::second_factor_json(world.session->second_factor()->view())["sent_to"] ==
        "+91 ••• 01");
}

TEST_CASE("A-30: a masked phone that is too long is cut between two characters") {
  std::string dots;
  while (dots.size() <= limits::kSentToBytesMax) dots += "•";
  World world;
  world.login(challenge({{"phone", dots}}));
  const std::string sent_to = world.session->second_factor()->view().sent_to;
  CHECK(sent_to.size() == limits::kSentToBytesMax / 3 * 3);
  CHECK(dots.starts_with(sent_to));
}
