#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "actors/transport/codec.hpp"
#include "actors/transport/request_head.hpp"
#include "actors/transport/wire.hpp"

namespace landfall::transport {

// One request and its response on one open connection, in the version of HTTP that it speaks. It
// reads while it writes, because a server may refuse a large body before it has read it. I/O thread
// only.
class Exchange final : public std::enable_shared_from_this<Exchange> {
 public:
  struct Outcome {
    http::Answer answer;
    // For certain no byte of the request left, or the server said that it did nothing with it;
    // `answer` is then `not_sent`.
    bool is_unsent = false;
    std::shared_ptr<Connection> reusable;  // null when it is spent
  };
  using Done = std::function<void(Outcome)>;

  Exchange(Wire& wire, std::shared_ptr<Connection> connection,
           const std::shared_ptr<const WireRequest>& request, Done done);

  // `done` is called once, never from inside; not any more after `give_up`.
  void start();
  // What is known when the call's own time is over.
  [[nodiscard]] http::TransportFailure failure() const;
  void give_up();

 private:
  void write_more();
  void on_written(boost::system::error_code error, std::size_t bytes);
  void read_more();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void expect_progress();
  [[nodiscard]] bool is_unsent() const;
  void fail();
  void finish(Outcome outcome);

  Wire& wire_;
  std::shared_ptr<Connection> connection_;
  const std::shared_ptr<Codec> codec_;
  Done done_;
  Deadline deadline_;
  std::array<char, 16'384> buffer_;
  std::size_t written_ = 0;
  bool may_have_left_ = false;
  bool is_writing_ = false;
  bool is_write_broken_ = false;
};

}  // namespace landfall::transport
