#include "simulator/net/backend_clock.hpp"

#include <future>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "actors/transport/http_transport.hpp"
#include "engine/base/json.hpp"

namespace landfall::net {
namespace {

constexpr Duration kTimeout{5'000};
constexpr std::size_t kAnswerBytesMax = 4'096;

std::optional<glue::Pace> pace_in(const http::Answer& answer) {
  if (!answer.response || answer.response->status != 200) return std::nullopt;
  const auto clock = parse_json(answer.response->body, {kAnswerBytesMax, 2});
  if (!clock || !clock->is_object()) return std::nullopt;
  const auto speed = clock->find("speed");
  const auto epoch = clock->find("epoch");
  if (speed == clock->end() || !speed->is_number_integer()) return std::nullopt;
  if (epoch == clock->end() || !epoch->is_number_integer()) return std::nullopt;
  return glue::Pace{speed->get<int>(), Instant{epoch->get<std::int64_t>()}};
}

}  // namespace

Result<std::optional<glue::Pace>> fetch_pace(const std::string& origin) {
  LANDFALL_TRY_ASSIGN(auto where, transport::parse_origin(origin));
  const glue::DeviceClock clock;
  transport::HttpTransport transport(std::move(where), clock);
  const auto answered = std::make_shared<std::promise<http::Answer>>();
  transport.start(1, {"GET", "/_sim/clock", {}, {}}, kTimeout, kAnswerBytesMax,
                  [answered](http::Answer answer) { answered->set_value(std::move(answer)); });
  return pace_in(answered->get_future().get());
}

}  // namespace landfall::net
