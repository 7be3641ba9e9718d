#include <catch2/catch.hpp>

#include <array>
#include <span>
#include <string>

#include "engine/attachments/content.hpp"
#include "engine/attachments/content_type.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/directory_lock.hpp"
#include "tests/engine/attachments/file_server.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/store_fixture.hpp"

namespace landfall::test {
namespace {

using namespace attachments;

constexpr std::array<std::byte, 32> kSeed{};
constexpr std::size_t kPieceBytes = 4096;

store::Sealer make_key(SecureRandom& random) {
  return {store::SecretKey::generate(random), 1, random};
}

// A phone's folder with room for sealed files, and a host's photograph beside it.
struct Desk {
  explicit Desk(std::string vfs = {})
      : random(kSeed),
        key(make_key(random)),
        files(directory.path(), PartitionId{{1}}, vfs, store::system_files()) {
    REQUIRE(store::create_directory(directory.path() + "/attachments"));
    rules.bytes_max = 3 * kPieceBytes + 10;
    rules.piece_bytes = kPieceBytes;
  }

  std::string photo(const std::string& content) {
    write_file(directory.file("photo.jpg"), content);
    return directory.file("photo.jpg");
  }

  Result<TakenIn> take_in(const std::string& path, const AttachmentId& id,
                          const std::string& type = "image/jpeg") {
    LANDFALL_TRY_ASSIGN(auto intake, Intake::open({files, key, rules}, path, id, type));
    while (true) {
      LANDFALL_TRY_ASSIGN(const bool is_all, intake.more());
      if (is_all) return intake.finish();
    }
  }

  std::string sealed_path(const AttachmentId& id) {
    return directory.path() + "/attachments/" + to_text(PartitionId{{1}}) + "-" + to_text(id);
  }

  Transfer transfer_of(const AttachmentId& id, std::int64_t bytes) {
    Transfer transfer;
    transfer.id = id;
    transfer.bytes = bytes;
    transfer.piece_bytes = kPieceBytes;
    return transfer;
  }

  Result<std::string> read_back(const Transfer& transfer) {
    LANDFALL_TRY_ASSIGN(auto reader, ContentReader::open(files, key, transfer));
    std::string content;
    while (true) {
      LANDFALL_TRY_ASSIGN(const auto piece, reader.next());
      if (piece.empty()) break;
      content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    if (reader.finish() != hash_of(content)) return failure(ErrorClass::internal, "hash", "");
    return content;
  }

  TemporaryDirectory directory;
  SeededSecureRandom random;
  store::Sealer key;
  store::SealedFiles files;
  profile::AttachmentRules rules;
};

constexpr AttachmentId kId{{2}};

std::string code_of(const Result<TakenIn>& result) {
  return result ? "taken" : result.error().code;
}

}  // namespace

TEST_CASE("content comes out of a sealed file as it went in, whatever its length") {
  Desk desk;
  for (const std::size_t bytes : {std::size_t{4}, kPieceBytes - 1, kPieceBytes, kPieceBytes + 1,
                                  2 * kPieceBytes, 3 * kPieceBytes + 10}) {
    CAPTURE(bytes);
    const std::string content = photo_of(bytes);
    const auto taken = desk.take_in(desk.photo(content), kId);
    REQUIRE(taken);
    CHECK(taken->bytes == static_cast<std::int64_t>(bytes));
    CHECK(taken->sha256 == hash_of(content));
    CHECK(desk.read_back(desk.transfer_of(kId, taken->bytes)).value_or("?") == content);
  }
}

TEST_CASE("a photograph that vanishes or changes behind the acknowledgement does no harm") {
  Desk desk;
  const std::string content = photo_of(5'000);
  const std::string path = desk.photo(content);
  REQUIRE(desk.take_in(path, kId));
  write_file(path, "something else");
  CHECK(desk.read_back(desk.transfer_of(kId, 5'000)).value_or("?") == content);
}

TEST_CASE("what is no photograph is refused by name, and leaves no file behind") {
  Desk desk;
  CHECK(code_of(desk.take_in(desk.photo(""), kId)) == "attachment.empty");
  CHECK(code_of(desk.take_in(desk.photo(photo_of(3 * kPieceBytes + 11)), kId)) ==
        "attachment.too_large");
  CHECK(code_of(desk.take_in(desk.photo("GIF89a" + photo_of(500)), kId)) ==
        "attachment.type_mismatch");
  CHECK(code_of(desk.take_in(desk.photo(photo_of(500)), kId, "image/png")) ==
        "attachment.type_mismatch");
  CHECK(code_of(desk.take_in(desk.directory.file("none.jpg"), kId)) == "attachment.source_missing");
  CHECK(code_of(desk.take_in(desk.directory.path(), kId)) == "attachment.source_missing");
  CHECK(desk.files.list().empty());
}

TEST_CASE("types are told by their first bytes and by nothing else") {
  const auto is = [](std::string_view type, std::string_view head) {
    return begins_like(type, std::as_bytes(std::span(head)));
  };
  using namespace std::string_view_literals;
  CHECK(is("image/jpeg", "\xFF\xD8\xFF\xE0"));
  CHECK(is("image/png", "\x89PNG\r\n\x1A\n...."));
  CHECK(is("image/webp", "RIFF\1\2\3\4WEBPVP8 "));
  CHECK(is("image/heic",
           "\0\0\0\x18"
           "ftypheic"sv));
  CHECK(is("application/pdf", "%PDF-1.7"));
  CHECK_FALSE(is("image/jpeg", "\xFF\xD8"));
  CHECK_FALSE(is("image/webp", "RIFF\1\2\3\4WAVE"));
  CHECK_FALSE(is("image/heic",
                 "\0\0\0\x18"
                 "ftypisom"sv));
  CHECK_FALSE(is("text/html", "<html>"));
}

TEST_CASE("no byte of the content and no name of the host's file is on the disk (INV-X1)") {
  Desk desk;
  const std::string marker = "MARKER-OF-THE-CONTENT";
  std::string content = photo_of(6'000);
  content.replace(100, marker.size(), marker);
  content.replace(5'000, marker.size(), marker);
  REQUIRE(desk.take_in(desk.photo(content), kId));
  const std::string sealed = read_file(desk.sealed_path(kId));
  CHECK(sealed.size() == content.size() + 2 * store::kSealOverheadBytes);
  CHECK(sealed.find(marker) == std::string::npos);
  CHECK(sealed.find("photo.jpg") == std::string::npos);
}

TEST_CASE(
    "a piece that was altered, cut, moved within its file or taken from another does not open "
    "(INV-X3)") {
  Desk desk;
  const std::string content = photo_of(2 * kPieceBytes);
  const AttachmentId other{{3}};
  REQUIRE(desk.take_in(desk.photo(content), kId));
  REQUIRE(desk.take_in(desk.photo(content), other));
  const Transfer transfer = desk.transfer_of(kId, 2 * kPieceBytes);
  const std::string sealed = read_file(desk.sealed_path(kId));
  const std::size_t stride = kPieceBytes + store::kSealOverheadBytes;
  std::string bad = sealed;
  SECTION("altered") { bad[stride + 100] = static_cast<char>(bad[stride + 100] ^ 1); }
  SECTION("cut") { bad.resize(bad.size() - 1); }
  SECTION("moved") { bad = sealed.substr(stride) + sealed.substr(0, stride); }
  SECTION("of another file") { bad = read_file(desk.sealed_path(other)); }
  write_file(desk.sealed_path(kId), bad);
  const auto read = desk.read_back(transfer);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "seal.broken");
}

TEST_CASE("a range within one piece is what stands there") {
  Desk desk;
  const std::string content = photo_of(2 * kPieceBytes + 7);
  REQUIRE(desk.take_in(desk.photo(content), kId));
  const Transfer transfer = desk.transfer_of(kId, 2 * kPieceBytes + 7);
  CHECK(read_range(desk.files, desk.key, transfer, 10, 20).value_or("?") == content.substr(10, 10));
  CHECK(read_range(desk.files, desk.key, transfer, 2 * kPieceBytes, 2 * kPieceBytes + 7)
            .value_or("?") == content.substr(2 * kPieceBytes));
}

TEST_CASE("content that comes in pieces, or anew from the first, is what is there then") {
  Desk desk;
  const std::string first = photo_of(2 * kPieceBytes, 1);
  const std::string second = photo_of(kPieceBytes + 9, 2);
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  Transfer transfer = desk.transfer_of(kId, 2 * kPieceBytes);
  REQUIRE(write_from(desk.files, desk.key, transfer, 0, bytes(first.substr(0, kPieceBytes))));
  REQUIRE(
      write_from(desk.files, desk.key, transfer, kPieceBytes, bytes(first.substr(kPieceBytes))));
  CHECK(desk.read_back(transfer).value_or("?") == first);
  transfer.bytes = kPieceBytes + 9;
  REQUIRE(write_from(desk.files, desk.key, transfer, 0, bytes(second)));
  CHECK(desk.read_back(transfer).value_or("?") == second);
  CHECK(read_file(desk.sealed_path(kId)).size() == second.size() + 2 * store::kSealOverheadBytes);
}

TEST_CASE("files of a partition are listed and removed, and those of another left alone") {
  Desk desk;
  REQUIRE(desk.take_in(desk.photo(photo_of(50)), kId));
  write_file(
      desk.directory.path() + "/attachments/" + to_text(PartitionId{{9}}) + "-" + to_text(kId),
      "x");
  CHECK(desk.files.list() == std::vector<AttachmentId>{kId});
  REQUIRE(desk.files.remove(kId));
  REQUIRE(desk.files.remove(kId));
  CHECK(desk.files.list().empty());
}

TEST_CASE("a disk without room refuses a photograph by name, and keeps nothing of it") {
  FaultVfs vfs;
  Desk desk(vfs.name());
  vfs.fault = SQLITE_FULL;
  vfs.fail_at_change = vfs.changes + 2;
  vfs.fail_count = 1;
  CHECK(code_of(desk.take_in(desk.photo(photo_of(2 * kPieceBytes)), kId)) == "storage.full");
  CHECK(desk.files.list().empty());
}

}  // namespace landfall::test
