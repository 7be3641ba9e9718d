#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "engine/base/zone.hpp"

namespace landfall::zones {

// A zone by its IANA name, out of this machine's time zone database, with its changes from 1970 to
// 2037, where the database's own lists end. It is what a desktop's hosts answer the port zone.read
// with; a phone asks its platform. Errors: zone.unknown, zone.unavailable (there is no database).
[[nodiscard]] Result<Zone> desktop_zone(const std::string& name);

}  // namespace landfall::zones
