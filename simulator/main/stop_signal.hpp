#pragma once

namespace landfall::simulator {

// Turns SIGTERM and SIGINT into a readable descriptor while it lives, so that a command ends in
// order. One at a time; made before any thread that should not see the signals.
class StopSignal final {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Readable once a signal came.
  [[nodiscard]] int descriptor() const { return read_end_; }
  void wait() const;

 private:
  int read_end_ = -1;
};

}  // namespace landfall::simulator
