#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/attachments/transfer.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {

class Reader;
class Transaction;

struct OpenTransfers {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

// The transfers of a partition. What they contain is in files (SealedFiles).
struct AttachmentTable final {
  // Gives the transfer its seq. `id` must be new.
  [[nodiscard]] static Result<std::int64_t> insert(Transaction& tx,
                                                   const attachments::Transfer& transfer);
  // Everything but what was accepted (id, direction, source, created).
  [[nodiscard]] static Status save(Transaction& tx, const attachments::Transfer& transfer);
  [[nodiscard]] static Status touch(Transaction& tx, const AttachmentId& id, Instant now);

  [[nodiscard]] static Result<std::optional<attachments::Transfer>> find(const Reader& reader,
                                                                         const AttachmentId& id);
  // Not settled, in order of acceptance.
  [[nodiscard]] static Result<std::vector<attachments::Transfer>> open(const Reader& reader);
  [[nodiscard]] static Result<OpenTransfers> count_open(const Reader& reader);
  // Those whose content is here, whether they are settled or not; in order of their ids.
  [[nodiscard]] static Result<std::vector<attachments::Transfer>> with_file(const Reader& reader);
  // Older downloads of the same file that are done.
  [[nodiscard]] static Result<std::vector<attachments::Transfer>> same_source(
      const Reader& reader, const attachments::Transfer& transfer);
  // For the host: in order, behind `after_seq`; `settled` includes those that are settled.
  [[nodiscard]] static Result<std::vector<attachments::Transfer>> list(const Reader& reader,
                                                                       bool settled,
                                                                       std::int64_t after_seq,
                                                                       std::size_t limit);

  // Bytes of the settled ones that are kept.
  [[nodiscard]] static Result<std::int64_t> kept_bytes(const Reader& reader);
  // The least recently used of them that no unsettled operation refers to (INV-S2).
  [[nodiscard]] static Result<std::optional<attachments::Transfer>> least_used(
      const Reader& reader);
  // Settled ones without a file, but for the newest kAttachmentsRememberedMax.
  [[nodiscard]] static Status forget_old(Transaction& tx);

  // The operation that was accepted last in the place of this one, which has the same lane.
  [[nodiscard]] static Result<std::optional<OperationId>> heir_of(const Reader& reader,
                                                                  const sync::Operation& operation);
};

}  // namespace landfall::store
