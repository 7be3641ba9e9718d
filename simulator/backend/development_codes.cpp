#include "simulator/backend/development_codes.hpp"

namespace landfall::backend {
namespace {

constexpr const char* kMeta = "development_codes";

}  // namespace

void check_development_codes(BackendDatabase& database, const BackendOptions& options) {
  if (options.development_codes && !options.development_log)
    throw DevelopmentCodesRefused("development codes need a log of their uses");
  const bool is_new = !database.meta("seeded");
  if (is_new) return database.set_meta(kMeta, options.development_codes ? "1" : "0");
  const bool had_them = database.meta(kMeta).value_or("0") == "1";
  if (had_them == options.development_codes) return;
  throw DevelopmentCodesRefused(
      had_them
          ? "this database was made with development codes; it is served with them or not at all"
          : "this database was made without development codes; start a new one for them");
}

}  // namespace landfall::backend
