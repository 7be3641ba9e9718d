#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace landfall::faults {

// Everything that can be broken on purpose, by the name that scenarios, reports and the fault proxy
// use.
enum class Fault {
  slow,               // a heavy tail of latency
  refused,            // the connection is refused
  lost_request,       // sent, and never arrives
  lost_answer,        // decided, and the answer never arrives
  duplicate_request,  // arrives twice
  server_error,       // 500, 502, 503 or 504 before anything was decided
  late_error,         // the same after it was decided
  retry_after,        // 429 or 503 with Retry-After
  unauthorized,       // 401 although the token is good
  revoked_tokens,     // every access token of the user is refused from now on
  cut_body,           // the answer breaks off
  garbage_body,       // 200 with HTML, nothing, or another JSON
  offline_spell,      // no network for a while
  server_down,        // every call is answered 5xx for a while
  kill,               // the process dies at an I/O
  power_cut,          // the power goes at an I/O: what was not synced is lost, torn or garbled
  keys_locked,        // the device's secure storage is locked for a while
  edited_by_other,    // somebody else changes a document
  history_purged,     // every cursor is too old
  suspended,          // the system freezes the process in the middle of something, for a while
  disk_full,          // nothing more fits the disk for a while
  failed_sync,        // the medium does not take what was written, once
  damaged_page,       // a bit of the partition's file decays while the phone is off
  app_updated,        // the next process finds files of a version from before page checksums
  app_downgraded      // for a while an older app runs, which finds a partition of a newer one
};

inline constexpr int kFaultCount = static_cast<int>(Fault::app_downgraded) + 1;

[[nodiscard]] std::string_view to_string(Fault fault) noexcept;

// Whether a fault strikes one call; the others are spells, crashes and states of a device.
[[nodiscard]] bool can_strike_call(Fault fault) noexcept;

// How often each fault of the network strikes one call, and what happens on the side. A world draws
// its own plan: about half of the classes are off, so that rare ones are seen without the common
// ones drowning them.
struct FaultPlan {
  std::map<Fault, double>
      per_call;  // probability for one call, or one I/O life for kill and power_cut
  Duration latency_low{20};
  Duration latency_high{800};
  Duration offline_mean{0};  // length of an offline spell; zero: never offline
  Duration online_mean{0};   // time between spells
  Duration down_mean{0};     // length of a spell of server_down; zero: never
  Duration well_mean{0};     // time between them
  Duration life_mean{0};     // time between crashes; zero: never
  Duration sound_mean{0};    // time between failed syncs; zero: never
  Duration full_mean{0};     // length of a spell of disk_full; zero: never
  Duration roomy_mean{0};    // time between them
  double power_share = 0.5;  // of crashes, those that are power cuts
  Duration awake_mean{0};    // time between suspensions; zero: never
  Duration asleep_mean{0};   // how long one lasts
  Duration damage_mean{0};   // time between damaged pages; zero: never
  Duration update_mean{0};   // time between updates of the app; zero: never
  Duration newest_mean{0};   // time between older apps; zero: never
  Duration erase_mean{0};    // time between a user's erasing everything; zero: never

  // Whether what stood in the outbox, the inbox or the cache may be gone, by notice or by its
  // user's word: oracles that remember what stood there do not watch such a world.
  [[nodiscard]] bool loses_data() const {
    return damage_mean.count() > 0 || erase_mean.count() > 0;
  }

  [[nodiscard]] double chance_of(Fault fault) const;
  [[nodiscard]] static FaultPlan none();
  [[nodiscard]] static FaultPlan draw(Random& random);
};

// A length around a mean, from a tenth of it to four times: short and long ones are found, without
// the platform's log().
[[nodiscard]] Duration draw_around(Random& random, Duration mean);

// How often each fault was really injected.
class FaultCounts final {
 public:
  void add(Fault fault) { ++counts_[fault]; }
  void add(const FaultCounts& other);
  [[nodiscard]] std::uint64_t of(Fault fault) const;
  // Every fault by name, also those that never struck.
  [[nodiscard]] std::map<std::string, std::uint64_t> by_name() const;

 private:
  std::map<Fault, std::uint64_t> counts_;
};

}  // namespace landfall::faults
