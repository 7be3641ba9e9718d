#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/store/files.hpp"
#include "engine/store/vfs_file.hpp"

namespace landfall::store {

class Sealer;

// One sealed file while it is open. It holds pieces of equal length, the last one shorter, each
// sealed by itself (XChaCha20-Poly1305, see Sealer) and bound to the file's id, to its place in the
// file and to the whole file's layout: a piece that was moved, or that is another file's, does not
// open (INV-X3). Piece n begins at n * (piece_bytes + kSealOverheadBytes); nothing else is in the
// file, and its length is the row's business.
class SealedFile final {
 public:
  SealedFile(VfsFile file, const AttachmentId& id, std::size_t piece_bytes);

  // Seals and writes one piece in its place.
  [[nodiscard]] Status write(Sealer& key, std::int64_t piece, std::span<const std::byte> content);
  // The piece that holds the bytes from piece * piece_bytes on; `bytes` is its length. seal.broken
  // (corrupt) when it is not what was written there.
  [[nodiscard]] Result<std::vector<std::byte>> read(const Sealer& key, std::int64_t piece,
                                                    std::size_t bytes);
  // Drops every piece.
  [[nodiscard]] Status clear() { return file_.truncate(0); }
  [[nodiscard]] Status sync() { return file_.sync(); }

 private:
  [[nodiscard]] std::int64_t place_of(std::int64_t piece) const;
  [[nodiscard]] std::vector<std::byte> name_of(std::int64_t piece) const;

  VfsFile file_;
  AttachmentId id_;
  std::size_t piece_bytes_;
};

// The sealed files of one partition: <directory>/attachments/<partition>-<id>. Nothing is kept open
// here.
class SealedFiles final {
 public:
  SealedFiles(std::string directory, const PartitionId& partition, std::string vfs, Files& disk);

  // file.missing when there is none.
  [[nodiscard]] Result<SealedFile> open(const AttachmentId& id, std::size_t piece_bytes) const;
  // Made where it is missing.
  [[nodiscard]] Result<SealedFile> open_to_write(const AttachmentId& id,
                                                 std::size_t piece_bytes) const;
  // From the medium too; nothing to do when there is none.
  [[nodiscard]] Status remove(const AttachmentId& id) const;
  // Those of this partition that are there, in order.
  [[nodiscard]] std::vector<AttachmentId> list() const;

  [[nodiscard]] const std::string& vfs() const { return vfs_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  [[nodiscard]] std::string path_of(const AttachmentId& id) const;

  std::string directory_;  // the engine's
  std::string prefix_;     // of this partition's names
  std::string vfs_;
  Files& disk_;  // outlives it
};

// The name of the folder below the engine's directory.
inline constexpr std::string_view kAttachmentsFolder = "/attachments";

}  // namespace landfall::store
