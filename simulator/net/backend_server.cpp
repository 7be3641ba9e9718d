#include "simulator/net/backend_server.hpp"

#include <future>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "simulator/net/http_listener.hpp"
#include "simulator/net/hub_commands.hpp"
#include "simulator/net/hub_server.hpp"
#include "simulator/net/inspection_routes.hpp"

namespace landfall::net {

namespace asio = boost::asio;

// The backend with its thread.
class BackendServer::Listener final {
 public:
  Listener(backend::Backend& backend, const glue::DeviceClock& clock,
           const BackendServerOptions& options)
      : backend_(backend),
        clock_(clock),
        hub_(io_, backend, clock),
        listener_(io_, listener_options(options),
                  [this](const std::shared_ptr<HttpSession>& session,
                         const http::Request& request) { serve(session, request); }) {}
  ~Listener() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] Status listen() {
    LANDFALL_TRY(listener_.listen());
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  void run_between(const std::function<void(backend::Backend&, Instant)>& look);

 private:
  [[nodiscard]] static HttpListenerOptions listener_options(const BackendServerOptions& options) {
    return {options.port,
            {options.request_bytes_max, options.header_bytes_max, options.idle_timeout},
            options.connections_max};
  }
  void serve(const std::shared_ptr<HttpSession>& session, const http::Request& request);
  [[nodiscard]] http::Response answer(const http::Request& request);

  backend::Backend& backend_;
  const glue::DeviceClock& clock_;
  asio::io_context io_{1};  // its connections go with it
  HubServer hub_;
  HttpListener listener_;
  std::thread thread_;
};

void BackendServer::Listener::serve(const std::shared_ptr<HttpSession>& session,
                                    const http::Request& request) {
  if (HubServer::is_upgrade(request)) return hub_.upgrade(session, request);
  session->answer(answer(request));
  hub_.carry();
}

http::Response BackendServer::Listener::answer(const http::Request& request) {
  if (auto obeyed = answer_hub_command(request, backend_, hub_, clock_.now()))
    return std::move(*obeyed);
  if (auto inspected = answer_inspection(request, backend_, clock_)) return std::move(*inspected);
  return backend_.handle(request, clock_.now());
}

void BackendServer::Listener::run_between(
    const std::function<void(backend::Backend&, Instant)>& look) {
  // Shared, because the waiting thread may be gone before set_value has returned.
  const auto done = std::make_shared<std::promise<void>>();
  asio::post(io_, [this, &look, done] {
    try {
      look(backend_, clock_.now());
      hub_.carry();
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
