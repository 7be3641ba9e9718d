#include "engine/base/random.hpp"

#include "engine/base/assert.hpp"

namespace landfall {

Random Random::stream(std::uint64_t seed, std::string_view concern) {
  // FNV-1a over the concern, then SplitMix64's finaliser, so that neighbouring seeds share no low
  // bits.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : concern) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::uint64_t mixed = seed + hash + 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  return Random{mixed ^ (mixed >> 31U)};
}

std::uint64_t Random::below(std::uint64_t bound) {
  LANDFALL_ASSERT(bound > 0);
  // Rejects the tail that would make low values more likely.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  LANDFALL_ASSERT(low <= high);
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (width == UINT64_MAX) return static_cast<std::int64_t>(next());
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(width + 1));
}

double Random::unit() { return static_cast<double>(next() >> 11U) * 0x1p-53; }

bool Random::chance(double probability) { return unit() < probability; }

}  // namespace landfall
