#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/options.hpp"

// Almafrica: people who register farmers and weigh what they bring.
namespace landfall::backend {

// One for each way through the roles: kofi is an agent (two dashboards), amina a field support
// agent, yaw keeps a warehouse, esi works on the web alone, adwoa has a role without a place in the
// app, and kwame may do everything in the field.
[[nodiscard]] const std::vector<SeedUser>& field_users();

// What their roles allow; `agent` inherits from those it stands for.
[[nodiscard]] std::map<std::string, Role> field_roles();

// Collection points for everybody, and a few farmers for each who may see them. The same seed makes
// the same documents.
[[nodiscard]] std::vector<Document> field_documents(std::uint64_t seed, Instant now);

// Options of a backend for Almafrica: its users, roles, tokens and lockout.
[[nodiscard]] BackendOptions field_options();

}  // namespace landfall::backend
