#include "tests/http2_peer.hpp"

#include <algorithm>

#include <nghttp2/nghttp2.h>

#include "engine/base/assert.hpp"

namespace landfall::testing {
namespace {

std::string text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint8_t* bytes_of(const std::string& text) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

}  // namespace

struct Http2Peer::Callbacks {
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* user) {
    auto& request = static_cast<Http2Peer*>(user)->open_[frame->hd.stream_id];
    auto header = std::pair(text_of(name, name_size), text_of(value, value_size));
    if (header.first == ":method") request.method = header.second;
    if (header.first == ":path") request.target = header.second;
    request.headers.push_back(std::move(header));
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                     std::size_t size, void* user) {
    static_cast<Http2Peer*>(user)->open_[stream].body += text_of(bytes, size);
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Peer*>(user);
    const auto found = self.open_.find(frame->hd.stream_id);
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
                         (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA);
    if (!is_last || found == self.open_.end()) return 0;
    self.whole_.push_back(
        {found->first, std::move(found->second), std::exchange(self.bytes_, std::size_t{0})});
    self.open_.erase(found);
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* user) {
    static_cast<Http2Peer*>(user)->open_.erase(stream);
    static_cast<Http2Peer*>(user)->bodies_.erase(stream);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* to,
                           std::size_t bytes_max, std::uint32_t* flags, nghttp2_data_source*,
                           void* user) {
    auto& body = static_cast<Http2Peer*>(user)->bodies_[stream];
    const std::size_t bytes = std::min(bytes_max, body.bytes.size() - body.sent);
    std::copy_n(body.bytes.data() + body.sent, bytes, reinterpret_cast<char*>(to));
    body.sent += bytes;
    if (body.ends && body.sent == body.bytes.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (bytes == 0 && !body.ends) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(bytes);
  }
};

void Http2Peer::Free::operator()(nghttp2_session* session) const { nghttp2_session_del(session); }

Http2Peer::Http2Peer(const Settings& settings) {
  nghttp2_session_callbacks* callbacks = nullptr;
  LANDFALL_ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::on_close);
  nghttp2_session* session = nullptr;
  const int made = nghttp2_session_server_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  LANDFALL_ASSERT(made == 0);
  session_.reset(session);
  std::vector<nghttp2_settings_entry> entries;
  for (const auto& [id, value] : settings) entries.push_back({id, value});
  LANDFALL_ASSERT(
      nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries.data(), entries.size()) == 0);
}

Http2Peer::~Http2Peer() = default;

bool Http2Peer::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  const ssize_t used = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return used >= 0 && nghttp2_session_want_read(session_.get()) != 0;
}

std::string Http2Peer::output() {
  std::string output;
  while (true) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size <= 0) return output;
    output += text_of(bytes, static_cast<std::size_t>(size));
  }
}

std::optional<Http2Peer::Incoming> Http2Peer::next() {
  if (whole_.empty()) return std::nullopt;
  Incoming incoming = std::move(whole_.front());
  whole_.pop_front();
  return incoming;
}

std::int32_t Http2Peer::begun() const { return open_.empty() ? 0 : open_.begin()->first; }

void Http2Peer::inform(std::int32_t stream, int status) {
  const std::string name = ":status";
  const std::string value = std::to_string(status);
  const nghttp2_nv field{bytes_of(name), bytes_of(value), name.size(), value.size(),
                         NGHTTP2_NV_FLAG_NONE};
  LANDFALL_ASSERT(nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream, nullptr, &field,
                                         1, nullptr) == 0);
}

void Http2Peer::respond(std::int32_t stream, const http::Response& response) {
  submit(stream, response, true);
}

void Http2Peer::respond_in_part(std::int32_t stream, const http::Response& response) {
  submit(stream, response, false);
}

void Http2Peer::submit(std::int32_t stream, const http::Response& response, bool ends) {
  http::Headers headers{{":status", std::to_string(response.status)}};
  headers.insert(headers.end(), response.headers.begin(), response.headers.end());
  std::vector<nghttp2_nv> fields;
  for (const auto& [name, value] : headers)
    fields.push_back(
        {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  bodies_[stream] = {response.body, 0, ends};
  nghttp2_data_provider body{};
  body.read_callback = Callbacks::read_body;
  LANDFALL_ASSERT(
      nghttp2_submit_response(session_.get(), stream, fields.data(), fields.size(), &body) == 0);
}

void Http2Peer::reset(std::int32_t stream, std::uint32_t code) {
  LANDFALL_ASSERT(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream, code) == 0);
}

void Http2Peer::go_away(std::int32_t last_stream) {
  LANDFALL_ASSERT(nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last_stream,
                                        NGHTTP2_NO_ERROR, nullptr, 0) == 0);
}

void Http2Peer::ping() {
  LANDFALL_ASSERT(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr) == 0);
}

}  // namespace landfall::testing
