#pragma once

#include <stdexcept>
#include <string>

#include "simulator/backend/database.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

// Why a backend does not start with development codes, or not without them.
class DevelopmentCodesRefused final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Before anything is served or seeded (C-24, INV-A15): a database that was made without development
// codes never gets to know them, and sessions that they opened are never served without. Their uses
// are logged, so that there must be a log. Throws DevelopmentCodesRefused.
void check_development_codes(BackendDatabase& database, const BackendOptions& options);

}  // namespace landfall::backend
