#include "simulator/net/proxy_loop.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "engine/base/assert.hpp"
#include "simulator/backend/reply.hpp"
#include "simulator/net/hub_server.hpp"

namespace landfall::net {

namespace asio = boost::asio;
using faults::Fault;

namespace {

// How long the server may take, in real time: a slow machine is no fault of the network.
constexpr Duration kUpstreamTimeout{120'000};
constexpr std::size_t kUpstreamBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kUpstreamCallsMax = 1'024;

transport::TransportOptions upstream_options() {
  transport::TransportOptions options;
  options.headers_timeout = kUpstreamTimeout;
  options.idle_timeout = kUpstreamTimeout;
  options.calls_max = kUpstreamCallsMax;
  return options;
}

http::Response upstream_silent() {
  return backend::error_reply(502, "UPSTREAM_SILENT", "the server behind the proxy did not answer");
}

http::Answer nothing() { return {std::nullopt, http::TransportFailure::silent}; }

}  // namespace

class FaultProxy::Loop::Striking final {
 public:
  Striking(Loop& loop, const SharedCall& call) : loop_(loop) { loop_.striking_ = call.get(); }
  ~Striking() { loop_.striking_ = nullptr; }
  Striking(const Striking&) = delete;
  Striking& operator=(const Striking&) = delete;

 private:
  Loop& loop_;
};

// --- a call's way -------------------------------------------------------------------------------

void FaultProxy::Loop::on_request(std::shared_ptr<HttpSession> session, http::Request request) {
  const std::string target = request.target;
  const auto call = std::make_shared<const Call>(
      Call{++last_call_, std::move(session), std::move(request), faults_.begin(target)});
  if (observer_.on_request) observer_.on_request({clock_.now(), call->number, call->request});
  const Striking striking(*this, call);
  if (faults_.strikes(call->fate, Fault::refused)) {
    call->session->reset();
    return tell(call, nothing());
  }
  if (faults_.strikes(call->fate, Fault::lost_request)) return drop(call);
  const Duration latency = faults_.draw_latency(call->fate);
  ++travelling_;
  after(latency, [this, call] { arrive(call); });
  if (HubServer::is_upgrade(call->request)) return;  // a connection is not doubled
  const auto behind = faults_.draw_duplicate(call->fate);
  if (!behind) return;
  ++travelling_;
  after(latency + *behind, [this, call] { arrive_again(call); });
}

void FaultProxy::Loop::arrive(const SharedCall& call) {
  // A spell that began while it travelled swallows it.
  if (!listener_.is_up()) {
    --travelling_;
    return drop(call);
  }
  const Striking striking(*this, call);
  if (auto instead = faults_.answer_instead(call->fate, faults::is_stamped(call->request),
                                            server_down_ || spells_.is_server_down())) {
    --travelling_;
    return take_back(call, *std::move(instead));
  }
  if (HubServer::is_upgrade(call->request)) return upgrade(call);
  faults_.meddle(call->fate, call->request, hooks_);
  forward(call->request,
          [this, call](http::Answer answer) { on_decided(call, std::move(answer)); });
}

// Nobody waits for what the server says to it.
void FaultProxy::Loop::arrive_again(const SharedCall& call) {
  forward(call->request, [this](const http::Answer&) { --travelling_; });
}

void FaultProxy::Loop::forward(const http::Request& request,
                               std::function<void(http::Answer)> done) {
  // `done` moves on and leaves nothing behind: with the last of it may go the session, which only
  // the I/O thread may touch.
  upstream_.start(++last_forward_, request, kUpstreamTimeout, kUpstreamBytesMax,
                  [this, done = std::move(done)](http::Answer answer) mutable {
                    asio::post(io_, [done = std::move(done), answer = std::move(answer)]() mutable {
                      done(std::move(answer));
                    });
                  });
}

void FaultProxy::Loop::on_decided(const SharedCall& call, http::Answer answer) {
  --travelling_;
  const Striking striking(*this, call);
  if (!answer.response) return take_back(call, upstream_silent());
  take_back(call, faults_.answer_late(call->fate).value_or(*std::move(answer.response)));
}

void FaultProxy::Loop::take_back(const SharedCall& call, http::Response response) {
  if (faults_.strikes(call->fate, Fault::lost_answer)) return drop(call);
  after(faults_.draw_answer_latency(call->fate),
        [this, call, response = std::move(response)]() mutable {
          send_back(call, std::move(response));
        });
}

void FaultProxy::Loop::send_back(const SharedCall& call, http::Response response) {
  if (!call->session->is_open()) return drop(call);
  const Striking striking(*this, call);
  const auto body = faults_.draw_body(call->fate);
  if (body == faults::BodyFate::cut) {
    tell(call, {std::nullopt, http::TransportFailure::cut});
    return call->session->answer_cut(std::move(response));
  }
  faults_.strike_body(call->fate, body, response);
  const http::Answer answer{std::move(response), std::nullopt};
  tell(call, answer);
  call->session->answer(*answer.response);
}

void FaultProxy::Loop::drop(const SharedCall& call) {
  call->session->hold();
  tell(call, nothing());
}

void FaultProxy::Loop::tell(const SharedCall& call, const http::Answer& answer) {
  if (observer_.on_answer) observer_.on_answer({clock_.now(), call->number, call->request, answer});
}

// --- a connection that is taken over ------------------------------------------------------------

void FaultProxy::Loop::upgrade(const SharedCall& call) {
  UpstreamUpgrade::start(
      io_, upstream_origin_, call->request, kUpstreamTimeout,
      [this, call](UpgradeAnswer answer) { on_upgraded(call, std::move(answer)); });
}

void FaultProxy::Loop::on_upgraded(const SharedCall& call, UpgradeAnswer answer) {
  --travelling_;
  const Striking striking(*this, call);
  if (!answer.stream)
    return take_back(call, answer.response ? *std::move(answer.response) : upstream_silent());
  // The network went meanwhile: the server finds that nobody is there.
  if (!listener_.is_up() || !call->session->is_open()) return drop(call);
  tell(call, {std::move(answer.response), std::nullopt});
  const auto tunnel = std::make_shared<ProxyTunnel>(
      call->session->take_stream(), *std::move(answer.stream),
      ProxyTunnel::Network{
          [this](Duration delay, std::function<void()> then) { after(delay, std::move(then)); },
          [this] { return faults_.draw_latency({}); }, [this] { return draw_passage(); }},
      [this, number = call->number] { tunnels_.erase(number); });
  tunnels_.emplace(call->number, tunnel);
  tunnel->start(std::move(answer.first));
}

ProxyTunnel::Passage FaultProxy::Loop::draw_passage() {
  if (faults_.strikes({}, Fault::hub_silent)) return ProxyTunnel::Passage::silent;
  if (faults_.strikes({}, Fault::hub_cut)) return ProxyTunnel::Passage::cut;
  return ProxyTunnel::Passage::whole;
}

// --- what its owner does ------------------------------------------------------------------------

FaultProxy::Loop::Loop(transport::Origin upstream, const glue::DeviceClock& clock,
                       FaultProxyOptions options)
    : clock_(clock),
      hooks_(std::move(options.hooks)),
      observer_(std::move(options.observer)),
      plan_(std::move(options.plan)),
      faults_(
          Random::stream(options.seed, "network/proxy"),
          [this]() -> const faults::FaultPlan& { return plan_; },
          [this](Fault fault) { note(fault); }),
      spells_(
          options.seed,
          {[this](Duration delay, std::function<void()> then) { after(delay, std::move(then)); },
           [this](Fault fault) { note(fault); }, [this] { apply_up(); }, hooks_.edit_as_other}),
      listener_(io_, {.keeps_port = true},
                [this](std::shared_ptr<HttpSession> session, http::Request request) {
                  on_request(std::move(session), std::move(request));
                }),
      upstream_origin_(std::move(upstream)),
      upstream_(upstream_origin_, wall_, upstream_options()) {}

FaultProxy::Loop::~Loop() {
  LANDFALL_ASSERT(!io_.get_executor().running_in_this_thread());
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

Status FaultProxy::Loop::listen() {
  LANDFALL_TRY(listener_.listen());
  spells_.follow(plan_);
  thread_ = std::thread([this] { io_.run(); });
  return {};
}

bool FaultProxy::Loop::can_strike(Fault fault) const {
  switch (fault) {
    case Fault::revoked_tokens:
      return hooks_.revoke_tokens != nullptr;
    case Fault::history_purged:
      return hooks_.purge_history != nullptr;
    case Fault::edited_by_other:
      return hooks_.edit_as_other != nullptr;
    default:
      return faults::can_strike_call(fault);
  }
}

void FaultProxy::Loop::set_plan(faults::FaultPlan plan) {
  plan_ = std::move(plan);
  spells_.follow(plan_);
}

void FaultProxy::Loop::set_up(bool up) {
  if (up_ && !up) note(Fault::offline_spell);
  up_ = up;
  apply_up();
}

void FaultProxy::Loop::apply_up() {
  const bool up = up_ && !spells_.is_offline();
  listener_.set_up(up);
  if (up) return;
  const auto open_ones = tunnels_;
  for (const auto& [number, tunnel] : open_ones) tunnel->reset();
}

void FaultProxy::Loop::set_server_down(bool down) {
  if (!server_down_ && down) note(Fault::server_down);
  server_down_ = down;
}

void FaultProxy::Loop::note(Fault fault) {
  counts_.add(fault);
  if (!observer_.on_fault) return;
  const bool is_of_call = striking_ != nullptr && faults::can_strike_call(fault);
  observer_.on_fault({clock_.now(), fault, is_of_call ? &striking_->request : nullptr});
}

void FaultProxy::Loop::after(Duration delay, std::function<void()> then) {
  const double us = static_cast<double>(delay.count()) * 1'000.0 / clock_.speed();
  const auto timer = std::make_shared<asio::steady_timer>(
      io_, std::chrono::microseconds{static_cast<std::int64_t>(us)});
  timer->async_wait([timer, then = std::move(then)](boost::system::error_code) { then(); });
}

}  // namespace landfall::net
