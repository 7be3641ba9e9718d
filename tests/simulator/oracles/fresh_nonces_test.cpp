#include "simulator/oracles/fresh_nonces.hpp"

#include <array>
#include <memory>

#include "engine/base/secure_random.hpp"
#include "engine/store/compressor.hpp"
#include "engine/store/sealer.hpp"
#include "tests/simulator/oracles/partition_file.hpp"

using namespace landfall;
using oracles::PartitionFile;

namespace {

// The same bytes for every nonce.
class StuckRandom final : public SecureRandom {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = std::byte{7};
  }
};

std::string sealed(SecureRandom& random, const std::string& text, std::uint8_t key = 1) {
  std::array<std::byte, store::kSecretKeyBytes> bytes;
  bytes.fill(std::byte{key});
  store::Sealer sealer(store::SecretKey(bytes), 1, random);
  std::string hex;
  store::Compressor compressor;
  for (const std::byte byte : sealer.seal_compressed("operations.payload", {},
                                                     std::as_bytes(std::span(text)), compressor)) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    hex += kDigits[std::to_integer<unsigned>(byte) >> 4U];
    hex += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  return hex;
}

struct Disk {
  world::MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};
  PartitionFile file{disk};
  oracles::FreshNonces oracle;

  Disk() {
    file.add(1);
    file.add(2);
  }
  void payload(int seq, const std::string& hex) {
    file.run("UPDATE operations SET payload = x'" + hex + "' WHERE seq = " + std::to_string(seq));
  }
};

}  // namespace

TEST_CASE("INV-X3 oracle: drawn nonces are fine, and so is a value that is seen again") {
  Disk phone;
  SeededSecureRandom random({});
  phone.payload(1, sealed(random, "one"));
  phone.payload(2, sealed(random, "two"));
  CHECK(phone.oracle.examine(phone.disk).empty());
  CHECK(phone.oracle.examine(phone.disk).empty());
}

TEST_CASE("INV-X3 oracle: two values under one nonce are named, in one look or in two") {
  Disk phone;
  StuckRandom stuck;
  SECTION("beside each other") {
    phone.payload(1, sealed(stuck, "one"));
    phone.payload(2, sealed(stuck, "two"));
  }
  SECTION("beside each other, compressed") {
    phone.payload(1, sealed(stuck, std::string(500, '1')));
    phone.payload(2, sealed(stuck, std::string(500, '2')));
  }
  SECTION("one after the other, by another key too") {
    phone.payload(1, sealed(stuck, "one"));
    CHECK(phone.oracle.examine(phone.disk).empty());
    phone.payload(1, sealed(stuck, "one", 2));
  }
  CHECK(phone.oracle.examine(phone.disk).size() == 1);
}
