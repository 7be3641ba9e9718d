#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "actors/transport/codec.hpp"
#include "actors/transport/request_head.hpp"
#include "actors/transport/response_reader.hpp"

namespace landfall::transport {

// HTTP/1.1: the request is one text, the response what ResponseReader makes of the bytes.
class Http1Codec final : public Codec {
 public:
  explicit Http1Codec(const WireRequest& request)
      : text_(http1_text(request)), reader_(request.method == "HEAD", request.response_bytes_max) {}

  [[nodiscard]] std::string_view unwritten() override {
    return std::string_view(text_).substr(written_);
  }
  void on_written(std::size_t bytes) override { written_ += bytes; }
  [[nodiscard]] bool is_request_written() const override { return written_ == text_.size(); }

  void feed(std::string_view bytes) override { reader_.feed(bytes); }
  void end() override { reader_.end(); }

  [[nodiscard]] ResponseState state() const override { return reader_.state(); }
  [[nodiscard]] bool has_begun() const override { return reader_.has_begun(); }
  [[nodiscard]] http::TransportFailure failure() const override { return reader_.failure(); }
  [[nodiscard]] bool is_unprocessed() const override { return false; }
  [[nodiscard]] http::Response take() override { return reader_.take(); }
  [[nodiscard]] bool is_reusable() const override {
    return is_request_written() && reader_.is_reusable();
  }

 private:
  const std::string text_;
  std::size_t written_ = 0;
  ResponseReader reader_;
};

}  // namespace landfall::transport
