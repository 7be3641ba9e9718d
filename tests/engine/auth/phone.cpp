#include "tests/engine/auth/phone.hpp"

#include "schema/embedded.hpp"

#include <catch2/catch.hpp>

namespace landfall::test {
namespace {

std::array<std::byte, 32> seed_of(unsigned char value) {
  std::array<std::byte, 32> seed{};
  seed.fill(std::byte{value});
  return seed;
}

}  // namespace

Profile shipped_profile() {
  auto profile = Profile::load(schema::profile("prokure").value());
  if (!profile) FAIL(profile.error().code << ": " << profile.error().message);
  return std::move(*profile);
}

Result<auth::TokenPair> pair_in(const Profile& profile, std::string_view endpoint,
                                std::string body) {
  return auth::parse_token_pair(profile, endpoint, http::Response{200, {}, std::move(body)});
}

Phone::Phone(Profile profile) : profile_(std::move(profile)), random_(seed_of(7)) {
  key_ = std::make_unique<store::Sealer>(store::SecretKey::generate(random_), 1, random_);
  boot();
}

auth::TokenEffects Phone::login(const std::string& body, Instant now) {
  auto pair = pair_in(profile_, "login", body);
  if (!pair) FAIL(pair.error().code << ": " << pair.error().message);
  return step([&](auth::TokenLifecycle& machine, store::Transaction& tx) {
    return machine.on_login(tx, *key_, kUser, std::move(*pair), now);
  });
}

auth::TokenEffects Phone::rejected(std::int64_t generation, Instant now) {
  return step([&](auto& machine, auto& tx) { return machine.on_rejected(tx, generation, now); });
}

auth::TokenEffects Phone::accepted(std::int64_t generation) {
  return step([&](auto& machine, auto& tx) { return machine.on_accepted(tx, generation); });
}

auth::TokenEffects Phone::answered(std::int64_t attempt, const http::Answer& answer, Instant now) {
  return step(
      [&](auto& machine, auto& tx) { return machine.on_refresh_answer(tx, attempt, answer, now); });
}

auth::TokenEffects Phone::woken(Instant now) {
  return step([&](auto& machine, auto& tx) { return machine.on_wake(tx, now); });
}

auth::TokenEffects Phone::edge(Instant now) {
  return step([&](auto& machine, auto& tx) { return machine.on_edge(tx, now); });
}

auth::TokenEffects Phone::needed(Instant now) {
  return step([&](auto& machine, auto& tx) { return machine.on_need(tx, now); });
}

auth::TokenEffects Phone::cleared() {
  return step([&](auto& machine, auto& tx) { return machine.on_clear(tx); });
}

void Phone::die() {
  machine_.reset();
  device_.reset();
}

Result<auth::TokenEffects> Phone::try_start(Instant now) {
  die();
  boot();
  return device_->write("test.open", store::Durability::durable, [&](store::Transaction& tx) {
    return machine_->on_open(tx, *key_, kUser, now);
  });
}

auth::TokenEffects Phone::start(Instant now) {
  auto effects = try_start(now);
  require(effects);
  return std::move(*effects);
}

std::string Phone::file_bytes() const { return read_file(path()) + read_file(path() + "-wal"); }

void Phone::require(const Result<auth::TokenEffects>& effects) {
  if (!effects) FAIL(effects.error().code << ": " << effects.error().message);
}

void Phone::boot() {
  device_ = open_database(path(), "", schema::device_migrations());
  machine_ = std::make_unique<auth::TokenLifecycle>(
      auth::TokenLifecycle::Parts{profile_, random_, "device-1", repeats_});
}

auth::AccessToken bearer(const auth::TokenLifecycle& machine) {
  auto token = machine.access();
  REQUIRE(token.has_value());
  return *token;
}

std::string refresh_id(const auth::TokenEffects& effects) {
  REQUIRE(effects.refresh.has_value());
  return std::string{http::find_header(effects.refresh->call.headers, "X-Refresh-Id").value_or("")};
}

}  // namespace landfall::test
