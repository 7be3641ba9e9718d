#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <boost/beast/core/tcp_stream.hpp>

#include "engine/base/time.hpp"

namespace landfall::net {

// Bytes both ways between a phone and the server behind the proxy, once the server has taken an
// upgrade. Each way carries one piece at a time, so that nothing overtakes anything and whoever
// reads slowly is not flooded. When one end lets go, the other is closed too. I/O thread only; it
// lives as long as somebody waits for it.
class ProxyTunnel final : public std::enable_shared_from_this<ProxyTunnel> {
 public:
  // What becomes of the tunnel when a piece travels on it.
  enum class Passage {
    whole,
    silent,  // nothing arrives any more, either way, and nobody is told, not even of an end
    cut      // both ends are reset
  };
  // Asked for each piece; they outlive the tunnel.
  struct Network {
    std::function<void(Duration, std::function<void()>)> after;  // engine time
    std::function<Duration()> draw_latency;
    std::function<Passage()> draw_passage;
  };

  // `on_over` is called once, when nothing is carried any more; not when the tunnel is destroyed
  // first.
  ProxyTunnel(boost::beast::tcp_stream phone, boost::beast::tcp_stream server, Network network,
              std::function<void()> on_over);

  // `first` goes to the phone before anything else: the server's answer to the upgrade, and what
  // came behind it.
  void start(std::string first);
  // Both ends are reset at once.
  void reset();

 private:
  static constexpr std::size_t kPieceBytesMax = std::size_t{16} << 10U;

  struct Way {
    boost::beast::tcp_stream& from;
    boost::beast::tcp_stream& to;
    std::array<char, kPieceBytesMax> room{};
    std::string piece;
  };

  void read(Way& way);
  void carry(Way& way);
  void write(Way& way);
  void on_end();
  void close();
  void over();

  boost::beast::tcp_stream phone_;
  boost::beast::tcp_stream server_;
  const Network network_;
  std::function<void()> on_over_;
  Way down_{server_, phone_, {}, {}};
  Way up_{phone_, server_, {}, {}};
  bool is_silent_ = false;
  bool has_ended_ = false;  // one end, while nobody was told
  bool is_over_ = false;
};

}  // namespace landfall::net
