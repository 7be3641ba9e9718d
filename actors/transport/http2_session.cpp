#include "actors/transport/http2_session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nghttp2/nghttp2.h>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {
namespace {

using http::TransportFailure;

// What goes to the socket at once.
constexpr std::size_t kWriteBytesMax = 64 * limits::kKiB;
constexpr std::size_t kFrameHeadBytes = 9;
constexpr std::size_t kFrameTypeAt = 3;
constexpr std::size_t kFrameFlagsAt = 4;
// No server may ask for smaller ones.
constexpr std::size_t kFrameBytesMax = 16 * limits::kKiB;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  // It is copied, and neither is written to.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string_view scheme_of(const WireRequest& request) { return request.is_tls ? "https" : "http"; }

std::string to_lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

http::Headers fields_of(const WireRequest& request) {
  http::Headers fields{{":method", request.method},
                       {":scheme", std::string(scheme_of(request))},
                       {":authority", request.authority},
                       {":path", request.target}};
  for (const auto& [name, value] : request.headers) fields.emplace_back(to_lower(name), value);
  return fields;
}

std::string frame_head(std::size_t bytes, std::uint8_t type, std::uint8_t flags,
                       std::string_view stream) {
  std::string head;
  for (const unsigned shift : {16U, 8U, 0U}) head += static_cast<char>((bytes >> shift) & 0xffU);
  head += static_cast<char>(type);
  head += static_cast<char>(flags);
  return head += stream;
}

}  // namespace

// What nghttp2 calls. Nothing that they do throws, but for memory that is gone.
struct Http2Session::Callbacks {
  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.stream_id == self.stream_) self.response_.begin();
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.stream_id != self.stream_) return 0;
    self.response_.on_header(text_of(name, name_size), text_of(value, value_size));
    return self.go_on();
  }

  // What is collected from here on comes behind the answer to the settings, and may heed them.
  static void on_settings(const nghttp2_settings& settings, HpackEncoder& encoder) noexcept {
    for (std::size_t i = 0; i < settings.niv; ++i) {
      if (settings.iv[i].settings_id == NGHTTP2_SETTINGS_HEADER_TABLE_SIZE)
        encoder.set_table_bytes_max(settings.iv[i].value);
    }
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.type == NGHTTP2_SETTINGS) on_settings(frame->settings, self.encoder_);
    if (frame->hd.stream_id != self.stream_) return 0;
    const bool is_head = frame->hd.type == NGHTTP2_HEADERS;
    if (!is_head && frame->hd.type != NGHTTP2_DATA) return 0;
    if (is_head) self.response_.on_head();
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) self.response_.on_end();
    return self.go_on();
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                     std::size_t size, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    if (stream != self.stream_) return 0;
    self.response_.on_data(text_of(bytes, size));
    return self.go_on();
  }

  // Also of a request that was never sent, and of one that a goodbye leaves out.
  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t code,
                      void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    if (stream != self.stream_) return 0;
    if (code == NGHTTP2_REFUSED_STREAM && !self.response_.has_begun()) self.is_unprocessed_ = true;
    self.response_.cut_off();
    return 0;
  }

  static int on_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.stream_id != self.stream_ || frame->hd.type != NGHTTP2_HEADERS) return 0;
    self.is_unprocessed_ = true;
    self.response_.cut_off();
    return 0;
  }

  // Called behind the frame's last byte.
  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool is_of_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (frame->hd.stream_id != self.stream_ || !is_last || !is_of_request) return 0;
    self.is_request_collected_ = true;
    self.request_end_ = self.collected_total_;
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t bytes_max,
                           std::uint32_t* flags, nghttp2_data_source*, void* user) noexcept {
    auto& self = *static_cast<Http2Session*>(user);
    const std::size_t bytes = self.copy_body(to, bytes_max);
    if (self.body_sent_ == self.request_->body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(bytes);
  }
};

Http2Session::Http2Session() {
  nghttp2_session_callbacks* callbacks = nullptr;
  LANDFALL_ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::on_close);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, Callbacks::on_not_sent);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Callbacks::on_sent);
  nghttp2_session* session = nullptr;
  const int made = nghttp2_session_client_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  LANDFALL_ASSERT(made == 0);
  session_.reset(session);
  const auto window = static_cast<std::uint32_t>(limits::kHttp2WindowBytes);
  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(limits::kResponseHeaderBytesMax)},
  }};
  (void)nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  (void)nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                              static_cast<std::int32_t>(window));
}

Http2Session::~Http2Session() = default;

void Http2Session::Free::operator()(nghttp2_session* session) const {
  nghttp2_session_del(session);
}

void Http2Session::begin(std::shared_ptr<const WireRequest> request) {
  request_ = std::move(request);
  body_sent_ = 0;
  is_request_collected_ = false;
  is_unprocessed_ = false;
  response_ = Http2Response(request_->method == "HEAD", request_->response_bytes_max);
  // nghttp2 keeps the books of the stream by these; the block that goes out is the encoder's.
  const std::array<nghttp2_nv, 4> fields{
      field(":method", request_->method), field(":scheme", scheme_of(*request_)),
      field(":authority", request_->authority), field(":path", request_->target)};
  nghttp2_data_provider body{};
  body.read_callback = Callbacks::read_body;
  stream_ = nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                                   request_->body.empty() ? nullptr : &body, nullptr);
  if (stream_ >= 0) return;
  is_unprocessed_ = true;
  fail(TransportFailure::silent);
}

bool Http2Session::may_carry_another() const {
  return !is_broken_ && nghttp2_session_check_request_allowed(session_.get()) != 0;
}

// --- towards the server -------------------------------------------------------------------------

std::string_view Http2Session::unwritten() {
  if (writing_done_ == writing_.size()) {
    collect();
    writing_.clear();
    writing_done_ = 0;
    writing_.swap(collected_);
  }
  return std::string_view(writing_).substr(writing_done_);
}

void Http2Session::on_written(std::size_t bytes) {
  writing_done_ += bytes;
  written_total_ += bytes;
}

bool Http2Session::is_request_written() const {
  return is_request_collected_ && written_total_ >= request_end_;
}

// nghttp2 hands out a frame at a time.
void Http2Session::collect() {
  while (!is_broken_ && collected_.size() < kWriteBytesMax) {
    const std::uint8_t* frame = nullptr;
    const ssize_t bytes = nghttp2_session_mem_send(session_.get(), &frame);
    if (bytes < 0) return fail(TransportFailure::cut);
    if (bytes == 0) break;
    append(text_of(frame, static_cast<std::size_t>(bytes)));
  }
}

void Http2Session::append(std::string_view frame) {
  const std::size_t before = collected_.size();
  const bool is_head =
      frame.size() >= kFrameHeadBytes && frame[kFrameTypeAt] == static_cast<char>(NGHTTP2_HEADERS);
  if (is_head) {
    append_headers(frame);
  } else {
    collected_ += frame;
  }
  collected_total_ += collected_.size() - before;
}

// The same frame with the encoder's block, which goes on in others when it does not fit one.
void Http2Session::append_headers(std::string_view frame) {
  const std::string_view stream = frame.substr(kFrameFlagsAt + 1, sizeof stream_);
  const std::string block = encoder_.encode(fields_of(*request_));
  const auto flags = static_cast<std::uint8_t>(frame[kFrameFlagsAt] & NGHTTP2_FLAG_END_STREAM);
  for (std::size_t at = 0; at == 0 || at < block.size(); at += kFrameBytesMax) {
    const std::string_view part = std::string_view(block).substr(at, kFrameBytesMax);
    const bool is_last = at + part.size() == block.size();
    collected_ += frame_head(
        part.size(), at == 0 ? NGHTTP2_HEADERS : NGHTTP2_CONTINUATION,
        static_cast<std::uint8_t>((at == 0 ? flags : 0) | (is_last ? NGHTTP2_FLAG_END_HEADERS : 0)),
        stream);
    collected_ += part;
  }
}

std::size_t Http2Session::copy_body(std::uint8_t* to, std::size_t bytes_max) {
  const std::size_t bytes = std::min(bytes_max, request_->body.size() - body_sent_);
  std::copy_n(request_->body.data() + body_sent_, bytes, reinterpret_cast<char*>(to));
  body_sent_ += bytes;
  return bytes;
}

// --- from the server ----------------------------------------------------------------------------

void Http2Session::feed(std::string_view bytes) {
  if (is_broken_ || bytes.empty()) return;
  const ssize_t used = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0) return fail(TransportFailure::cut);
  // A stream that the server broke ends when nghttp2 says so to the server.
  collect();
  const bool is_over = nghttp2_session_want_read(session_.get()) == 0 &&
                       nghttp2_session_want_write(session_.get()) == 0;
  if (is_over) fail(TransportFailure::cut);
}

// A failed response needs no more of the connection.
int Http2Session::go_on() const {
  return state() == ResponseState::failed ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

// Nothing more can be said or heard on this connection; what failed before stays what it was.
void Http2Session::fail(TransportFailure failure) {
  is_broken_ = true;
  response_.fail(failure);
}

http::Response Http2Session::take() {
  request_.reset();
  return response_.take();
}

bool Http2Session::is_reusable() const {
  return state() == ResponseState::complete && is_request_written() && may_carry_another();
}

}  // namespace landfall::transport
