#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "actors/cache_messages.hpp"
#include "actors/poll_queue.hpp"
#include "engine/cache/live_query.hpp"

namespace landfall::actors {

// The queries that hosts keep open in one partition. What changed goes to the poll queue as
// `subscription.changed`, at most one event a subscription that is not polled: the next one takes
// its place and leads on from what the host has. When the partition is closed, for whatever reason,
// each that is still open ends with `subscription.ended`.
class Subscriptions final {
 public:
  Subscriptions(std::shared_ptr<PollQueue> poll_queue, SharedSubscriberCount count);
  ~Subscriptions();
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  [[nodiscard]] bool is_full() const;
  // From here on changes are heard of; before the first page is read, so that none is missed.
  void expect_one_more();
  // `page` was read since and is what the host is told by the reply.
  void open(std::int64_t subscription, cache::Query query, const cache::QueryPage& page);
  // It came to nothing: the expected one is not expected any more.
  void give_up_expected();

  // False when there is none. One event of it may still wait to be polled.
  [[nodiscard]] bool close(std::int64_t subscription);

  // Those of these types, and what each asks for.
  [[nodiscard]] std::map<std::int64_t, const cache::Query*> of(
      const std::set<std::string>& types) const;
  // Tells the host what `page` changes, if anything.
  void show(std::int64_t subscription, const cache::QueryPage& page, std::uint64_t commit_seq);
  // It cannot be answered any more, for the reason given.
  void end(std::int64_t subscription, std::string_view code);
  void end_all(std::string_view code);

 private:
  void tell_ended(std::int64_t subscription, std::string_view code);

  std::shared_ptr<PollQueue> poll_queue_;
  SharedSubscriberCount count_;
  std::map<std::int64_t, cache::LiveQuery> open_;
};

}  // namespace landfall::actors
