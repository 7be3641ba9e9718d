#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "actors/transport/codec.hpp"
#include "actors/transport/hpack_encoder.hpp"
#include "actors/transport/http2_response.hpp"
#include "actors/transport/request_head.hpp"

struct nghttp2_session;

namespace landfall::transport {

// HTTP/2 (RFC 9113) on one connection, by nghttp2, one request at a time: the codec of each of them
// in turn. What was said in headers is remembered from one to the next. Nothing is pushed, and the
// server may send a window ahead of what was read. What it says between two requests (settings,
// pings, a goodbye) is fed like the rest.
class Http2Session final : public Codec {
 public:
  Http2Session();
  ~Http2Session() override;
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Requires that the one before is over for both sides.
  void begin(std::shared_ptr<const WireRequest> request);
  // Neither side has said goodbye or broken the protocol, and there are numbers left.
  [[nodiscard]] bool may_carry_another() const;

  [[nodiscard]] std::string_view unwritten() override;
  void on_written(std::size_t bytes) override;
  [[nodiscard]] bool is_request_written() const override;
  void feed(std::string_view bytes) override;
  void end() override { response_.cut_off(); }
  [[nodiscard]] ResponseState state() const override { return response_.state(); }
  [[nodiscard]] bool has_begun() const override { return response_.has_begun(); }
  [[nodiscard]] http::TransportFailure failure() const override { return response_.failure(); }
  [[nodiscard]] bool is_unprocessed() const override { return is_unprocessed_; }
  [[nodiscard]] http::Response take() override;
  [[nodiscard]] bool is_reusable() const override;

 private:
  struct Callbacks;
  struct Free {
    void operator()(nghttp2_session* session) const;
  };

  void collect();
  void append(std::string_view frame);
  void append_headers(std::string_view frame);
  [[nodiscard]] int go_on() const;
  void fail(http::TransportFailure failure);
  [[nodiscard]] std::size_t copy_body(std::uint8_t* to, std::size_t bytes_max);

  std::unique_ptr<nghttp2_session, Free> session_;
  HpackEncoder encoder_;
  // Of the connection: what is being written and does not move, and what comes behind it.
  std::string writing_;
  std::size_t writing_done_ = 0;
  std::string collected_;
  std::uint64_t collected_total_ = 0;  // bytes since the connection began
  std::uint64_t written_total_ = 0;
  bool is_broken_ = false;
  // Of the request that is under way, or was the last.
  std::shared_ptr<const WireRequest> request_;
  std::int32_t stream_ = -1;
  std::size_t body_sent_ = 0;
  bool is_request_collected_ = false;
  std::uint64_t request_end_ = 0;  // in bytes since the connection began, once it is collected
  bool is_unprocessed_ = false;
  Http2Response response_{false, 0};
};

}  // namespace landfall::transport
