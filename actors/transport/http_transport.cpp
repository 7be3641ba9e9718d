#include "actors/transport/http_transport.hpp"

#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "actors/transport/call.hpp"
#include "actors/transport/call_table.hpp"
#include "actors/transport/request_head.hpp"
#include "actors/transport/trust_desk.hpp"
#include "actors/transport/web_sockets.hpp"
#include "engine/base/assert.hpp"
#include "engine/http/content_coding.hpp"

namespace landfall::transport {

namespace asio = boost::asio;

// The thread with everything that lives on it.
class HttpTransport::Loop final {
 public:
  Loop(std::optional<Origin> origin, const actors::Clock& clock, TransportOptions options)
      : may_call_(origin && (origin->tls || origin->is_loopback())),
        origin_(std::move(origin).value_or(Origin{})),
        options_(std::move(options)),
        desk_(options_.rules, clock),
        idle_(clock, options_.idle_connections_max, options_.keep_alive),
        wire_{io_, origin_, clock, options_, idle_, desk_, std::nullopt},
        sockets_(wire_, may_call_),
        pruning_(io_, clock),
        thread_([this] { io_.run(); }) {}

  ~Loop() {
    LANDFALL_ASSERT(std::this_thread::get_id() != thread_.get_id());
    io_.stop();
    thread_.join();
    // A call and its exchange hold each other until one of them is over.
    for (const auto& [serial, call] : std::exchange(calls_, {})) call->abort();
    sockets_.abort_all();
    desk_.forget_questions();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) {
    std::optional<WireRequest> wire_request;
    if (may_call_ && table_.size() < options_.calls_max)
      wire_request = prepare(request, response_bytes_max);
    const std::uint64_t serial = table_.add(call, std::move(done));
    if (!wire_request) {
      return asio::post(io_, [this, serial] {
        table_.answer(serial, {std::nullopt, http::TransportFailure::not_sent});
      });
    }
    asio::post(io_, [this, serial, timeout, wire_request = std::move(*wire_request)]() mutable {
      begin(serial, timeout, std::move(wire_request));
    });
  }

  void cancel(std::uint64_t call) {
    const auto serial = table_.cancel(call);
    if (serial) asio::post(io_, [this, serial = *serial] { drop(serial); });
  }

  void fall_silent() {
    LANDFALL_ASSERT(std::this_thread::get_id() != thread_.get_id());
    table_.cancel_all();
    sockets_.forget_all();
    std::promise<void> silent;
    asio::post(io_, [this, &silent] {
      for (const auto& [serial, call] : std::exchange(calls_, {})) call->abort();
      sockets_.abort_all();
      desk_.forget_questions();
      idle_.clear();
      silent.set_value();
    });
    silent.get_future().wait();
  }

  [[nodiscard]] WebSockets& sockets() { return sockets_; }
  [[nodiscard]] TrustDesk& desk() { return desk_; }

  void on_word(std::uint64_t question, bool trusted) {
    asio::post(io_, [this, question, trusted] { desk_.on_word(question, trusted); });
  }

 private:
  // How the answer to a request is read.
  struct Reading {
    bool accepts_gzip = false;
    std::size_t response_bytes_max = 0;
  };

  // On the caller's thread, so that the I/O thread has the next call's body when it comes to it.
  [[nodiscard]] std::optional<WireRequest> prepare(const http::Request& request,
                                                   std::size_t response_bytes_max) {
    const std::lock_guard lock(preparing_);
    return prepare_request(request, origin_, compressor_, response_bytes_max);
  }

  void begin(std::uint64_t serial, Duration timeout, WireRequest request) {
    const Reading reading{request.accepts_gzip, request.response_bytes_max};
    const auto call = std::make_shared<Call>(
        wire_, std::move(request), [this, serial, reading](http::Answer answer) {
          calls_.erase(serial);
          if (reading.accepts_gzip)
            answer = http::in_clear(std::move(answer), reading.response_bytes_max, decompressor_);
          if (answer.response && origin_.tls) desk_.see(*answer.response);
          keep_pruning();
          table_.answer(serial, std::move(answer));
        });
    calls_.emplace(serial, call);
    call->start(timeout);
  }

  void drop(std::uint64_t serial) {
    const auto found = calls_.find(serial);
    if (found == calls_.end()) return;
    const auto call = std::move(found->second);
    calls_.erase(found);
    call->abort();
  }

  // While connections wait somebody must close them in the end.
  void keep_pruning() {
    if (is_pruning_ || !idle_.prune()) return;
    is_pruning_ = true;
    pruning_.arm(idle_.idle_max(), [this] {
      is_pruning_ = false;
      keep_pruning();
    });
  }

  const bool may_call_;
  const Origin origin_;
  const TransportOptions options_;
  CallTable table_;
  std::mutex preparing_;
  http::Compressor compressor_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  // From here on the I/O thread's.
  TrustDesk desk_;
  ConnectionPool idle_;
  Wire wire_;
  std::map<std::uint64_t, std::shared_ptr<Call>> calls_;  // by serial
  WebSockets sockets_;
  Deadline pruning_;
  bool is_pruning_ = false;
  http::Decompressor decompressor_;
  std::thread thread_;
};

HttpTransport::HttpTransport(std::optional<Origin> origin, const actors::Clock& clock,
                             TransportOptions options)
    : loop_(std::make_unique<Loop>(std::move(origin), clock, std::move(options))) {}

HttpTransport::~HttpTransport() = default;

void HttpTransport::start(std::uint64_t call, const http::Request& request, Duration timeout,
                          std::size_t response_bytes_max, Done done) {
  loop_->start(call, request, timeout, response_bytes_max, std::move(done));
}

void HttpTransport::cancel(std::uint64_t call) { loop_->cancel(call); }

void HttpTransport::fall_silent() { loop_->fall_silent(); }

void HttpTransport::use_trust_port(std::shared_ptr<actors::TrustPort> port) {
  loop_->desk().use_port(std::move(port));
}

void HttpTransport::chain_judged(std::uint64_t question, bool trusted) {
  loop_->on_word(question, trusted);
}

void HttpTransport::open_socket(std::uint64_t socket, const http::Request& request,
                                Duration timeout, std::size_t message_bytes_max, OnEvent on_event) {
  loop_->sockets().open(socket, request, timeout, message_bytes_max, std::move(on_event));
}

void HttpTransport::read_socket(std::uint64_t socket) { loop_->sockets().read(socket); }

void HttpTransport::send_text(std::uint64_t socket, std::string text) {
  loop_->sockets().send(socket, std::move(text));
}

void HttpTransport::close_socket(std::uint64_t socket) { loop_->sockets().close(socket); }

}  // namespace landfall::transport
