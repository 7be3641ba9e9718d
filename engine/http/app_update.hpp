#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
class Transaction;
}  // namespace landfall::store

namespace landfall::http {

// Soft: a newer app is recommended. Force: the server serves this one no more.
enum class UpdateKind { none, soft, force };

[[nodiscard]] std::string_view to_string(UpdateKind kind) noexcept;

// What the host shows about a newer app.
struct UpdateNotice {
  UpdateKind kind = UpdateKind::none;
  std::string message;              // for the user: the server's words, or else the profile's
  std::string minimum_version;      // of force, where the server names one
  std::string recommended_version;  // of soft

  friend bool operator==(const UpdateNotice&, const UpdateNotice&) = default;
};

// Whether the server wants a newer app (P-101), as its answers say it. A 426 forces an update: what
// it refused is blocked(upgrade) by the table of answers, kept, and stays the user's to export or
// discard. A recommendation must block nothing, so that it cannot be a 426: it stands in a header
// of any answer.
//
// Force ends where it began: when something that was refused with 426 is answered with 2xx, because
// the server takes this version again. A path that was never refused proves nothing. It is stored
// with the version that was refused, so that a start without a network shows it and a newer app
// begins without it; a recommendation comes again with the next answer. The first word of one is
// said also where it changes nothing here: whoever is told may still show what another one said,
// before a suspension. One thread.
class AppUpdate final {
 public:
  AppUpdate(const Profile& profile, std::string app_version)
      : profile_(profile), app_version_(std::move(app_version)) {}

  // What a process of the same version stored; what cannot be read is none.
  [[nodiscard]] Status load(const store::Reader& device);
  [[nodiscard]] Status save(store::Transaction& device) const;

  // True: the notice is another or is to be told once more, or what `save` writes is another.
  [[nodiscard]] bool on_answer(std::string_view target, const Response& response);

  [[nodiscard]] const UpdateNotice& notice() const { return notice_; }

 private:
  [[nodiscard]] bool on_refused(std::string_view path, const Response& response);
  [[nodiscard]] bool on_recommended(const Response& response);

  const Profile& profile_;
  std::string app_version_;
  UpdateNotice notice_;
  bool has_heard_ = false;                      // a word of a recommendation, since this was made
  std::set<std::string, std::less<>> refused_;  // paths that were answered with 426
};

// Whether `version` comes before `other`: numbers between dots, of which missing ones are zero.
// What is no version is older than nothing, and nothing is older than it.
[[nodiscard]] bool is_older_version(std::string_view version, std::string_view other);

}  // namespace landfall::http
