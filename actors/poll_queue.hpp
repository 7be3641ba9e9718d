#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::actors {

// An event as the host polls it.
struct HostEvent {
  std::string key;
  std::string text;
};

// A text that is written when it is polled, by the thread that polls: what writes down what was
// done has less to do, and the text is made where it is read.
class LateText {
 public:
  virtual ~LateText() = default;
  // Called once, by the poll that takes the message. Nobody else touches what it reads any more.
  [[nodiscard]] virtual std::string text() const = 0;
};

// What one poll of the host takes away.
struct PollMessage {
  enum class Kind { reply, question, event, events_lost };

  Kind kind = Kind::reply;
  std::string key;  // of an event
  std::string text;
  std::shared_ptr<const LateText> late;  // instead of `text`; goes when the message was polled
};

// One or several, in order; they go from hand to hand without being copied.
using PollMessages = std::list<PollMessage>;

// The place of one reply, which whoever takes the request makes, and whoever answers fills. Both
// are often different threads, and memory that one takes for the other to free makes each wait for
// the other: what the host's thread makes for a request, it also frees.
[[nodiscard]] PollMessages make_reply_slot();

// What waits for the host's poll. Replies and questions are never dropped: a reply has a slot that
// was reserved when its request was taken and is free again once the reply was polled, so that a
// host which sends without polling is told to wait. An event replaces the one with its key that was
// not yet polled, and beyond the bound on events one `events.lost` stands for what was dropped. Any
// thread pushes, one polls.
class PollQueue final {
 public:
  struct Bounds {
    std::size_t events_max;
    std::size_t replies_max;
  };

  explicit PollQueue(Bounds bounds);

  // Takes the slot of one reply. False when all are taken: too many requests are open, or their
  // replies were not polled.
  [[nodiscard]] bool reserve_reply();
  // Takes a reply for a slot that was reserved. Exactly one for each.
  void push_reply(std::string text);
  // The same of slots that are filled, in order; whoever waits is woken once.
  void push_replies(PollMessages filled);
  // Questions and withdrawals.
  void push(std::string text);
  // Last value by key; it keeps the place of the one it replaces.
  void push_event(std::string key, std::string text);
  // The same for each, in order; whoever waits is woken once.
  void push_events(std::vector<HostEvent> events);

  // Replaces the event with that key if it was not polled yet; false when there is none.
  [[nodiscard]] bool replace_event(const std::string& key, std::string text);
  // Like push_event, for keys of which there are few: it is never dropped. `on_received` is called
  // by the poll behind the one that took it: whoever asks for the next message has this one.
  void push_kept_event(std::string key, std::string text, std::function<void()> on_received = {});

  // Takes the oldest message, waiting up to `timeout` for one. A closed queue that is empty answers
  // at once.
  [[nodiscard]] std::optional<std::string> pop(Duration timeout);

  // No pop waits any more; what is queued stays readable.
  void close();
  // Nobody polls any more: what is queued goes, with what it holds.
  void clear();

  [[nodiscard]] std::size_t size() const;

 private:
  using Kind = PollMessage::Kind;

  void append(Kind kind, std::string text);
  // With the mutex held.
  [[nodiscard]] bool replace(const std::string& key, std::string& text);
  void append_event(std::string key, std::string text);
  void take_off(const PollMessage& message);
  // With the mutex held; false when nothing came that whoever waits has to hear of.
  bool take_event(HostEvent event);

  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  PollMessages messages_;
  std::map<std::string_view, PollMessage*> events_by_key_;    // into messages_, keys and all
  std::map<std::string, std::function<void()>> on_received_;  // of kept events, by key
  std::function<void()> on_next_poll_;                        // of what the last one took
  std::size_t replies_reserved_ = 0;
  bool events_lost_ = false;  // an `events.lost` is in the queue
  bool closed_ = false;
};

}  // namespace landfall::actors
