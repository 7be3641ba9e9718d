#include <chrono>
#include <utility>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

// As long as a scope's documents are by default: see read_entities.
constexpr std::int64_t kMaxAgeDefaultS = 900;

CachedRead read_one(const std::string& name, ObjectReader& reader) {
  CachedRead read;
  read.name = name;
  read.endpoint = reader.text("endpoint", limits::kNameBytesMax);
  read.entity = reader.text("entity", limits::kNameBytesMax);
  read.kept_as = reader.text("kept_as", limits::kNameBytesMax);
  read.max_age =
      std::chrono::seconds{reader.integer_or("max_age_s", kMaxAgeDefaultS, 1, limits::kMaxAgeSMax)};
  reader.done();
  return read;
}

}  // namespace

std::map<std::string, CachedRead, std::less<>> read_reads(ObjectReader section) {
  std::map<std::string, CachedRead, std::less<>> reads;
  for (auto& [name, reader] : section.objects(limits::kReadsMax))
    reads.emplace(name, read_one(name, reader));
  return reads;
}

}  // namespace landfall::profile
