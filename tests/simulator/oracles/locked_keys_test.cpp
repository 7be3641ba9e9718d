#include "simulator/oracles/locked_keys.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Storage : oracles::TokenStage {
  oracles::LockedKeys oracle;
  Storage() {
    watch(oracle);
    log_in(1);
    read("value", "key-one");
    world.observe_crash(phone, false);
    world.observe_boot(phone);
  }
  void read(const std::string& status, const std::string& value = "") {
    world.observe_port_answered(phone, "secret.read", Json{{"name", "k"}},
                                Json{{"status", status}, {"value", value}});
  }
  void write(const std::string& value) {
    world.observe_port_answered(phone, "secret.write", Json{{"name", "k"}, {"value", value}},
                                Json::object());
  }
  std::size_t found() { return violations("INV-A7").size(); }
};

}  // namespace

TEST_CASE("INV-A7 oracle: a session that waits for its keys, and opens with them, is fine") {
  Storage stage;
  stage.read("locked");
  stage.tell_status("locked");
  stage.read("value", "key-one");
  stage.tell_status("authenticated");
  stage.write("key-one");
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A7 oracle: a session that ends behind locked keys is named") {
  Storage stage;
  stage.read("locked");
  stage.tell_status(GENERATE("unauthenticated", "reauthRequired"));
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A7 oracle: an end with a reason of its own is none of the keys'") {
  Storage stage;
  SECTION("a refusal") {
    stage.refuse(stage.refresh(1));
    stage.read("locked");
    stage.tell_status("reauthRequired");
  }
  SECTION("its user's word") {
    stage.phone.set_wants_session(false);
    stage.read("locked");
    stage.tell_status("unauthenticated");
  }
  SECTION("the keys were read by then") {
    stage.read("locked");
    stage.read("value", "key-one");
    stage.tell_status("reauthRequired");
  }
  SECTION("a login that found them locked, of somebody who had no session") {
    stage.leave_and_fail_to_return();
    stage.read("locked");
    stage.tell_status("unauthenticated");
  }
  CHECK(stage.found() == 0);
}

TEST_CASE(
    "INV-A7 oracle: a key that is made over another one is named, behind a removal it is not") {
  Storage stage;
  SECTION("over it") {
    stage.write("key-two");
    CHECK(stage.found() == 1);
  }
  SECTION("behind its removal") {
    stage.world.observe_port_answered(stage.phone, "secret.remove", Json{{"name", "k"}},
                                      Json::object());
    stage.write("key-two");
    CHECK(stage.found() == 0);
  }
  SECTION("as its user has everything erased") {
    stage.world.observe_erase(stage.phone);
    stage.write("key-two");
    CHECK(stage.found() == 0);
  }
  SECTION("as its user wanted it erased, which was refused") {
    stage.world.observe_erase(stage.phone);
    stage.world.observe_erase_refused(stage.phone);
    stage.write("key-two");
    CHECK(stage.found() == 1);
  }
  SECTION("as one of two erases was refused") {
    stage.world.observe_erase(stage.phone);
    stage.world.observe_erase(stage.phone);
    stage.world.observe_erase_refused(stage.phone);
    stage.write("key-two");
    CHECK(stage.found() == 0);
  }
  SECTION("behind its removal in an erase that was refused") {
    stage.world.observe_erase(stage.phone);
    stage.world.observe_port_answered(stage.phone, "secret.remove", Json{{"name", "k"}},
                                      Json::object());
    stage.world.observe_erase_refused(stage.phone);
    stage.write("key-two");
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-A7 oracle: an erase is a reason to be out, and one that was refused is none") {
  Storage stage;
  stage.read("locked");
  stage.world.observe_erase(stage.phone);
  SECTION("it is under way") {
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
  SECTION("the session is said again meanwhile") {
    stage.tell_status("authenticated");
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
  SECTION("it was refused, and later the session is gone") {
    stage.world.observe_erase_refused(stage.phone);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 1);
  }
  SECTION("it was refused, and the user leaves all the same") {
    stage.world.observe_erase_refused(stage.phone);
    stage.phone.set_wants_session(false);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
  SECTION("it went through, and what follows the next login is none of it") {
    stage.tell_status("unauthenticated");
    stage.tell_status("authenticated");
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("C-14 INV-A7 oracle: what a user wants remembered is no key and may be another") {
  Storage stage;
  for (const char* value : {"first", "second"}) {
    stage.world.observe_port_answered(stage.phone, "secret.write",
                                      Json{{"name", "landfall.credentials"}, {"value", value}},
                                      Json::object());
  }
  CHECK(stage.found() == 0);
}

TEST_CASE("I-24 INV-A7 oracle: whoever is left for idleness is not left for locked keys") {
  Storage stage;
  stage.read("locked");
  stage.tell_left("session.idle");
  CHECK(stage.found() == 0);
}
