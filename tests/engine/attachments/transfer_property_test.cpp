// Against servers, networks and answers of every kind drawn from a seed: a transfer never loses or
// makes up a byte, sends none that the server has, and comes to an end (P-31, P-54, P-75).

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <optional>
#include <string>

#include "engine/attachments/download.hpp"
#include "engine/attachments/upload.hpp"
#include "engine/base/random.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/attachments/file_server.hpp"

namespace landfall::test {
namespace {

using attachments::Block;
using attachments::State;
using attachments::Step;
using attachments::StepContext;
using attachments::Transfer;

constexpr std::int64_t kPieceBytes = 64;
constexpr int kCallsMax = 2'000;
constexpr double kTrouble = 0.4;

const Profile& rules() {
  static const Profile profile = *Profile::load(*schema::profile("prokure"));
  return profile;
}

http::Answer lost(http::TransportFailure failure) { return {std::nullopt, failure}; }

http::Answer status(int code, http::Headers headers = {}, std::string body = "<html>") {
  return {http::Response{code, std::move(headers), std::move(body)}, std::nullopt};
}

enum class Mood { honest, lying };

// What stands between a phone and an honest server.
class BadWay {
 public:
  BadWay(FileServer& server, Random& random, Mood mood, std::size_t bytes)
      : server_(server), random_(random), mood_(mood), bytes_(static_cast<std::int64_t>(bytes)) {}

  http::Answer carry(const http::ApiCall& call) {
    if (random_.chance(kTrouble)) return trouble(call);
    if (mood_ == Mood::lying && random_.chance(0.2)) return lie(call);
    return server_.handle(call);
  }

 private:
  http::Answer trouble(const http::ApiCall& call) {
    switch (random_.below(9)) {
      case 0:
        return lost(http::TransportFailure::not_sent);
      case 1:
        return lost(http::TransportFailure::no_session);
      case 2:
        return lost(http::TransportFailure::silent);
      case 3:  // taken, and the answer lost
        (void)server_.handle(call);
        return lost(http::TransportFailure::silent);
      case 4:
        server_.handle_cut(call, random_.below(call.body.size() + 1));
        return lost(http::TransportFailure::silent);
      case 5:
        (void)server_.handle(call);
        return lost(http::TransportFailure::cut);
      case 6:
        return status(503, {{"Retry-After", "7"}});
      case 7:
        return status(401);
      default:
        return status(500);
    }
  }

  // Offsets that are not so, short of saying that all is there; uploads that are forgotten.
  http::Answer lie(const http::ApiCall& call) {
    if (random_.chance(0.2)) server_.uploads.clear();
    std::int64_t offset = random_.between(0, bytes_ + 20);
    if (offset == bytes_) --offset;
    if (call.endpoint == "attachment_offset")
      return status(200, {{"Upload-Offset", std::to_string(offset)}}, "");
    return status(200, {}, "{\"offset\":" + std::to_string(offset) + "}");
  }

  FileServer& server_;
  Random& random_;
  Mood mood_;
  std::int64_t bytes_;  // of the content
};

Transfer upload_of(const std::string& content) {
  Transfer transfer;
  transfer.id = AttachmentId{{1}};
  transfer.operation = OperationId{{2}};
  transfer.content_type = "image/jpeg";
  transfer.bytes = static_cast<std::int64_t>(content.size());
  transfer.piece_bytes = kPieceBytes;
  transfer.sha256 = hash_of(content);
  transfer.has_file = true;
  return transfer;
}

// What the user and the session would do; false when it is over.
bool goes_on(Transfer& transfer, Instant& now) {
  if (transfer.state == State::blocked) attachments::note_progress(transfer);
  if (transfer.state != State::waiting) return false;
  now = std::max(now, transfer.due_at) + Duration{1};
  return true;
}

struct Run {
  Transfer transfer;
  int calls = 0;
  bool resent = false;  // a send began where the server already had bytes
};

Run upload(const std::string& content, FileServer& server, BadWay& way, Instant now) {
  Run run{upload_of(content)};
  Transfer& transfer = run.transfer;
  while (run.calls < kCallsMax && goes_on(transfer, now)) {
    ++run.calls;
    attachments::on_upload_sent(transfer, now);
    http::ApiCall call = attachments::upload_call(transfer, *rules().attachments);
    if (transfer.step == Step::send) {
      const auto range = attachments::next_range(transfer);
      call.body = content.substr(static_cast<std::size_t>(range.from),
                                 static_cast<std::size_t>(range.to - range.from));
      const auto known = server.uploads.begin();
      run.resent =
          run.resent || (known != server.uploads.end() &&
                         known->second.content.size() != static_cast<std::size_t>(range.from));
    }
    attachments::on_upload_answer(transfer, way.carry(call), StepContext{rules(), now});
  }
  return run;
}

constexpr Instant kStart{1'800'000'000'000};

TEST_CASE(
    "an upload over a bad way ends with the server's copy equal or with a reason, and sends no "
    "byte that the server has (P-72)") {
  CHECK(rc::check([](std::uint64_t seed) {
    Random random(seed);
    const std::string content = photo_of(1 + random.below(1'000), seed);
    FileServer server;
    BadWay way(server, random, Mood::honest, content.size());
    const Run run = upload(content, server, way, kStart);
    RC_ASSERT(run.calls < kCallsMax);
    RC_ASSERT(!run.resent);
    if (run.transfer.state == State::done) {
      RC_ASSERT(server.only().content == content);
      RC_ASSERT(server.only().completed == 1);
    } else {
      RC_ASSERT(run.transfer.state == State::failed);
      RC_ASSERT(!run.transfer.cause.empty());
      RC_ASSERT(run.transfer.attempts == 4);
    }
  }));
}

TEST_CASE("a server that lies about offsets and forgets uploads is given up, or has all of it") {
  CHECK(rc::check([](std::uint64_t seed) {
    Random random(seed);
    const std::string content = photo_of(1 + random.below(600), seed);
    FileServer server;
    BadWay way(server, random, Mood::lying, content.size());
    const Run run = upload(content, server, way, kStart);
    RC_ASSERT(run.calls < kCallsMax);
    if (run.transfer.state == State::done) RC_ASSERT(server.only().content == content);
    if (run.transfer.state != State::done) RC_ASSERT(!run.transfer.cause.empty());
  }));
}

TEST_CASE("an upload that failed is done once its user retries it over a good way") {
  CHECK(rc::check([](std::uint64_t seed) {
    Random random(seed);
    const std::string content = photo_of(1 + random.below(600), seed);
    FileServer server;
    BadWay way(server, random, Mood::honest, content.size());
    Run run = upload(content, server, way, kStart);
    if (run.transfer.state == State::done) return;
    attachments::note_progress(run.transfer);
    Instant now = kStart + Duration{3'600'000};
    for (int calls = 0; calls < 100 && goes_on(run.transfer, now); ++calls) {
      http::ApiCall call = attachments::upload_call(run.transfer, *rules().attachments);
      if (run.transfer.step == Step::send) {
        const auto range = attachments::next_range(run.transfer);
        call.body = content.substr(static_cast<std::size_t>(range.from),
                                   static_cast<std::size_t>(range.to - range.from));
      }
      attachments::on_upload_answer(run.transfer, server.handle(call), StepContext{rules(), now});
    }
    RC_ASSERT(run.transfer.state == State::done);
    RC_ASSERT(server.only().content == content);
  }));
}

// --- down

http::Answer carry_down(FileServer& server, Random& random, const http::ApiCall& call,
                        std::uint64_t& version) {
  if (random.chance(0.05)) server.reports["r"] = photo_of(random.below(900) + 1, ++version);
  if (random.chance(0.05)) server.has_ranges = !server.has_ranges;
  if (!random.chance(0.25)) return server.handle(call);
  switch (random.below(6)) {
    case 0:
      return lost(http::TransportFailure::not_sent);
    case 1:
      return lost(http::TransportFailure::cut);
    case 2:
      return lost(http::TransportFailure::too_large);
    case 3:
      return status(500);
    case 4:
      return status(200, {{"Content-Type", "text/html"}});
    default: {  // a piece that is shorter than its head says
      auto answer = server.handle(call);
      if (answer.response && answer.response->status == 206) answer.response->body.pop_back();
      return answer;
    }
  }
}

TEST_CASE(
    "a download over a bad way, of a file that changes, is one version of it or nothing "
    "(P-54, P-75)") {
  CHECK(rc::check([](std::uint64_t seed) {
    Random random(seed);
    FileServer server;
    std::uint64_t version = seed;
    server.names_digest = random.chance(0.5);
    server.reports["r"] = photo_of(1 + random.below(900), version);
    Transfer transfer;
    transfer.direction = attachments::Direction::down;
    transfer.source = "report";
    transfer.source_id = "r";
    transfer.piece_bytes = kPieceBytes;
    transfer.step = Step::fetch;
    std::string file;
    Instant now = kStart;
    int calls = 0;
    while (calls < kCallsMax && goes_on(transfer, now)) {
      ++calls;
      const StepContext context{rules(), now};
      if (transfer.step == Step::check) {
        attachments::on_download_checked(transfer, hash_of(file), context);
        continue;
      }
      const auto call = attachments::download_call(transfer, *rules().attachments);
      const auto answer = carry_down(server, random, call, version);
      const auto fetched = attachments::fetched_in(transfer, answer);
      if (!fetched) {
        attachments::on_download_answer(transfer, answer, context);
        continue;
      }
      file.resize(static_cast<std::size_t>(fetched->from));
      file += answer.response->body;
      attachments::on_download_stored(transfer, *fetched);
    }
    RC_ASSERT(calls < kCallsMax);
    if (transfer.state == State::done) {
      bool is_a_version = false;
      for (std::uint64_t v = seed; v <= version && !is_a_version; ++v)
        is_a_version = photo_of(file.size(), v) == file;
      RC_ASSERT(is_a_version);
      RC_ASSERT(static_cast<std::int64_t>(file.size()) == transfer.bytes);
    } else {
      RC_ASSERT(transfer.state == State::failed);
      RC_ASSERT(!transfer.cause.empty());
    }
  }));
}

}  // namespace
}  // namespace landfall::test
