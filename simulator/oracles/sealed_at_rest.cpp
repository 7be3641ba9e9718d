#include "simulator/oracles/sealed_at_rest.hpp"

#include <cstring>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "simulator/oracles/token_pairs.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// The first crashes are all looked at, then some.
constexpr std::uint64_t kAllUpTo = 4;
constexpr std::uint64_t kThenEvery = 16;
constexpr std::size_t kContentsMax = 200;
constexpr std::string_view kBearer = "Bearer ";

// Words with a space are what somebody wrote; ids, states and dates may stand in clear.
bool is_written_by_somebody(const std::string& text) {
  return text.size() >= Needles::kBytesMin && text.find(' ') != std::string::npos;
}

// As a ballast is, which is most of a disk: each byte is the one before.
bool is_zero(std::span<const std::uint8_t> bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Needles keys_of(const world::Phone& phone) {
  Needles keys;
  for (const auto& [name, value] : phone.keychain()) {
    keys.add("the key " + name, value);
    if (const auto bytes = from_base64(value))
      keys.add_bytes("the key " + name,
                     {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  }
  return keys;
}

}  // namespace

void SealedAtRest::add_secret(const std::string& what, const std::string& text) {
  if (known_.insert(text).second) secrets_.add(what, text);
}

void SealedAtRest::add_content(const nlohmann::json& value) {
  if (contents_known_ >= kContentsMax) return;
  if (value.is_structured()) {
    for (const auto& part : value) add_content(part);
  } else if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (!is_written_by_somebody(text) || !known_.insert(text).second) return;
    contents_.add("what a user wrote", text);
    ++contents_known_;
  }
}

void SealedAtRest::on_intent(world::World&, world::Phone& phone, const world::Intent& intent) {
  add_secret("a password", phone.account().password);
  if (contents_known_ < kContentsMax)
    add_content(nlohmann::json::parse(intent.payload, nullptr, false));
}

void SealedAtRest::on_request(world::World& world, world::Phone&, const http::Request& request,
                              const std::vector<world::SentOperation>&) {
  for (const auto& [name, value] : request.headers) {
    if (value.starts_with(kBearer)) add_secret("an access token", value.substr(kBearer.size()));
  }
  const auto route = world.route_of(request);
  if (route != backend::RouteId::refresh && route != backend::RouteId::logout) return;
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (!body.is_object()) return;
  for (const auto& [name, value] : body.items()) {
    if (name.find("oken") != std::string::npos && value.is_string())
      add_secret("a refresh token", value.get<std::string>());
  }
}

void SealedAtRest::on_answer(world::World& world, world::Phone&, const http::Request& request,
                             const http::Answer& answer) {
  if (const auto pair = pair_in(world, request, answer)) {
    add_secret("an access token", pair->access);
    add_secret("a refresh token", pair->refresh);
  }
  if (world.route_of(request) != backend::RouteId::biometric_register || !answer.response) return;
  const auto body = nlohmann::json::parse(answer.response->body, nullptr, false);
  if (!body.is_object()) return;
  for (const auto& [name, value] : body.items()) {
    if (name.find("oken") != std::string::npos && value.is_string())
      add_secret("a biometric token", value.get<std::string>());
  }
}

void SealedAtRest::on_event(world::World& world, world::Phone& phone, const std::string& event,
                            const nlohmann::json& data) {
  if (secrets_.empty()) return;
  const std::string text = data.dump();
  const auto found = secrets_.find(bytes_of(text));
  if (!found || !told_.insert(event + found->what).second) return;
  world.violate("INV-X1", phone.name() + " told " + found->what + " in " + event + " at " +
                              format_rfc3339(world.now()));
}

std::vector<std::string> SealedAtRest::examine(const world::MemoryDisk& disk,
                                               const Needles& keys) const {
  std::vector<std::string> problems;
  disk.for_each_medium([&](const std::string& name, std::span<const std::uint8_t> bytes) {
    if (is_zero(bytes)) return;
    for (const Needles* needles : {&secrets_, &contents_, &keys}) {
      if (const auto found = needles->find(bytes)) problems.push_back(name + ": " + found->what);
    }
  });
  return problems;
}

void SealedAtRest::judge_files(world::VirtualWorld& world, world::VirtualPhone& phone) {
  for (const auto& problem : examine(phone.disk(), keys_of(phone))) {
    if (!told_.insert(phone.name() + problem).second) continue;
    world.violate("INV-X1", phone.name() + " keeps in plain, at " + format_rfc3339(world.now()) +
                                ", in " + problem);
  }
}

void SealedAtRest::on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool) {
  const std::uint64_t crash = ++crashes_;
  if (crash <= kAllUpTo || crash % kThenEvery == 0) judge_files(world, phone);
}

void SealedAtRest::on_end(world::World& world) {
  auto* simulated = dynamic_cast<world::VirtualWorld*>(&world);
  if (simulated == nullptr) return;
  for (auto* phone : simulated->virtual_phones()) judge_files(*simulated, *phone);
}

}  // namespace landfall::oracles
