#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace landfall::bench {

struct DiskCounts {
  std::uint64_t syncs = 0;
  std::uint64_t writes = 0;
  std::uint64_t write_bytes = 0;
};

// The system's VFS ("unix-excl") with counters, under a name of its own for as long as it lives:
// databases on it are closed before. Any thread.
class CountingVfs final {
 public:
  struct Options {
    // False: a sync of a log is not done, which is what `PRAGMA synchronous=NORMAL` means to a WAL.
    // The engine itself has no such switch, so that no host can reach it.
    bool syncs_log = true;
    std::int64_t sync_extra_us = 0;  // what each sync takes longer than the disk does
  };

  explicit CountingVfs(Options options);
  ~CountingVfs();
  CountingVfs(const CountingVfs&) = delete;
  CountingVfs& operator=(const CountingVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] DiskCounts counts() const;

  // For the VFS's own methods.
  void count_write(int bytes);
  [[nodiscard]] bool begin_sync(bool is_log);

 private:
  const Options options_;
  std::string name_ = "landfall-counting";
  sqlite3_vfs vfs_{};
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> write_bytes_{0};
};

// What was counted between two moments.
[[nodiscard]] DiskCounts operator-(const DiskCounts& after, const DiskCounts& before);

}  // namespace landfall::bench
