#include "simulator/backend/sign_up.hpp"

#include <cstddef>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 64U * 1024U;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kPasswordBytesMin = 8;

}  // namespace

http::Response sign_up(Accounts& accounts, SecureRandom& random, const http::Request& request) {
  const auto body = parse_json(request.body, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto email = string_at(*body, "email");
  if (!email) return bad_request(email.error());
  const auto password = string_at(*body, "password");
  if (!password) return bad_request(password.error());
  const auto name = optional_string_at(*body, "name");
  if (!name) return bad_request(name.error());
  if (password->size() < kPasswordBytesMin)
    return error_reply(422, "PASSWORD_TOO_SHORT", "A password has at least 8 characters.");
  if (accounts.find_by_email(*email))
    return error_reply(409, "EMAIL_TAKEN", "An account with this email exists.");
  const SeedUser user{random_hex(random, kIdBytes), *email, name->value_or(""), *password, {}};
  accounts.add(user);
  auto reply = ok_reply("{\"user\":{\"id\":" + json_string(user.id) +
                        ",\"email\":" + json_string(user.email) + "}}");
  reply.status = 201;
  return reply;
}

}  // namespace landfall::backend
