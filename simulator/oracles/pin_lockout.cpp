#include "simulator/oracles/pin_lockout.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// From the count of a guess until its answer is heard.
constexpr Duration kHearing{1'000};

}  // namespace

Duration PinLockout::wait_of(const nlohmann::json& profile, int failures) {
  Duration wait{0};
  for (const auto& step : profile["unlock"]["pin"]["lockout"]["steps"]) {
    if (step["at"].get<int>() <= failures)
      wait = std::chrono::seconds{step["wait_s"].get<std::int64_t>()};
  }
  return wait;
}

void PinLockout::on_guess(world::World&, world::Phone& phone, bool is_right) {
  if (is_right) owners_[&phone].may_be_over = true;
}

// A login that answers ends the count; whether it did is not always seen.
void PinLockout::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                            const std::vector<world::SentOperation>&) {
  if (request.target == world.routes().login) owners_[&phone].may_be_over = true;
}

void PinLockout::on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                                   const nlohmann::json& result) {
  Owner& owner = owners_[&phone];
  if (result.value("code", "") != "pin.wrong") {
    owner = {};
    return;
  }
  const int failures = result["pin"].value("failures", 0);
  const std::string what = phone.name() + " was told of failure " + std::to_string(failures) +
                           " at " + format_rfc3339(world.now());
  if (is_right) world.violate("INV-A8", what + ", and the PIN was right");
  if (!owner.may_be_over && failures <= owner.failures)
    world.violate("INV-A8",
                  what + ", and of failure " + std::to_string(owner.failures) + " before");
  const Duration wait = wait_of(world.profile(), owner.failures);
  const Duration hearing = kHearing + world.lag();
  if (!owner.may_be_over && owner.told_at && world.now() - *owner.told_at + hearing < wait)
    world.violate("INV-A8", what + ", before the wait behind the last one was over");
  owner = {failures, world.now(), false};
}

}  // namespace landfall::oracles
