#include "actors/transport/call.hpp"

#include <utility>

namespace landfall::transport {
namespace {

http::Answer failed(http::TransportFailure failure) { return {std::nullopt, failure}; }

}  // namespace

Call::Call(Wire& wire, WireRequest request, Done done)
    : wire_(wire),
      request_(std::make_shared<const WireRequest>(std::move(request))),
      done_(std::move(done)),
      deadline_(wire.io, wire.clock) {}

void Call::start(Duration timeout) {
  deadline_.arm(timeout, [self = shared_from_this()] { self->on_time_over(); });
  if (auto kept = wire_.idle.take()) return exchange_on(std::move(kept), true);
  dial();
}

void Call::dial() {
  const Offer offer =
      wire_.options.http_version == profile::HttpVersion::http_2 ? Offer::http2_too : Offer::http1;
  dial_ = std::make_shared<Dial>(wire_, offer, [self = shared_from_this()](auto connection) {
    self->dial_.reset();
    if (!connection) return self->finish(failed(http::TransportFailure::not_sent));
    self->exchange_on(std::move(connection), false);
  });
  dial_->start();
}

void Call::exchange_on(std::shared_ptr<Connection> connection, bool is_kept) {
  exchange_ =
      std::make_shared<Exchange>(wire_, std::move(connection), request_,
                                 [self = shared_from_this(), is_kept](Exchange::Outcome outcome) {
                                   self->exchange_.reset();
                                   self->on_exchanged(std::move(outcome), is_kept);
                                 });
  exchange_->start();
}

void Call::on_exchanged(Exchange::Outcome outcome, bool is_kept) {
  // The server had closed it while it waited here. A fresh one is never replaced.
  if (outcome.is_unsent && is_kept) return dial();
  if (outcome.reusable) wire_.idle.give(std::move(outcome.reusable));
  finish(std::move(outcome.answer));
}

void Call::on_time_over() {
  const auto failure = exchange_ ? exchange_->failure() : http::TransportFailure::not_sent;
  const Done done = std::exchange(done_, nullptr);
  abort();
  if (done) done(failed(failure));
}

void Call::abort() {
  done_ = nullptr;
  deadline_.disarm();
  if (const auto dial = std::exchange(dial_, nullptr)) dial->give_up();
  if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->give_up();
}

void Call::finish(http::Answer answer) {
  deadline_.disarm();
  if (const Done done = std::exchange(done_, nullptr)) done(std::move(answer));
}

}  // namespace landfall::transport
