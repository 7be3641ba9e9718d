#include "engine/store/sealed_files.hpp"

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kPlace = "attachments.piece";

void append(std::vector<std::byte>& to, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

}  // namespace

SealedFile::SealedFile(VfsFile file, const AttachmentId& id, std::size_t piece_bytes)
    : file_(std::move(file)), id_(id), piece_bytes_(piece_bytes) {
  LANDFALL_ASSERT(piece_bytes > 0);
}

std::int64_t SealedFile::place_of(std::int64_t piece) const {
  return piece * static_cast<std::int64_t>(piece_bytes_ + kSealOverheadBytes);
}

std::vector<std::byte> SealedFile::name_of(std::int64_t piece) const {
  const auto id = std::as_bytes(std::span(id_.bytes));
  std::vector<std::byte> name(id.begin(), id.end());
  append(name, static_cast<std::uint64_t>(piece));
  append(name, piece_bytes_);
  return name;
}

Status SealedFile::write(Sealer& key, std::int64_t piece, std::span<const std::byte> content) {
  LANDFALL_ASSERT(!content.empty() && content.size() <= piece_bytes_);
  return file_.write_at(place_of(piece), key.seal(kPlace, name_of(piece), content));
}

Result<std::vector<std::byte>> SealedFile::read(const Sealer& key, std::int64_t piece,
                                                std::size_t bytes) {
  LANDFALL_ASSERT(bytes > 0 && bytes <= piece_bytes_);
  std::vector<std::byte> sealed(bytes + kSealOverheadBytes);
  LANDFALL_TRY_ASSIGN(const std::size_t there, file_.read_at(place_of(piece), sealed));
  sealed.resize(there);
  return key.open(kPlace, name_of(piece), sealed);
}

SealedFiles::SealedFiles(std::string directory, const PartitionId& partition, std::string vfs,
                         Files& disk)
    : directory_(std::move(directory)),
      prefix_(to_text(partition) + "-"),
      vfs_(std::move(vfs)),
      disk_(disk) {}

std::string SealedFiles::path_of(const AttachmentId& id) const {
  return directory_ + std::string(kAttachmentsFolder) + "/" + prefix_ + to_text(id);
}

Result<SealedFile> SealedFiles::open(const AttachmentId& id, std::size_t piece_bytes) const {
  LANDFALL_TRY_ASSIGN(auto file, VfsFile::open(vfs_, path_of(id), VfsFile::Mode::read));
  return SealedFile(std::move(file), id, piece_bytes);
}

Result<SealedFile> SealedFiles::open_to_write(const AttachmentId& id,
                                              std::size_t piece_bytes) const {
  LANDFALL_TRY_ASSIGN(auto file, VfsFile::open(vfs_, path_of(id), VfsFile::Mode::write));
  return SealedFile(std::move(file), id, piece_bytes);
}

Status SealedFiles::remove(const AttachmentId& id) const { return remove_file(vfs_, path_of(id)); }

std::vector<AttachmentId> SealedFiles::list() const {
  std::vector<AttachmentId> ids;
  for (const std::string& name : disk_.list(directory_ + std::string(kAttachmentsFolder))) {
    if (!name.starts_with(prefix_)) continue;
    const auto id = parse_id<AttachmentId>(std::string_view(name).substr(prefix_.size()));
    if (id) ids.push_back(*id);
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace landfall::store
