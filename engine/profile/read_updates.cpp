#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {

UpdateRules read_updates(ObjectReader section) {
  UpdateRules rules;
  rules.minimum = section.text_or("minimum", "");
  rules.recommended_header = section.text_or("recommended_header", "", limits::kNameBytesMax);
  section.done();
  return rules;
}

}  // namespace landfall::profile
