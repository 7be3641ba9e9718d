#include "tests/engine/attachments/file_server.hpp"

#include <sodium.h>
#include <algorithm>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/random.hpp"

namespace landfall::test {
namespace {

http::Answer reply(int status, std::string body = {}, http::Headers headers = {}) {
  return {http::Response{status, std::move(headers), std::move(body)}, std::nullopt};
}

http::Answer offset_reply(std::size_t offset) {
  return reply(200, nlohmann::json{{"offset", offset}}.dump());
}

std::string hex_of(std::string_view content) { return attachments::to_hex(hash_of(content)); }

}  // namespace

attachments::ContentHash hash_of(std::string_view content) {
  attachments::ContentHash hash{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(content.data()), content.size());
  return hash;
}

std::string photo_of(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string content = "\xFF\xD8\xFF";
  while (content.size() < bytes) content.push_back(static_cast<char>(random.below(256)));
  content.resize(bytes);
  return content;
}

http::Answer FileServer::handle(const http::ApiCall& call) {
  if (call.endpoint == "attachment_start") return start(call);
  if (call.endpoint == "report_download") return fetch(call);
  const auto found = uploads.find(call.variables.at("id"));
  if (call.endpoint == "attachment_offset") {
    ++offsets;
    if (found == uploads.end()) return reply(404);
    return reply(200, {}, {{"Upload-Offset", std::to_string(found->second.content.size())}});
  }
  if (found == uploads.end()) return reply(404);
  return send(call);
}

void FileServer::handle_cut(const http::ApiCall& call, std::size_t bytes) {
  if (call.endpoint != "attachment_send") return;
  http::ApiCall part = call;
  part.body.resize(std::min(bytes, part.body.size()));
  (void)handle(part);
}

http::Answer FileServer::start(const http::ApiCall& call) {
  const auto body = nlohmann::json::parse(call.body);
  Upload& upload = uploads[body.at("id")];
  upload.bytes = body.at("bytes");
  upload.sha256 = body.at("sha256");
  return offset_reply(upload.content.size());
}

http::Answer FileServer::send(const http::ApiCall& call) {
  ++sends;
  Upload& upload = uploads.at(call.variables.at("id"));
  received += static_cast<std::int64_t>(call.body.size());
  long long from = 0;
  const std::string range = http::header_text(call.headers, "Content-Range");
  if (std::sscanf(range.c_str(), "bytes %lld-", &from) != 1) return reply(400);
  if (from != static_cast<long long>(upload.content.size())) return reply(409);
  upload.content += call.body;
  const bool is_whole = static_cast<std::int64_t>(upload.content.size()) == upload.bytes;
  if (is_whole && (finds_mismatch || hex_of(upload.content) != upload.sha256)) {
    upload.content.clear();
    return reply(422, R"({"error":{"code":"HASH_MISMATCH"}})");
  }
  if (is_whole) ++upload.completed;
  return offset_reply(upload.content.size());
}

http::Answer FileServer::fetch(const http::ApiCall& call) const {
  const auto found = reports.find(call.variables.at("id"));
  if (found == reports.end()) return reply(404);
  const std::string& content = found->second;
  const std::string etag = "\"" + hex_of(content).substr(0, 16) + "\"";
  http::Headers headers{{"ETag", etag}, {"Content-Type", "application/pdf"}};
  if (names_digest) {
    const auto hash = hash_of(content);
    headers.emplace_back("Repr-Digest", "sha-256=:" + to_base64(hash) + ":");
  }
  const std::string condition = http::header_text(call.headers, "If-Range");
  unsigned long long from = 0;
  unsigned long long last = 0;
  const bool wants_part = std::sscanf(http::header_text(call.headers, "Range").c_str(),
                                      "bytes=%llu-%llu", &from, &last) == 2;
  if (!has_ranges || !wants_part || (!condition.empty() && condition != etag))
    return reply(200, content, headers);
  if (from >= content.size()) {
    headers.emplace_back("Content-Range", "bytes */" + std::to_string(content.size()));
    return reply(416, {}, headers);
  }
  last = std::min<unsigned long long>(last, content.size() - 1);
  headers.emplace_back("Content-Range", "bytes " + std::to_string(from) + "-" +
                                            std::to_string(last) + "/" +
                                            std::to_string(content.size()));
  return reply(206, content.substr(from, last - from + 1), headers);
}

}  // namespace landfall::test
