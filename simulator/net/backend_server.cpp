#include "simulator/net/backend_server.hpp"

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/reply.hpp"

// Earlier releases bundle a zlib with known holes.
static_assert(BOOST_BEAST_VERSION >= 345, "Boost 1.81 or later is needed");

namespace landfall::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Message = beast::http::response<beast::http::string_body>;

// How long to wait before accepting again when the system had no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{50};

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

http::Request request_of(beast::http::request<beast::http::string_body> message) {
  http::Request request;
  request.method = text_of(message.method_string());
  request.target = text_of(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

Message message_of(http::Response response, unsigned version, bool keep_alive) {
  Message message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

// What a request that could not be read is answered with.
http::Response refusal(error_code error) {
  if (error == beast::http::error::body_limit) {
    return backend::error_reply(413, "PAYLOAD_TOO_LARGE",
                                "the body is larger than this server takes");
  }
  if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
    return backend::error_reply(431, "HEADERS_TOO_LARGE",
                                "the headers are larger than this server takes");
  }
  return backend::error_reply(400, "HTTP_INVALID", "this is no HTTP request: " + error.message());
}

bool is_http_error(error_code error) {
  return error.category() ==
         beast::http::make_error_code(beast::http::error::bad_method).category();
}

}  // namespace

// The acceptor with its thread, and what its connections share.
class BackendServer::Listener final {
 public:
  Listener(backend::Backend& backend, const glue::DeviceClock& clock, BackendServerOptions options)
      : backend_(backend), clock_(clock), options_(options) {}
  ~Listener();

  [[nodiscard]] Status listen();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const BackendServerOptions& options() const { return options_; }
  [[nodiscard]] http::Response answer(const http::Request& request);
  void run_between(const std::function<void(backend::Backend&, Instant)>& look);
  void on_closed() { --connections_; }

 private:
  void accept();
  void on_accepted(error_code error, tcp::socket socket);

  backend::Backend& backend_;
  const glue::DeviceClock& clock_;
  const BackendServerOptions options_;
  std::size_t connections_ = 0;
  asio::io_context io_{1};  // its connections go with it
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

namespace {

// One client: reads a request, has it answered, writes the answer, and again.
template <class Owner>
class Session final : public std::enable_shared_from_this<Session<Owner>> {
 public:
  Session(tcp::socket socket, Owner& owner)
      : owner_(owner), stream_(std::move(socket)), buffer_(owner.options().header_bytes_max) {}
  ~Session() { owner_.on_closed(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read_head() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(owner_.options().header_bytes_max));
    parser_->body_limit(owner_.options().request_bytes_max);
    stream_.expires_after(owner_.options().idle_timeout);
    beast::http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
  }

 private:
  void on_head(error_code error) {
    if (error) return on_unreadable(error);
    if (!beast::iequals(parser_->get()[beast::http::field::expect], "100-continue"))
      return read_body();
    message_.emplace(beast::http::status::continue_, parser_->get().version());
    beast::http::async_write(stream_, *message_,
                             [self = this->shared_from_this()](error_code failed, std::size_t) {
                               if (!failed) self->read_body();
                             });
  }

  void read_body() {
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code error, std::size_t) {
                              self->on_request(error);
                            });
  }

  void on_request(error_code error) {
    if (error) return on_unreadable(error);
    const unsigned version = parser_->get().version();
    const bool keep_alive = parser_->get().keep_alive();
    write(message_of(owner_.answer(request_of(parser_->release())), version, keep_alive));
  }

  // A client that left, or was silent for too long, is told nothing.
  void on_unreadable(error_code error) {
    if (!is_http_error(error) || error == beast::http::error::end_of_stream ||
        error == beast::http::error::partial_message) {
      return close();
    }
    write(message_of(refusal(error), 11, false));
  }

  void write(Message message) {
    message_ = std::move(message);
    stream_.expires_after(owner_.options().idle_timeout);
    beast::http::async_write(stream_, *message_,
                             [self = this->shared_from_this()](error_code error, std::size_t) {
                               if (error || self->message_->need_eof()) return self->close();
                               self->read_head();
                             });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.close();
  }

  Owner& owner_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<Message> message_;
};

}  // namespace

BackendServer::Listener::~Listener() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

Status BackendServer::Listener::listen() {
  try {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), options_.port};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    return failure(ErrorClass::refused, "server.port",
                   "cannot listen on 127.0.0.1:" + std::to_string(options_.port) + ": " +
                       error.code().message());
  }
  accept();
  thread_ = std::thread([this] { io_.run(); });
  return {};
}

void BackendServer::Listener::accept() {
  acceptor_.async_accept(
      [this](error_code error, tcp::socket socket) { on_accepted(error, std::move(socket)); });
}

void BackendServer::Listener::on_accepted(error_code error, tcp::socket socket) {
  if (error) {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](error_code) { accept(); });
    return;
  }
  if (connections_ < options_.connections_max) {
    ++connections_;
    socket.set_option(tcp::no_delay{true}, error);
    std::make_shared<Session<Listener>>(std::move(socket), *this)->read_head();
  }
  accept();
}

http::Response BackendServer::Listener::answer(const http::Request& request) {
  if (request.target != "/_sim/clock") return backend_.handle(request, clock_.now());
  if (request.method != "GET") {
    return backend::error_reply(405, "METHOD_NOT_ALLOWED", "the clock can only be read");
  }
  return backend::ok_reply(dump_json(Json{{"epoch", clock_.pace().epoch.unix_ms},
                                          {"speed", clock_.pace().speed},
                                          {"now", clock_.now().unix_ms}}));
}

void BackendServer::Listener::run_between(
    const std::function<void(backend::Backend&, Instant)>& look) {
  // Shared, because the waiting thread may be gone before set_value has returned.
  const auto done = std::make_shared<std::promise<void>>();
  asio::post(io_, [this, &look, done] {
    try {
      look(backend_, clock_.now());
      done->set_value();
    } catch (...) {
      done->set_exception(std::current_exception());
    }
  });
  done->get_future().get();
}

BackendServer::BackendServer(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
BackendServer::~BackendServer() = default;

Result<std::unique_ptr<BackendServer>> BackendServer::start(backend::Backend& backend,
                                                            const glue::DeviceClock& clock,
                                                            BackendServerOptions options) {
  auto listener = std::make_unique<Listener>(backend, clock, options);
  LANDFALL_TRY(listener->listen());
  return std::unique_ptr<BackendServer>(new BackendServer(std::move(listener)));
}

std::uint16_t BackendServer::port() const { return listener_->port(); }

std::string BackendServer::origin() const {
  return "http://127.0.0.1:" + std::to_string(listener_->port());
}

void BackendServer::with_backend(const std::function<void(backend::Backend&, Instant)>& look) {
  listener_->run_between(look);
}

}  // namespace landfall::net
