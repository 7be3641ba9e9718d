#pragma once

namespace landfall::store {

// Who goes first when several wait for the write connection: a user who waits for "saved" goes
// before a page of a pull.
enum class WritePriority { acknowledgement, ordinary };

// The door to the one write connection of a Database. The shell passes a fair queue; where
// everything is on one thread there is nothing to wait for (NoGate). Each `enter` is paired with
// one `leave` on the same thread; the gate is not entered twice by one thread, and nothing else is
// waited for while it is held.
class WriteGate {
 public:
  virtual ~WriteGate() = default;
  // Returns when the caller may use the write connection.
  virtual void enter(WritePriority priority) = 0;
  virtual void leave() noexcept = 0;
};

// For one thread only: a simulated world, a tool, a test.
class NoGate final : public WriteGate {
 public:
  void enter(WritePriority) override {}
  void leave() noexcept override {}
};

}  // namespace landfall::store
