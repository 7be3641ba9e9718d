#include "simulator/real/tapped_transport.hpp"

#include <utility>

#include "engine/base/assert.hpp"

namespace landfall::world {
namespace {

std::optional<transport::Origin> origin_of(const net::ClosedPort& port) {
  auto origin = transport::parse_origin(port.origin());
  LANDFALL_ASSERT(origin.has_value());
  return std::move(*origin);
}

}  // namespace

TappedTransport::TappedTransport(actors::Transport& network, const net::ClosedPort& closed,
                                 const actors::Clock& clock, Taps taps)
    : network_(network),
      taps_(std::make_shared<const Taps>(std::move(taps))),
      nowhere_(origin_of(closed), clock) {}

void TappedTransport::start(std::uint64_t call, const http::Request& request, Duration timeout,
                            std::size_t response_bytes_max, Done done) {
  const bool is_refused = taps_->is_refused(request);
  taps_->on_request(request);
  actors::Transport& way = is_refused ? nowhere_ : network_;
  way.start(call, request, timeout, response_bytes_max,
            [taps = taps_, request, is_refused, done = std::move(done)](http::Answer answer) {
              taps->on_answer(request, answer, is_refused);
              done(std::move(answer));
            });
}

// Whoever does not know the call does nothing.
void TappedTransport::cancel(std::uint64_t call) {
  network_.cancel(call);
  nowhere_.cancel(call);
}

void TappedTransport::fall_silent() {
  network_.fall_silent();
  nowhere_.fall_silent();
}

}  // namespace landfall::world
