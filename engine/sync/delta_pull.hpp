#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/json_text.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/cache_tiers.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/http/outcome.hpp"
#include "engine/http/repeated_call.hpp"
#include "engine/profile/sync_rules.hpp"
#include "engine/store/cursor_table.hpp"
#include "engine/store/document_table.hpp"
#include "engine/sync/document.hpp"
#include "engine/sync/foreign_document.hpp"
#include "engine/sync/list_call.hpp"
#include "engine/sync/pull_page.hpp"
#include "engine/sync/server_clock.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::sync {

// One call to the pull endpoint or a cached read's; at most one is in flight. `number` pairs it
// with its answer.
struct PullCall {
  std::uint64_t number = 0;
  http::ApiCall call;
};

// What became of a list that was asked for.
struct ListOutcome {
  std::uint64_t ticket = 0;
  Result<ListAnswer> answer;
};

// What a step asks of the outside, to be carried out after its commit.
struct PullEffects {
  std::optional<PullCall> pull;
  // Replaces the machine's one timer; nothing means that no timer is needed.
  std::optional<Instant> wake_at;
  std::vector<EntityKey> changed;             // documents that are new, newer or gone
  std::vector<EntityKey> evicted;             // documents that were thrown away for want of room
  std::vector<OperationId> adopted;           // for the sync queue, once durable
  std::vector<DocumentOfConflict> theirs;     // likewise
  std::vector<std::string> scopes_completed;  // a pull of these scopes reached its end
  std::optional<store::ClearedDocuments> cleared;  // the answer to on_clear
  std::optional<cache::TierFull> tier_full;        // whether tier 1 holds all it should has changed
  // A page could not be had or made no sense. It is asked for again by itself.
  std::optional<Error> failed_pull;
  // The answers to on_refresh: these are as fresh as the server now, and those could not be had,
  // for the reason given; their cached documents stand.
  std::vector<EntityKey> refreshed;
  std::vector<EntityKey> not_refreshed;
  std::optional<Error> failed_refresh;
  std::vector<Document> brought;          // what the refresh brought, as it came; tombstones too
  std::vector<ListOutcome> lists;         // the answers to on_list
  std::optional<ServerTime> server_time;  // for the sync queue: a page or a refresh told it
};

// Many may ask for the same list while it is under way; they share its ticket.
struct ListAsked {
  std::uint64_t ticket = 0;
  PullEffects effects;
};

// Brings the server's changes here: a page and its cursor in one transaction, pages repeat safely,
// an older row_version never overwrites a newer. When a cursor is refused (410, 400) a scope starts
// again without it and what the full pull no longer names is removed; operations and other scopes
// are untouched. Three equal cursors with has_more end the pull. (P-28 step 3, P-33, P-95, INV-Q11;
// wire.md "Pull and read".)
//
// After a failure the scopes wait as long as an operation would (5, 30, 120 s, then 120 s each),
// never less than a Retry-After; coming online or logging in ends the first of the two, but for the
// 5 s that lie between two sends of an operation as well. A refresh is asked once: whoever wants
// the document hears at once that it could not be had.
//
// A document that a verdict brought to a cache without it may be older than the cursor, which then
// leads past what became of it: one that the next pull does not name is asked for by refresh, and
// again behind each pull until the server has answered (INV-Q13). One that is older than what an
// operation of this device produced is not kept, but asked for at once. So is what a conflict met
// whose verdict did not say it, of whatever tier (P-29): again behind each pull, as the table of
// operations names it, until the server has answered. What pages bring does not count for it: one
// that was under way may be older than the verdict.
//
// What it stores is kept within the limits of the cache's tiers in the same transaction.
//
// One call is in flight at most, and it is answered in the end: its owner gives every call a
// timeout. A step that fails leaves the machine unusable: its owner reopens the store and makes a
// new one.
//
// Call order: on_open once, then events; each returns what to send next. A page that makes no sense
// changes nothing.
class DeltaPull final {
 public:
  struct Parts {
    const Profile& profile;
    store::Sealer& documents_key;  // outlives the machine, as the profile does
    std::string device_id;
    http::RepeatLedger& repeats;  // of the device; outlives the machine
    DocumentOwner owner;
  };

  explicit DeltaPull(Parts parts);

  [[nodiscard]] Result<PullEffects> on_open(store::Transaction& tx, Instant now);

  // Once, when it is open and the disk has room: see CacheTiers::on_open. Ordered.
  [[nodiscard]] Result<std::optional<cache::TierFull>> on_sort(store::Transaction& tx, Instant now);

  // Reachability or the session changed. Coming online or logging in makes every scope due. No
  // transaction: it only decides what to ask, from what on_open and the pages left in memory.
  [[nodiscard]] PullEffects on_ready(bool reachable, bool authenticated, Instant now);

  // Somebody wants the scopes fresh: a push was settled, a DataChanged came. Bounded: asked again
  // while a pull is in flight, one more follows it.
  [[nodiscard]] PullEffects on_requested(Instant now);
  // The user pulled down: the same, and what waits after a failure waits no longer than an
  // operation waits between two sends; a server's Retry-After stands.
  [[nodiscard]] PullEffects on_user_requested(Instant now);

  // Tier 2 on demand: these documents as the server has them now. Each is named once in `refreshed`
  // or `not_refreshed`, at once when there is no way to the server. They go before the pages of
  // scopes. Refused whole: pull.busy beyond limits::kRefreshQueueMax, entity.unknown_type,
  // entity.online_only (P-35: never stored).
  [[nodiscard]] Result<PullEffects> on_refresh(const store::Transaction& tx,
                                               std::vector<EntityKey> entities, Instant now);

  // The same for one document on behalf of somebody who waits for it: whoever asks while it is
  // asked for already shares that answer (P-4). Also of a type that is online only, which comes in
  // `brought` and is stored nowhere.
  [[nodiscard]] Result<PullEffects> on_fetch(const store::Transaction& tx, const EntityKey& entity,
                                             Instant now);

  // A list as the server has it, or a cached read. Its documents are stored by the rule of all
  // others, and a read's answer as a document of its own (profile `kept_as`); those who asked get
  // them in `lists` as they came. They go before the pages of scopes. pull.busy beyond
  // limits::kListQuestionsMax. No transaction.
  [[nodiscard]] Result<ListAsked> on_list(ListQuestion question, Instant now);

  // Removes documents and cursors, and pulls every scope from its beginning. The outbox stays, with
  // what its operations stand on and the documents that unsettled ones refer to; so does `kept`,
  // for the document that other parts of the engine cannot do without until it comes again. A page
  // that is under way is not applied: its cursor leads on from one that is gone. Durable.
  [[nodiscard]] Result<PullEffects> on_clear(store::Transaction& tx,
                                             const std::optional<EntityKey>& kept, Instant now);

  // Somebody looked at this document: it is thrown away later than others. No transaction; see
  // CacheTiers.
  void on_used(const EntityKey& entity, Instant now) { tiers_.on_used(entity, now); }

  // The one timer.
  [[nodiscard]] PullEffects on_wake(Instant now);

  // When a scope is to be pulled next, were there a way to the server; an instant that has passed
  // means at once, nothing that none is pulled by itself.
  [[nodiscard]] std::optional<Instant> next_pull_at() const;
  // A page of a scope was asked for and is not answered.
  [[nodiscard]] bool is_page_under_way() const {
    return in_flight_ && in_flight_->scope != nullptr;
  }
  // A page of a scope is under way or wanted.
  [[nodiscard]] bool is_pulling() const;

  // Durability: ordered; losing a page means pulling it again.
  [[nodiscard]] Result<PullEffects> on_answer(store::Transaction& tx, std::uint64_t number,
                                              const http::Answer& answer, Instant now);

  // Entities that came with verdicts become documents by the same rule as pages. All are named in
  // `adopted`, also one that no document can be made of: the pull that follows the verdict brings
  // it. One that did not come is asked for, and named in `theirs` when the server has answered.
  // Ordered.
  [[nodiscard]] Result<PullEffects> on_entities(store::Transaction& tx,
                                                const std::vector<EntityOfVerdict>& entities,
                                                Instant now);

 private:
  struct Scope {
    const profile::PullScope* rules;
    store::PullCursor cursor;         // as stored
    bool requested = false;           // something wants a pull that began after now
    bool has_more = false;            // the pull under way has not reached its end
    Instant periodic_at;              // the profile's interval after the last end
    std::size_t equal_cursors = 0;    // answers in a row of this pull that did not move it
    std::vector<Document> held_back;  // filled by the planted fault cursor_before_rows only
  };
  // How a document came here: by a page of that scope, with a verdict, or as an answer about it.
  struct Origin {
    const Scope* page_of = nullptr;
    bool by_verdict = false;
  };
  struct AskedList {
    std::uint64_t ticket = 0;
    ListQuestion question;
  };
  struct InFlight {
    std::uint64_t number = 0;
    Scope* scope = nullptr;              // whose page was asked for; null: no page
    bool outdated = false;               // the page leads on from a cursor that is gone
    std::vector<KnownDocument> refresh;  // which documents
    std::optional<AskedList> list;
  };

  [[nodiscard]] bool is_ready() const { return reachable_ && authenticated_; }
  [[nodiscard]] bool is_due(const Scope& scope, Instant now) const;
  [[nodiscard]] Instant soonest_repeat() const;
  [[nodiscard]] Instant not_before() const;
  [[nodiscard]] std::optional<Instant> next_wake() const;
  [[nodiscard]] std::optional<Error> way_is_barred(Instant now) const;
  [[nodiscard]] static Status start_again(store::Transaction& tx, Scope& scope, Instant now);
  void proceed(PullEffects& effects, Instant now);
  void ask_page(PullEffects& effects, Scope& scope);
  void ask_refresh(PullEffects& effects);
  void ask_list(PullEffects& effects);
  void send(PullEffects& effects, InFlight in_flight, std::string body);
  void send(PullEffects& effects, InFlight in_flight, http::ApiCall call);
  [[nodiscard]] Result<PullEffects> ask_for(const store::Transaction& tx,
                                            std::set<EntityKey> wanted, Instant now);
  void drop_refreshes(PullEffects& effects, std::vector<KnownDocument> dropped, Error error);

  [[nodiscard]] Status on_page_answer(store::Transaction& tx, PullEffects& effects, Scope& scope,
                                      const http::Answer& answer, Instant now);
  [[nodiscard]] Status on_outdated_answer(store::Transaction& tx, PullEffects& effects,
                                          Scope& scope, const http::Answer& answer, Instant now);
  [[nodiscard]] Status on_refresh_answer(store::Transaction& tx, PullEffects& effects,
                                         std::vector<KnownDocument> asked,
                                         const http::Answer& answer, Instant now);
  [[nodiscard]] Status on_list_answer(store::Transaction& tx, PullEffects& effects,
                                      const AskedList& asked, const http::Answer& answer,
                                      Instant now);
  [[nodiscard]] Status keep_answer(store::Transaction& tx, PullEffects& effects,
                                   const ListQuestion& question, const std::string& kept,
                                   Instant now);
  [[nodiscard]] Status confirm(store::Transaction& tx, PullEffects& effects,
                               const std::vector<KnownDocument>& asked, RefreshAnswer& brought,
                               Instant now);
  [[nodiscard]] Status apply_page(store::Transaction& tx, PullEffects& effects, Scope& scope,
                                  PullPage page, Instant now);
  [[nodiscard]] Status complete(store::Transaction& tx, PullEffects& effects, Scope& scope,
                                Instant now);
  [[nodiscard]] static Result<bool> is_behind_our_own(const store::Transaction& tx,
                                                      const Document& document);
  [[nodiscard]] Status ask_for(const store::Transaction& tx, EntityKey entity,
                               bool for_conflict = false);
  [[nodiscard]] Status ask_for_conflicts(const store::Transaction& tx);
  [[nodiscard]] Status tell_conflicts(const store::Transaction& tx, PullEffects& effects,
                                      const std::vector<KnownDocument>& asked,
                                      const RefreshAnswer& brought) const;
  [[nodiscard]] Status ask_unconfirmed(const store::Transaction& tx, const Scope& scope);
  [[nodiscard]] Status reset(store::Transaction& tx, PullEffects& effects, Scope& scope,
                             Instant now);
  [[nodiscard]] Status store_documents(store::Transaction& tx, PullEffects& effects,
                                       const std::vector<Document>& documents, Origin origin,
                                       Instant now);
  [[nodiscard]] Status balance_tiers(store::Transaction& tx, PullEffects& effects);
  [[nodiscard]] store::Naming naming_of(const Document& document, Origin origin) const;
  void back_off(PullEffects& effects, Scope& scope, const http::Outcome& outcome, Error error,
                Instant now);
  [[nodiscard]] http::Outcome outcome_of(const http::Answer& answer, Instant now) const;
  // What the server asks for holds for the next process too.
  [[nodiscard]] Status heed(store::Transaction& tx, const http::Outcome& outcome, Instant now);

  Parts parts_;
  cache::CacheTiers tiers_;
  std::optional<EntityKey> stored_last_;  // in this step
  JsonText::Memory page_memory_;          // while pages follow each other
  std::vector<Scope> scopes_;             // in the profile's order; never resized after on_open
  std::vector<KnownDocument> refreshes_;
  std::vector<AskedList> lists_;
  std::optional<InFlight> in_flight_;
  std::uint64_t last_number_ = 0;
  std::uint64_t last_ticket_ = 0;
  bool reachable_ = false;
  bool authenticated_ = false;
  bool session_refused_ = false;  // the last page met none; news of one may have passed already
  std::size_t failures_ = 0;      // of pages in a row
  Instant backoff_until_;
  Instant failed_at_;  // the last time that a page could not be had
  http::RepeatedCall pulls_;
  Instant retry_after_until_;
};

}  // namespace landfall::sync
