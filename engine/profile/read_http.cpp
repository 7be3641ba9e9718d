#include <cstdint>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {

HttpRules read_http(ObjectReader section) {
  HttpRules rules;
  rules.compress_requests =
      section.choice_or<bool>("compress_requests", {{"none", false}, {"gzip", true}}, false);
  rules.compress_bytes_min = static_cast<std::size_t>(section.integer_or(
      "compress_bytes_min", static_cast<std::int64_t>(limits::kCompressedBytesMinDefault), 1,
      static_cast<std::int64_t>(limits::kBatchBytesMax)));
  rules.version = section.choice_or<HttpVersion>(
      "version", {{"1.1", HttpVersion::http_1_1}, {"2", HttpVersion::http_2}},
      HttpVersion::http_1_1);
  section.done();
  return rules;
}

}  // namespace landfall::profile
