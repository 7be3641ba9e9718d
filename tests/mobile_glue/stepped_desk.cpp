#include "tests/mobile_glue/stepped_desk.hpp"

#include <algorithm>
#include <utility>

#include <catch2/catch.hpp>

#include "mobile_glue/device_environment.hpp"
#include "mobile_glue/embed.hpp"
#include "tests/mobile_glue/host.hpp"

namespace landfall::test {

void HeldTransport::start(std::uint64_t call, const http::Request& request, Duration, std::size_t,
                          Done done) {
  calls_.push_back({call, request.target, std::move(done)});
}

void HeldTransport::cancel(std::uint64_t call) {
  std::erase_if(calls_, [&](const Call& open) { return open.number == call; });
}

bool HeldTransport::answer(const std::string& target, int status, const std::string& body) {
  const auto matches = [&](const Call& call) { return call.target.ends_with(target); };
  const auto found = std::find_if(calls_.begin(), calls_.end(), matches);
  if (found == calls_.end()) return false;
  const Done done = std::move(found->done);
  calls_.erase(found);
  done(http::Answer{http::Response{status, {{"Content-Type", "application/json"}}, body},
                    std::nullopt});
  return true;
}

actors::Environment SteppedDesk::environment() {
  actors::Environment environment;
  environment.clock = &clock_;
  environment.scheduling = actors::Scheduling::stepped;
  environment.transport = &transport_;
  environment.disk.lock = glue::lock_directory;
  environment.secure_random = &random_;
  return environment;
}

landfall_engine* SteppedDesk::open(const std::string& directory) {
  char* error = nullptr;
  auto* engine = glue::open_embedded(config_for(directory).dump().c_str(), environment(), &error);
  if (engine == nullptr) FAIL((error != nullptr ? error : "no error text"));
  return engine;
}

void run_all(actors::SteppedRuntime& runtime) {
  while (runtime.ready() > 0) (void)runtime.step(0);
}

std::string login_body(const std::string& user_id) {
  const nlohmann::json user{{"id", user_id}, {"name", "Asha"}, {"tenantId", "acme"}};
  return nlohmann::json{{"accessToken", "access-" + user_id},
                        {"refreshToken", "refresh-" + user_id},
                        {"expiresIn", 900},
                        {"user", user}}
      .dump();
}

}  // namespace landfall::test
