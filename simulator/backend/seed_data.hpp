#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

// Who works with the seed data. The first is the approver that most approvals wait for.
[[nodiscard]] const std::vector<SeedUser>& seed_users();

// The documents of a new backend: for each user a profile, notifications and pending approvals; the
// six KPIs of P-61..66; purchase orders with lines, requisitions and vendors. The same seed makes
// the same documents.
[[nodiscard]] std::vector<Document> seed_documents(std::uint64_t seed, Instant now);

// A pending approval for `approver_id`, drawn from `random`.
[[nodiscard]] Document make_approval(Random& random, const std::string& approver_id, Instant now);

}  // namespace landfall::backend
