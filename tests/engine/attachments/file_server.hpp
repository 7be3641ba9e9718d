#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/attachments/transfer.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall::test {

[[nodiscard]] attachments::ContentHash hash_of(std::string_view content);
// Bytes that begin like a photograph and of which no two stretches are alike.
[[nodiscard]] std::string photo_of(std::size_t bytes, std::uint64_t seed = 1);

// The other side of wire.md's "Files", as a function of calls. It never lies; whoever tests lies in
// its place.
class FileServer {
 public:
  struct Upload {
    std::int64_t bytes = 0;
    std::string sha256;
    std::string content;
    int completed = 0;
  };

  [[nodiscard]] http::Answer handle(const http::ApiCall& call);
  // Only the first `bytes` of a piece arrive; the rest and the answer do not. Other calls are lost.
  void handle_cut(const http::ApiCall& call, std::size_t bytes);

  [[nodiscard]] const Upload& only() const { return uploads.begin()->second; }

  std::map<std::string, Upload> uploads;
  std::map<std::string, std::string> reports;
  bool has_ranges = true;
  bool names_digest = true;
  bool finds_mismatch = false;  // whatever it gets is not what was announced
  int sends = 0;                // PATCH calls seen
  int offsets = 0;              // HEAD calls seen
  std::int64_t received = 0;    // bytes of content, accepted or not

 private:
  [[nodiscard]] http::Answer start(const http::ApiCall& call);
  [[nodiscard]] http::Answer send(const http::ApiCall& call);
  [[nodiscard]] http::Answer fetch(const http::ApiCall& call) const;
};

}  // namespace landfall::test
