#include <chrono>
#include <cstddef>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/attest/ed25519.hpp"
#include "tests/engine/unlock/unlock_rig.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

constexpr const char* kPin = "481629";

Profile signed_profile() {
  Json profile = profile_with(prokure_unlock());
  profile["unlock"]["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
  profile["attestation"] = {{"valid_s", 300}};
  profile["endpoints"]["device_register"]["body"]["attestation_key"] = "${attestation_key}";
  return loaded(profile);
}

void enrol(UnlockRig& rig) {
  REQUIRE(rig.write([&](store::Transaction& tx) {
    return rig.machine().on_enrolled(tx, {std::byte{1}}, rig.reading());
  }));
}

void make_key(UnlockRig& rig) {
  REQUIRE(rig.machine().lacks_attestation_key());
  REQUIRE(rig.write([&](store::Transaction& tx) {
    return rig.machine().on_attestation_key(tx, store::SecretKey::generate(rig.random()),
                                            rig.reading());
  }));
}

attest::PublicKey key_of(UnlockRig& rig) {
  REQUIRE(rig.machine().attestation_key() != nullptr);
  return attest::public_half(*rig.machine().attestation_key());
}

}  // namespace

TEST_CASE("the key that signs is there in the next process, and a new PIN leaves it (C-25)") {
  UnlockRig rig(signed_profile());
  rig.login();
  CHECK_FALSE(rig.machine().lacks_attestation_key());
  REQUIRE(rig.set_pin(kPin));
  make_key(rig);
  const auto key = key_of(rig);
  rig.start();
  CHECK(key_of(rig) == key);
  CHECK_FALSE(rig.machine().lacks_attestation_key());
  REQUIRE(rig.guess(kPin).code.empty());
  REQUIRE(rig.set_pin("590372", true));
  CHECK(key_of(rig) == key);
}

TEST_CASE("the key goes with the last thing that guards it (C-25)") {
  UnlockRig rig(signed_profile());
  rig.login();
  REQUIRE(rig.set_pin(kPin));
  enrol(rig);
  make_key(rig);
  REQUIRE(rig.write([&](store::Transaction& tx) {
    return rig.machine().on_biometric_removed(tx, rig.reading());
  }));
  CHECK(rig.machine().attestation_key() != nullptr);
  REQUIRE(rig.write(
      [&](store::Transaction& tx) { return rig.machine().on_pin_removed(tx, rig.reading()); }));
  CHECK(rig.machine().attestation_key() == nullptr);
  rig.start();
  CHECK(rig.machine().attestation_key() == nullptr);
  CHECK_FALSE(rig.machine().lacks_attestation_key());
}

TEST_CASE("an app that signs nothing has no key, and a closed one makes none (C-25)") {
  UnlockRig plain(prokure_unlock());
  plain.login();
  REQUIRE(plain.set_pin(kPin));
  CHECK_FALSE(plain.machine().lacks_attestation_key());

  UnlockRig rig(signed_profile());
  rig.login();
  REQUIRE(rig.set_pin(kPin));
  rig.start();
  const Status made = rig.write([&](store::Transaction& tx) {
    return rig.machine().on_attestation_key(tx, store::SecretKey::generate(rig.random()),
                                            rig.reading());
  });
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == "session.locked");
}

TEST_CASE("what a proof counts its age by never goes back (C-25, INV-A9)") {
  UnlockRig rig(signed_profile());
  rig.login();
  REQUIRE(rig.set_pin(kPin));
  const auto before = rig.machine().elapsed_ms(rig.reading());
  rig.pass(std::chrono::minutes{4});
  CHECK(rig.machine().elapsed_ms(rig.reading()) == before + 240'000);
  rig.restart_with_clock(-std::chrono::hours{48});
  CHECK(rig.machine().elapsed_ms(rig.reading()) >= before + 240'000);
}
