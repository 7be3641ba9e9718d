#include "engine/attachments/content.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/attachments/content_type.hpp"
#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::attachments {

// --- RunningHash

void RunningHash::add(std::span<const std::byte> bytes) {
  crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}

ContentHash RunningHash::finish() {
  ContentHash hash{};
  crypto_hash_sha256_final(&state_, reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

// --- Intake

Result<Intake> Intake::open(Parts parts, const std::string& path, const AttachmentId& id,
                            std::string content_type) {
  auto source = store::VfsFile::open(parts.files.vfs(), path, store::VfsFile::Mode::read);
  if (!source && source.error().code == "file.missing") {
    return failure(ErrorClass::invalid, "attachment.source_missing",
                   "there is no file at the path, or it cannot be read");
  }
  if (!source) return failure(source.error());
  LANDFALL_TRY_ASSIGN(auto target, parts.files.open_to_write(id, parts.rules.piece_bytes));
  LANDFALL_TRY(target.clear());
  return Intake(parts, std::move(*source), std::move(target), id, std::move(content_type));
}

Intake::Intake(Parts parts, store::VfsFile source, store::SealedFile target, const AttachmentId& id,
               std::string content_type)
    : parts_(parts),
      source_(std::move(source)),
      target_(std::move(target)),
      id_(id),
      content_type_(std::move(content_type)) {}

Intake::~Intake() {
  if (unfinished_.is) (void)parts_.files.remove(id_);
}

Status Intake::check(std::span<const std::byte> piece) const {
  if (bytes_ == 0 && piece.empty())
    return failure(ErrorClass::invalid, "attachment.empty", "the file has no bytes");
  if (bytes_ + static_cast<std::int64_t>(piece.size()) >
      static_cast<std::int64_t>(parts_.rules.bytes_max)) {
    return failure(ErrorClass::invalid, "attachment.too_large",
                   "the file has more than " + std::to_string(parts_.rules.bytes_max) + " bytes");
  }
  const bool fits =
      bytes_ > 0 ||
      begins_like(content_type_, piece.first(std::min(piece.size(), limits::kMagicBytes)));
  if (fits) return {};
  return failure(ErrorClass::invalid, "attachment.type_mismatch",
                 "the file does not begin like " + content_type_);
}

Result<bool> Intake::more() {
  std::vector<std::byte> piece(parts_.rules.piece_bytes);
  LANDFALL_TRY_ASSIGN(const std::size_t there, source_.read_at(bytes_, piece));
  piece.resize(there);
  LANDFALL_TRY(check(piece));
  if (!piece.empty()) {
    const auto piece_bytes = static_cast<std::int64_t>(parts_.rules.piece_bytes);
    LANDFALL_TRY(target_.write(parts_.key, bytes_ / piece_bytes, piece));
    hash_.add(piece);
    bytes_ += static_cast<std::int64_t>(there);
  }
  if (there == parts_.rules.piece_bytes) return false;
  LANDFALL_TRY(target_.sync());
  return true;
}

TakenIn Intake::finish() {
  unfinished_.is = false;
  return {bytes_, hash_.finish()};
}

// --- ContentReader

Result<ContentReader> ContentReader::open(const store::SealedFiles& files, const store::Sealer& key,
                                          const Transfer& transfer) {
  LANDFALL_TRY_ASSIGN(auto file,
                      files.open(transfer.id, static_cast<std::size_t>(transfer.piece_bytes)));
  return ContentReader(std::move(file), key, transfer);
}

ContentReader::ContentReader(store::SealedFile file, const store::Sealer& key,
                             const Transfer& transfer)
    : file_(std::move(file)),
      key_(&key),
      bytes_(transfer.bytes),
      piece_bytes_(transfer.piece_bytes) {}

Result<std::vector<std::byte>> ContentReader::next() {
  if (at_ >= bytes_) return std::vector<std::byte>{};
  const std::int64_t length = std::min(piece_bytes_, bytes_ - at_);
  LANDFALL_TRY_ASSIGN(auto piece,
                      file_.read(*key_, at_ / piece_bytes_, static_cast<std::size_t>(length)));
  hash_.add(piece);
  at_ += length;
  return piece;
}

// --- parts of a file

Result<std::string> read_range(const store::SealedFiles& files, const store::Sealer& key,
                               const Transfer& transfer, std::int64_t from, std::int64_t to) {
  const std::int64_t piece = from / transfer.piece_bytes;
  const std::int64_t begins_at = piece * transfer.piece_bytes;
  const std::int64_t length = std::min(transfer.piece_bytes, transfer.bytes - begins_at);
  LANDFALL_ASSERT(from < to && to <= begins_at + length);
  LANDFALL_TRY_ASSIGN(auto file,
                      files.open(transfer.id, static_cast<std::size_t>(transfer.piece_bytes)));
  LANDFALL_TRY_ASSIGN(const auto content, file.read(key, piece, static_cast<std::size_t>(length)));
  const auto* const text = reinterpret_cast<const char*>(content.data());
  return std::string(text + (from - begins_at), text + (to - begins_at));
}

Status write_from(const store::SealedFiles& files, store::Sealer& key, const Transfer& transfer,
                  std::int64_t from, std::span<const std::byte> content) {
  LANDFALL_ASSERT(from % transfer.piece_bytes == 0);
  const auto piece_bytes = static_cast<std::size_t>(transfer.piece_bytes);
  LANDFALL_TRY_ASSIGN(auto file, files.open_to_write(transfer.id, piece_bytes));
  if (from == 0) LANDFALL_TRY(file.clear());
  std::int64_t piece = from / transfer.piece_bytes;
  while (!content.empty()) {
    const auto part = content.first(std::min(piece_bytes, content.size()));
    LANDFALL_TRY(file.write(key, piece, part));
    content = content.subspan(part.size());
    ++piece;
  }
  return file.sync();
}

}  // namespace landfall::attachments
