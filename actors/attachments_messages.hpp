#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/progress_messages.hpp"
#include "engine/attachments/attachments.hpp"

namespace landfall::actors {

// A file of the host that belongs to an operation. Answered when its content is sealed, on the
// medium and has a row; the host's file is not needed any more then.
struct AddAttachment {
  attachments::AddRequest request;
  std::string path;
};

struct StartDownload {
  attachments::DownloadRequest request;
};

struct ListAttachments {
  bool settled = false;  // those that are settled as well
  std::int64_t after_seq = 0;
  std::size_t limit = 0;
};

enum class TransferWord { retry, cancel, discard };

struct AttachmentCommand {
  TransferWord word = TransferWord::retry;
  AttachmentId id;
  bool accept_unknown = false;
};

// Its content in clear, at the path. Answered when all of it is there.
struct OpenAttachment {
  AttachmentId id;
  std::string path;
};

// The user clears the cache: files that are done go too.
struct ClearKeptFiles {};

// From sync_queue: some operation is over, or its retries are spent. Told behind its commit, while
// SharedFollowing says so.
struct OperationsMoved {};

// Looks for the next call; to itself.
struct PlanTransfers {};

// How far they are, as of everything that was sent to them before.
struct CheckTransfers {};

// One piece more of the file that is being copied or checked; to itself.
struct MovePiece {};

// The engine is being suspended: no further call is made. The scope ends behind it.
struct PauseTransfers {};

// Whether some upload that was not sent yet may wait for an operation. While it is false nobody
// tells that operations moved, so that an operation does not wake one more actor. The attachments
// alone write it: true before each step that may leave one, false when they looked and found none.
using SharedFollowing = std::shared_ptr<std::atomic<bool>>;

using AttachmentsActor = caf::typed_actor<
    caf::replies_to<AddAttachment>::with<Result<attachments::TransferView>>,
    caf::replies_to<StartDownload>::with<Result<attachments::TransferView>>,
    caf::replies_to<ListAttachments>::with<Result<std::vector<attachments::TransferView>>>,
    caf::replies_to<AttachmentCommand>::with<Status>,
    caf::replies_to<OpenAttachment>::with<Result<attachments::TransferView>>,
    caf::reacts_to<ClearKeptFiles>, caf::reacts_to<OperationsMoved>, caf::reacts_to<PlanTransfers>,
    caf::reacts_to<MovePiece>, caf::reacts_to<PauseTransfers>, caf::reacts_to<WatchProgress>,
    caf::replies_to<CheckTransfers>::with<TransferProgress>, caf::reacts_to<ConnectivityChanged>,
    caf::reacts_to<AuthChanged>, caf::reacts_to<UpdateOver>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AddAttachment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StartDownload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ListAttachments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AttachmentCommand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OpenAttachment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ClearKeptFiles)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OperationsMoved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PlanTransfers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CheckTransfers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::MovePiece)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PauseTransfers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::attachments::TransferView>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<std::vector<landfall::attachments::TransferView>>)
