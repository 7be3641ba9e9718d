#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "actors/answer.hpp"
#include "engine/attachments/attachments.hpp"
#include "engine/attachments/content.hpp"

namespace landfall::actors {

// Work on files that takes longer than a step: taking a photograph in, looking at a download once
// it is all here, putting content where the host wants it. It is done a piece at a time, one job
// after the other, so that an actor that has such a job still hears everybody. At most the files of
// one job are open, and they close with the job.
struct FileJob {
  enum class Kind { add, check, open };

  using Reply = Answer<attachments::TransferView>;

  Kind kind = Kind::add;
  attachments::AddRequest request;  // add
  std::string path;                 // add: of the host's file; open: where it shall be
  AttachmentId id;                  // check, open
  std::optional<Reply> reply;       // add, open

  // Once it has begun.
  std::optional<attachments::Transfer> transfer;
  std::optional<attachments::Intake> intake;
  std::optional<attachments::ContentReader> reader;
  std::optional<store::VfsFile> target;
  std::int64_t written = 0;
};

using FileJobs = std::deque<std::unique_ptr<FileJob>>;

}  // namespace landfall::actors
