#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "actors/transport/http_transport.hpp"
#include "actors/transport/origin.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/faults/network_faults.hpp"
#include "simulator/net/fault_proxy.hpp"
#include "simulator/net/http_listener.hpp"
#include "simulator/net/proxy_spells.hpp"
#include "simulator/net/proxy_tunnel.hpp"
#include "simulator/net/upstream_upgrade.hpp"

namespace landfall::net {

// The proxy's thread with everything that lives on it.
class FaultProxy::Loop final {
 public:
  Loop(transport::Origin upstream, const glue::DeviceClock& clock, FaultProxyOptions options);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] Status listen();
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  // Runs `work` on the thread and waits for it.
  template <class Work>
  std::invoke_result_t<Work> run(Work work) {
    if (io_.get_executor().running_in_this_thread()) return work();
    // Shared, because the waiting thread may be gone before the task has returned.
    const auto task =
        std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
    boost::asio::post(io_, [task] { (*task)(); });
    return task->get_future().get();
  }

  // --- on the thread
  [[nodiscard]] faults::FaultScript& script() { return faults_.script(); }
  [[nodiscard]] bool can_strike(faults::Fault fault) const;
  [[nodiscard]] faults::FaultCounts counts() const { return counts_; }
  [[nodiscard]] int travelling() const { return travelling_; }
  void set_plan(faults::FaultPlan plan);
  void set_up(bool up);
  void set_server_down(bool down);

 private:
  struct Call {
    std::uint64_t number = 0;
    std::shared_ptr<HttpSession> session;
    http::Request request;
    faults::CallFate fate;
  };
  using SharedCall = std::shared_ptr<const Call>;
  // Names the call to which whatever strikes is noted.
  class Striking;

  void on_request(std::shared_ptr<HttpSession> session, http::Request request);
  void arrive(const SharedCall& call);
  void arrive_again(const SharedCall& call);
  void forward(const http::Request& request, std::function<void(http::Answer)> done);
  void on_decided(const SharedCall& call, http::Answer answer);
  void take_back(const SharedCall& call, http::Response response);
  void send_back(const SharedCall& call, http::Response response);
  void drop(const SharedCall& call);
  void upgrade(const SharedCall& call);
  void on_upgraded(const SharedCall& call, UpgradeAnswer answer);
  [[nodiscard]] ProxyTunnel::Passage draw_passage();
  void tell(const SharedCall& call, const http::Answer& answer);

  void note(faults::Fault fault);
  void after(Duration delay, std::function<void()> then);
  void apply_up();

  const glue::DeviceClock& clock_;
  const faults::ServerHooks hooks_;
  const FaultProxyObserver observer_;
  faults::FaultPlan plan_;
  faults::FaultCounts counts_;
  faults::NetworkFaults faults_;
  ProxySpells spells_;
  bool up_ = true;            // says the owner
  bool server_down_ = false;  // says the owner
  std::uint64_t last_call_ = 0;
  std::uint64_t last_forward_ = 0;
  int travelling_ = 0;
  const Call* striking_ = nullptr;

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  HttpListener listener_;
  std::map<std::uint64_t, std::shared_ptr<ProxyTunnel>> tunnels_;  // by their upgrade's call
  const transport::Origin upstream_origin_;
  const glue::DeviceClock wall_;  // the upstream's timeouts are real time
  transport::HttpTransport upstream_;
  std::thread thread_;
};

}  // namespace landfall::net
