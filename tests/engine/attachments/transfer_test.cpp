#include <catch2/catch.hpp>

#include <string>

#include "engine/attachments/download.hpp"
#include "engine/attachments/upload.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/attachments/file_server.hpp"

namespace landfall::test {
namespace {

using namespace attachments;

constexpr Instant kNow{1'800'000'000'000};
constexpr std::int64_t kPieceBytes = 100;

const Profile& rules() {
  static const Profile profile = *Profile::load(*schema::profile("prokure"));
  return profile;
}

StepContext at(Instant now) { return {rules(), now}; }

http::Answer answer(int status, std::string body = {}, http::Headers headers = {}) {
  return {http::Response{status, std::move(headers), std::move(body)}, std::nullopt};
}

http::Answer lost(http::TransportFailure failure) { return {std::nullopt, failure}; }

http::Answer offset(std::int64_t bytes) {
  return answer(200, "{\"offset\":" + std::to_string(bytes) + "}");
}

// Announced, with 250 bytes in pieces of 100.
Transfer sending(std::int64_t confirmed = 0) {
  Transfer transfer;
  transfer.id = AttachmentId{{7}};
  transfer.operation = OperationId{{8}};
  transfer.content_type = "image/jpeg";
  transfer.bytes = 250;
  transfer.piece_bytes = kPieceBytes;
  transfer.sha256 = ContentHash{};
  transfer.step = Step::send;
  transfer.confirmed = confirmed;
  transfer.first_sent_at = kNow;
  return transfer;
}

std::int64_t wait_of(const Transfer& transfer) { return (transfer.due_at - kNow).count(); }

}  // namespace

TEST_CASE("an upload is announced with its operation, its length and its hash (wire.md, Files)") {
  Transfer transfer = sending();
  transfer.step = Step::start;
  const auto call = upload_call(transfer, *rules().attachments);
  CHECK(call.endpoint == "attachment_start");
  CHECK(call.body ==
        R"({"bytes":250,"content_type":"image/jpeg","id":"07000000-0000-0000-0000-000000000000",)"
        R"("operation_id":"08000000-0000-0000-0000-000000000000","sha256":")" +
            std::string(64, '0') + "\"}");
}

TEST_CASE("a piece says which bytes it is, up to the end of a sealed piece") {
  const Transfer transfer = sending(130);
  CHECK(next_range(transfer) == Range{130, 200});
  const auto call = upload_call(transfer, *rules().attachments);
  CHECK(http::header_text(call.headers, "Content-Range") == "bytes 130-199/250");
  CHECK(call.variables.at("id") == "07000000-0000-0000-0000-000000000000");
  CHECK(next_range(sending(200)) == Range{200, 250});
}

TEST_CASE("an answer that was lost is asked for before anything is sent again") {
  for (const auto failure : {http::TransportFailure::silent, http::TransportFailure::cut,
                             http::TransportFailure::too_large}) {
    Transfer transfer = sending(100);
    on_upload_answer(transfer, lost(failure), at(kNow));
    CHECK(transfer.step == Step::offset);
    CHECK(transfer.attempts == 1);
    CHECK(wait_of(transfer) == 5'000);
    CHECK(upload_call(transfer, *rules().attachments).endpoint == "attachment_offset");
  }
}

TEST_CASE("what never left the device costs no attempt and is sent as it is") {
  Transfer transfer = sending(100);
  on_upload_answer(transfer, lost(http::TransportFailure::not_sent), at(kNow));
  CHECK(transfer.step == Step::send);
  CHECK(transfer.attempts == 0);
  CHECK(transfer.state == State::waiting);
  CHECK(wait_of(transfer) == 5'000);
}

TEST_CASE(
    "the ladder is 5, 30 and 120 seconds, then the upload has failed; bytes begin it anew "
    "(P-31)") {
  Transfer transfer = sending();
  for (const std::int64_t delay : {5'000, 30'000, 120'000}) {
    on_upload_answer(transfer, answer(500), at(kNow));
    CHECK(transfer.state == State::waiting);
    CHECK(wait_of(transfer) == delay);
  }
  SECTION("a fourth failure") {
    on_upload_answer(transfer, answer(500), at(kNow));
    CHECK(transfer.state == State::failed);
    CHECK(transfer.cause == "answer.server_error");
  }
  SECTION("the server has some of it after all") {
    on_upload_answer(transfer, answer(200, "", {{"Upload-Offset", "60"}}), at(kNow));
    CHECK(transfer.attempts == 0);
    CHECK(transfer.confirmed == 60);
    CHECK(next_range(transfer) == Range{60, 100});
  }
}

TEST_CASE(
    "an offset ahead of what is believed is not sent again, one behind is a failure that bytes "
    "do not take back") {
  Transfer transfer = sending(100);
  transfer.step = Step::offset;
  on_upload_answer(transfer, answer(200, "", {{"Upload-Offset", "180"}}), at(kNow));
  CHECK(transfer.confirmed == 180);
  CHECK(transfer.attempts == 0);
  for (int time = 1; time <= 3; ++time) {
    on_upload_answer(transfer, offset(0), at(kNow));
    CHECK(transfer.state == State::waiting);
    CHECK(transfer.restarts == time);
    CHECK(transfer.cause == "attachment.offset_behind");
    on_upload_answer(transfer, offset(100), at(kNow));
    CHECK(transfer.attempts == 0);
  }
  on_upload_answer(transfer, offset(0), at(kNow));
  CHECK(transfer.state == State::failed);
}

TEST_CASE("an offset beyond the end is nonsense") {
  Transfer transfer = sending(100);
  on_upload_answer(transfer, offset(251), at(kNow));
  CHECK(transfer.state == State::waiting);
  CHECK(transfer.cause == "attachment.offset_invalid");
  CHECK(transfer.confirmed == 100);
  CHECK(transfer.step == Step::offset);
}

TEST_CASE("it is done when the server has all of it, however that is heard") {
  Transfer by_piece = sending(200);
  on_upload_answer(by_piece, offset(250), at(kNow));
  CHECK(by_piece.state == State::done);
  Transfer by_question = sending(200);
  by_question.step = Step::offset;
  on_upload_answer(by_question, answer(200, "", {{"Upload-Offset", "250"}}), at(kNow));
  CHECK(by_question.state == State::done);
  CHECK(by_question.settled_at == kNow);
}

TEST_CASE(
    "a server that does not know it any more is told of it again; a hash that differs likewise, "
    "and not for ever") {
  for (const int status : {404, 410, 422}) {
    CAPTURE(status);
    Transfer transfer = sending(100);
    for (int time = 1; time <= 3; ++time) {
      transfer.step = Step::send;
      on_upload_answer(transfer, answer(status), at(kNow));
      CHECK(transfer.step == Step::start);
      CHECK(transfer.confirmed == 0);
      CHECK(transfer.state == State::waiting);
      on_upload_answer(transfer, offset(0), at(kNow));
      CHECK(transfer.attempts == 0);
    }
    on_upload_answer(transfer, answer(status), at(kNow));
    CHECK(transfer.state == State::failed);
    if (status == 422) CHECK(transfer.cause == "attachment.hash_mismatch");
  }
}

TEST_CASE("what an answer means to an upload is what the table says (wire.md)") {
  struct Row {
    http::Answer answer;
    State state;
    Block block;
    int attempts;
    std::int64_t wait_ms;
  };
  const Row rows[] = {
      {answer(401), State::blocked, Block::auth, 0, -1},
      {answer(403), State::rejected, Block::none, 0, -1},
      {answer(413), State::rejected, Block::none, 0, -1},
      {answer(426), State::blocked, Block::upgrade, 0, -1},
      {answer(429), State::waiting, Block::none, 0, 30'000},
      {answer(429, "", {{"Retry-After", "9"}}), State::waiting, Block::none, 0, 9'000},
      {answer(503, "", {{"Retry-After", "9"}}), State::waiting, Block::none, 0, 9'000},
      {answer(408), State::waiting, Block::none, 1, 5'000},
      {answer(302), State::waiting, Block::none, 1, 5'000},
      {answer(200, "<html>"), State::waiting, Block::none, 1, 5'000},
      {answer(409), State::waiting, Block::none, 1, 5'000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.answer.response->status);
    Transfer transfer = sending(100);
    on_upload_answer(transfer, row.answer, at(kNow));
    CHECK(transfer.state == row.state);
    CHECK(transfer.block == row.block);
    CHECK(transfer.attempts == row.attempts);
    if (row.wait_ms >= 0) CHECK(wait_of(transfer) == row.wait_ms);
    CHECK(!transfer.cause.empty());
  }
}

TEST_CASE("a server that asks to wait for a day is not believed any longer") {
  Transfer transfer = sending(100);
  Instant now = kNow;
  for (int hour = 0; hour < 24; ++hour) {
    on_upload_answer(transfer, answer(429, "", {{"Retry-After", "3600"}}), at(now));
    REQUIRE(transfer.state == State::waiting);
    now = transfer.due_at;
  }
  on_upload_answer(transfer, answer(429, "", {{"Retry-After", "3600"}}), at(now));
  CHECK(transfer.state == State::blocked);
  CHECK(transfer.block == Block::server);
}

TEST_CASE("only one that may be whole at the server may have happened") {
  Transfer transfer = sending(200);
  CHECK_FALSE(may_be_complete(transfer));
  on_upload_sent(transfer, kNow);
  CHECK(transfer.sent_to == 250);
  CHECK(may_be_complete(transfer));
}

// --- down

namespace {

Transfer fetching(std::int64_t confirmed = 0, std::int64_t bytes = 0) {
  Transfer transfer;
  transfer.direction = Direction::down;
  transfer.source = "report";
  transfer.source_id = "R 1";
  transfer.piece_bytes = kPieceBytes;
  transfer.step = Step::fetch;
  transfer.confirmed = confirmed;
  transfer.bytes = bytes;
  if (confirmed > 0) transfer.etag = "\"v1\"";
  return transfer;
}

http::Answer part(std::int64_t first, std::int64_t last, std::int64_t total,
                  const std::string& etag = "\"v1\"") {
  return answer(206, std::string(static_cast<std::size_t>(last - first + 1), 'x'),
                {{"ETag", etag},
                 {"Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) +
                                       "/" + std::to_string(total)}});
}

}  // namespace

TEST_CASE("a download asks for one piece, and from the second on for that version (P-75)") {
  const auto first = download_call(fetching(), *rules().attachments);
  CHECK(first.endpoint == "report_download");
  CHECK(first.variables.at("id") == "R 1");
  CHECK(http::header_text(first.headers, "Range") == "bytes=0-99");
  CHECK_FALSE(http::find_header(first.headers, "If-Range"));
  const auto last = download_call(fetching(200, 250), *rules().attachments);
  CHECK(http::header_text(last.headers, "Range") == "bytes=200-249");
  CHECK(http::header_text(last.headers, "If-Range") == "\"v1\"");
}

TEST_CASE("a piece is taken when it is the one that was asked for, of the same version") {
  CHECK(fetched_in(fetching(), part(0, 99, 250)));
  CHECK(fetched_in(fetching(200, 250), part(200, 249, 250)));
  CHECK_FALSE(fetched_in(fetching(), part(0, 98, 250)));                       // short
  CHECK_FALSE(fetched_in(fetching(100, 250), part(0, 99, 250)));               // another place
  CHECK_FALSE(fetched_in(fetching(100, 250), part(100, 199, 251)));            // another length
  CHECK_FALSE(fetched_in(fetching(100, 250), part(100, 199, 250, "\"v2\"")));  // another version
  CHECK_FALSE(fetched_in(fetching(), part(0, 99, 250, "W/\"v1\"")));  // says nothing of bytes
  CHECK_FALSE(fetched_in(fetching(), answer(200, "<html>", {{"Content-Type", "text/html"}})));
  auto cut = part(0, 99, 250);
  cut.response->body.pop_back();
  CHECK_FALSE(fetched_in(fetching(), cut));
}

TEST_CASE("a whole answer is taken from the first byte on") {
  const auto whole = answer(200, std::string(250, 'x'), {{"ETag", "\"v2\""}});
  Transfer transfer = fetching(100, 250);
  const auto fetched = fetched_in(transfer, whole);
  REQUIRE(fetched);
  CHECK(fetched->from == 0);
  on_download_stored(transfer, *fetched);
  CHECK(transfer.confirmed == 250);
  CHECK(transfer.step == Step::check);
  CHECK(transfer.etag == "\"v2\"");
}

TEST_CASE("a hash that the server named goes with its version, one that the host named stays") {
  Transfer transfer = fetching(100, 250);
  transfer.sha256 = hash_of("old");
  SECTION("the server's") {}
  SECTION("the host's") { transfer.hash_given = true; }
  on_download_answer(transfer, part(100, 199, 250, "\"v2\""), at(kNow));
  CHECK(transfer.sha256.has_value() == transfer.hash_given);
}

TEST_CASE("a file that changed under a download begins again, four times at most") {
  Transfer transfer = fetching(100, 250);
  for (int time = 1; time <= 4; ++time) {
    transfer.confirmed = 100;
    transfer.bytes = 250;
    transfer.etag = "\"v1\"";
    transfer.attempts = 0;
    on_download_answer(transfer, part(100, 199, 250, "\"v2\""), at(kNow));
    CHECK(transfer.confirmed == 0);
    CHECK(transfer.cause == "attachment.changed");
    CHECK(transfer.state == (time < 4 ? State::waiting : State::failed));
  }
}

TEST_CASE("a download that no server will give, that is empty or too large is refused by name") {
  Transfer gone = fetching();
  on_download_answer(gone, answer(404), at(kNow));
  CHECK(gone.state == State::rejected);
  Transfer empty = fetching();
  on_download_answer(empty, answer(416, "", {{"Content-Range", "bytes */0"}}), at(kNow));
  CHECK(empty.state == State::rejected);
  CHECK(empty.cause == "attachment.empty");
  Transfer large = fetching();
  on_download_answer(large, part(0, 99, std::int64_t{1} << 40), at(kNow));
  CHECK(large.state == State::rejected);
  CHECK(large.cause == "attachment.too_large");
  Transfer whole = fetching();
  on_download_answer(whole, lost(http::TransportFailure::too_large), at(kNow));
  CHECK(whole.cause == "attachment.no_ranges");
}

TEST_CASE("content is held against the hash that the host or the server named") {
  const ContentHash right = hash_of("right");
  Transfer transfer = fetching(250, 250);
  transfer.step = Step::check;
  transfer.sha256 = right;
  transfer.hash_given = true;
  SECTION("equal") {
    on_download_checked(transfer, right, at(kNow));
    CHECK(transfer.state == State::done);
  }
  SECTION("another") {
    on_download_checked(transfer, hash_of("wrong"), at(kNow));
    CHECK(transfer.state == State::waiting);
    CHECK(transfer.cause == "attachment.hash_mismatch");
    CHECK(transfer.confirmed == 0);
  }
  SECTION("damaged here") {
    on_download_checked(transfer, std::nullopt, at(kNow));
    CHECK(transfer.cause == "attachment.damaged");
    CHECK(transfer.step == Step::fetch);
  }
  SECTION("named by nobody") {
    transfer.sha256.reset();
    transfer.hash_given = false;
    on_download_checked(transfer, right, at(kNow));
    CHECK(transfer.state == State::done);
    CHECK(transfer.sha256 == right);
  }
}

}  // namespace landfall::test
