#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "actors/answer.hpp"
#include "actors/delta_pull_messages.hpp"
#include "engine/sync/delta_pull.hpp"

namespace landfall::actors {

// Those who asked delta_pull for something of the server's and wait for it. Each is answered once,
// also when the actor dies.
class PullWaiters final {
 public:
  // Until all of `missing` have come back; none of them is an answer too.
  void wait_for_documents(std::set<EntityKey> missing, Answer<void> answer);
  void wait_for_document(EntityKey entity, Answer<FetchedDocument> answer);
  void wait_for_list(std::uint64_t ticket, Answer<SharedList> answer);

  // Answers those whose documents and lists have come, and those who asked for what cannot be had.
  void tell(const sync::PullEffects& effects);
  // Nobody gets anything any more.
  void fail_all(const Error& error);

 private:
  struct Documents {
    std::set<EntityKey> missing;  // what was asked for and has not come back yet
    Answer<void> answer;
  };
  struct OneDocument {
    EntityKey entity;
    Answer<FetchedDocument> answer;
    bool done = false;
  };
  struct List {
    std::uint64_t ticket = 0;
    Answer<SharedList> answer;
    bool done = false;
  };

  void tell_documents(const sync::PullEffects& effects);
  void tell_document(const sync::PullEffects& effects);
  void tell_lists(const sync::PullEffects& effects);

  std::vector<Documents> documents_;
  std::vector<OneDocument> one_document_;
  std::vector<List> lists_;
};

}  // namespace landfall::actors
