#include "simulator/oracles/offline_window.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

constexpr std::int64_t kWindowMs = 168LL * 3'600'000;  // ProKure's seven days

struct Owner : oracles::Stage {
  oracles::OfflineWindow oracle;
  Owner() { watch(oracle); }

  void login(int status = 200) { answer(send(routes().login), status); }
  void open(bool locked = false) {
    world.observe_guess_answered(phone, true, Json{{"locked", locked}});
  }
  std::size_t found() { return violations("INV-A9").size(); }
};

}  // namespace

TEST_CASE("INV-A9 oracle: a PIN within the window behind a login is fine, one behind it is named") {
  Owner owner;
  owner.login();
  owner.wait(kWindowMs);
  owner.open();
  CHECK(owner.found() == 0);
  owner.wait(120'000);
  owner.open(true);
  CHECK(owner.found() == 0);
  owner.open();
  CHECK(owner.found() == 1);
  owner.login(401);
  owner.open();
  CHECK(owner.found() == 2);
  owner.login();
  owner.open();
  CHECK(owner.found() == 2);
}
