#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "simulator/phone/line_reader.hpp"
#include "simulator/phone/secret_file.hpp"

namespace landfall::phone {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class Folder final {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "landfall-phone-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file() const { return (path_ / "keychain.json").string(); }

  void write(const std::string& text, fs::perms mode = fs::perms::owner_read) const {
    std::ofstream(file()) << text;
    fs::permissions(file(), mode);
  }

 private:
  fs::path path_;
};

std::string error_of(const Folder& folder) {
  const auto opened = SecretFile::open(folder.file());
  REQUIRE_FALSE(opened.has_value());
  return opened.error().code;
}

}  // namespace

TEST_CASE("lines are put together from whatever pieces come") {
  LineReader reader(100);
  CHECK(reader.feed("on") == Lines{});
  CHECK(reader.feed("e\ntwo\n\nthr") == Lines{"one", "two"});
  CHECK(reader.feed("ee\n") == Lines{"three"});
  CHECK(reader.feed("last") == Lines{});
  CHECK(reader.end() == Lines{"last"});
  CHECK(reader.end() == Lines{});
}

TEST_CASE("a line that is too long comes as its beginning, and the next one is whole") {
  LineReader reader(4);
  CHECK(reader.feed("1234\n") == Lines{"1234"});
  CHECK(reader.feed("12345678") == Lines{});
  CHECK(reader.feed("9\nnext\n") == Lines{"12345", "next"});
}

TEST_CASE("a secret outlives the process that wrote it, for its owner only") {
  const Folder folder;
  {
    auto file = SecretFile::open(folder.file());
    REQUIRE(file.has_value());
    CHECK_FALSE(file->read("key").has_value());
    REQUIRE(file->write("key", "c2VjcmV0").has_value());
    REQUIRE(file->write("other", "b25l").has_value());
    REQUIRE(file->write("key", "bmV3").has_value());
    CHECK(file->read("key") == "bmV3");
  }
  const auto file = SecretFile::open(folder.file());
  REQUIRE(file.has_value());
  CHECK(file->read("key") == "bmV3");
  CHECK(file->read("other") == "b25l");
  const auto mode = fs::status(folder.file()).permissions();
  CHECK(mode == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a keychain that others may read, or that is none, is refused") {
  const Folder folder;
  SECTION("others may read it") {
    folder.write("{}", fs::perms::owner_read | fs::perms::group_read);
    CHECK(error_of(folder) == "secret.unreadable");
  }
  SECTION("it is no JSON") {
    folder.write("{");
    CHECK(error_of(folder) == "secret.unreadable");
  }
  SECTION("it is another JSON") {
    folder.write(R"({"key":7})");
    CHECK(error_of(folder) == "secret.unreadable");
  }
}

TEST_CASE("a secret that cannot be written is not remembered either") {
  const Folder folder;
  auto file = SecretFile::open(folder.file() + "/below/a/file");
  REQUIRE(file.has_value());
  const auto written = file->write("key", "value");
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == "secret.unwritable");
  CHECK_FALSE(file->read("key").has_value());
}

}  // namespace landfall::phone
