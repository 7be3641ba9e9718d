#include "simulator/oracles/forgotten.hpp"

#include <algorithm>

#include "engine/base/base64.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// The 16 bytes of an id as rows have them.
std::string bytes_of_id(const std::string& text) {
  const auto value_of = [](char digit) {
    return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
  };
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '-'; });
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(value_of(digits[i]) * 16 + value_of(digits[i + 1]));
  return bytes;
}

Needles needles_of(const Forgotten::Past& past) {
  Needles needles;
  for (const auto& id : past.operations) needles.add_bytes("operation " + id, bytes_of_id(id));
  for (const auto& name : past.names) needles.add("who the user was", name);
  for (const auto& key : past.keys) {
    needles.add("a key", key);
    if (const auto bytes = from_base64(key))
      needles.add_bytes("a key", {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  }
  return needles;
}

// A key of the secure hardware is the phone's own: it is made for a name, seals nothing by itself,
// and says nothing of whoever used it.
std::set<std::string> values_of(const std::map<std::string, std::string>& keychain) {
  std::set<std::string> values;
  for (const auto& [name, value] : keychain) {
    if (!name.starts_with("hardware/")) values.insert(value);
  }
  return values;
}

}  // namespace

void Forgotten::on_acknowledged(world::World&, world::Phone& phone, const world::Intent& intent,
                                const nlohmann::json&) {
  acknowledged_[&phone].insert(intent.id);
}

void Forgotten::on_erase(world::World&, world::Phone& phone) {
  asked_[&phone] = {
      acknowledged_[&phone], values_of(phone.keychain()), {phone.account().email, phone.user_id()}};
}

void Forgotten::on_erased(world::World& world, world::Phone& phone) {
  const auto past = asked_.extract(&phone);
  acknowledged_[&phone].clear();
  auto* simulated = dynamic_cast<world::VirtualPhone*>(&phone);
  if (past.empty() || simulated == nullptr) return;
  tell(world, phone, examine(simulated->disk(), phone.keychain(), past.mapped()));
}

// Whoever logged in since is the same user again: by name there is nothing to find any more.
void Forgotten::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    auto asked = asked_.extract(phone.get());
    auto* simulated = dynamic_cast<world::VirtualPhone*>(phone.get());
    if (asked.empty() || simulated == nullptr) continue;
    Past& past = asked.mapped();
    const auto kept = values_of(phone->keychain());
    const bool has_begun =
        std::ranges::none_of(past.keys, [&](const std::string& key) { return kept.contains(key); });
    past.names.clear();
    if (has_begun) tell(world, *phone, examine(simulated->disk(), phone->keychain(), past));
  }
}

std::vector<std::string> Forgotten::examine(const world::MemoryDisk& disk,
                                            const std::map<std::string, std::string>& kept,
                                            const Past& past) {
  std::vector<std::string> problems;
  for (const auto& [name, value] : kept) {
    if (past.keys.contains(value)) problems.push_back("the key " + name + " is kept");
  }
  const Needles needles = needles_of(past);
  disk.for_each_medium([&](const std::string& name, std::span<const std::uint8_t> bytes) {
    if (const auto found = needles.find(bytes))
      problems.push_back(name + " still holds " + found->what);
  });
  return problems;
}

void Forgotten::tell(world::World& world, const world::Phone& phone,
                     const std::vector<std::string>& problems) {
  for (const auto& problem : problems) {
    world.violate("INV-X2", phone.name() + " at " + format_rfc3339(world.now()) +
                                ", with everything forgotten: " + problem);
  }
}

}  // namespace landfall::oracles
