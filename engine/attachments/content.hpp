#pragma once

#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/attachments/transfer.hpp"
#include "engine/profile/attachment_rules.hpp"
#include "engine/store/sealed_files.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/vfs_file.hpp"

// What moves content between plain files and sealed ones, a piece at a time: never more than one
// piece of a file is in memory, and a step takes a millisecond or two. Whoever drives them may do
// other things between two steps. One thread at a time.
namespace landfall::attachments {

// SHA-256 of what passes by.
class RunningHash final {
 public:
  RunningHash() { crypto_hash_sha256_init(&state_); }
  void add(std::span<const std::byte> bytes);
  [[nodiscard]] ContentHash finish();

 private:
  crypto_hash_sha256_state state_;
};

// What was taken in: its length and its hash are fixed from here on.
struct TakenIn {
  std::int64_t bytes = 0;
  ContentHash sha256{};
};

// Copies a file of the host into a sealed one. The host's file may vanish or change as soon as it
// is over: what was read is what is kept. The file is open for as long as this lives; what was not
// finished is removed with it.
class Intake final {
 public:
  struct Parts {
    const store::SealedFiles& files;
    store::Sealer& key;
    const profile::AttachmentRules& rules;
  };

  // attachment.source_missing: the path leads to nothing that can be read. The parts outlive it.
  [[nodiscard]] static Result<Intake> open(Parts parts, const std::string& path,
                                           const AttachmentId& id, std::string content_type);
  Intake(Intake&&) noexcept = default;
  Intake& operator=(Intake&&) = delete;
  ~Intake();

  // One piece more; true when that was the last, and all of it is on the medium. Errors (refused or
  // invalid): attachment.empty, attachment.too_large, attachment.type_mismatch; storage.full and
  // those of the disk.
  [[nodiscard]] Result<bool> more();
  [[nodiscard]] TakenIn finish();

 private:
  Intake(Parts parts, store::VfsFile source, store::SealedFile target, const AttachmentId& id,
         std::string content_type);
  [[nodiscard]] Status check(std::span<const std::byte> piece) const;

  Parts parts_;
  store::VfsFile source_;
  store::SealedFile target_;
  AttachmentId id_;
  std::string content_type_;
  RunningHash hash_;
  std::int64_t bytes_ = 0;
  struct Unfinished {
    bool is = true;
    Unfinished() = default;
    Unfinished(Unfinished&& other) noexcept : is(std::exchange(other.is, false)) {}
    Unfinished& operator=(Unfinished&&) = delete;
    ~Unfinished() = default;
  } unfinished_;
};

// Reads a sealed file from its first piece to its last.
class ContentReader final {
 public:
  // file.missing. `key` outlives it.
  [[nodiscard]] static Result<ContentReader> open(const store::SealedFiles& files,
                                                  const store::Sealer& key,
                                                  const Transfer& transfer);

  // The next piece; empty at the end. seal.broken.
  [[nodiscard]] Result<std::vector<std::byte>> next();
  // Of all that was read.
  [[nodiscard]] ContentHash finish() { return hash_.finish(); }

 private:
  ContentReader(store::SealedFile file, const store::Sealer& key, const Transfer& transfer);

  store::SealedFile file_;
  const store::Sealer* key_;
  std::int64_t bytes_;
  std::int64_t piece_bytes_;
  std::int64_t at_ = 0;
  RunningHash hash_;
};

// The bytes [from, to) of one piece of a sealed file.
[[nodiscard]] Result<std::string> read_range(const store::SealedFiles& files,
                                             const store::Sealer& key, const Transfer& transfer,
                                             std::int64_t from, std::int64_t to);

// Puts content into the sealed file from `from` on, which is where a piece begins, and makes it
// durable. From zero on nothing of what was there stays.
[[nodiscard]] Status write_from(const store::SealedFiles& files, store::Sealer& key,
                                const Transfer& transfer, std::int64_t from,
                                std::span<const std::byte> content);

}  // namespace landfall::attachments
