#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/store/change_journal.hpp"
#include "engine/store/known_counters.hpp"
#include "engine/store/late_counters.hpp"
#include "engine/store/open_counters.hpp"
#include "engine/store/statement.hpp"

namespace landfall::store {

class Compressor;
class Connection;

// What a Transaction and a Snapshot have in common: repositories read through it and work in both.
// It lives for the call it was handed to; rows read through it do not outlive it. SQL texts are
// constants of the program: each is prepared once a connection and kept.
class Reader {
 public:
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Values are copied, so that temporaries may be passed. `sql` has one ?N a value.
  template <class... Values>
  [[nodiscard]] Result<Rows> select(std::string_view sql, const Values&... values) const {
    LANDFALL_TRY_ASSIGN(Statement statement, prepare(sql));
    statement.copy_values();
    statement.bind_all(values...);
    return Rows(std::move(statement));
  }

  // Whether there is a row. Values are referred to.
  template <class... Values>
  [[nodiscard]] Result<bool> has_row(std::string_view sql, const Values&... values) const {
    LANDFALL_TRY_ASSIGN(Statement statement, prepare(sql));
    statement.bind_all(values...);
    return statement.step();
  }

  // The lower half of `select`: for statements that are bound and stepped by hand.
  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;

  // Of a transaction; a snapshot has none. CounterTable's alone.
  [[nodiscard]] OpenCounters* open_counters() const noexcept { return open_counters_; }
  // What the row of this counter held when the transaction began, where that is known. The same.
  [[nodiscard]] std::optional<std::int64_t> known_counter(std::string_view name) const {
    return known_counters_ == nullptr ? std::nullopt : known_counters_->find(name);
  }
  // What of this counter is in memory alone. CounterTable's alone.
  [[nodiscard]] std::optional<std::int64_t> late_counter(std::string_view name) const {
    return late_counters_->find(name, commit_seq_);
  }

 protected:
  // `commit_seq`: what is read is as of it, or becomes it.
  Reader(Connection& connection, const LateCounters& late_counters,
         std::uint64_t commit_seq) noexcept
      : connection_(&connection), late_counters_(&late_counters), commit_seq_(commit_seq) {}
  ~Reader() = default;

  Connection* connection_;
  OpenCounters* open_counters_ = nullptr;
  const KnownCounters* known_counters_ = nullptr;
  const LateCounters* late_counters_;
  std::uint64_t commit_seq_;
};

// A consistent state of the database as of its commit_seq; later commits are invisible to it.
class Snapshot final : public Reader {
 public:
  Snapshot(Connection& connection, const LateCounters& late_counters,
           std::uint64_t commit_seq) noexcept
      : Reader(connection, late_counters, commit_seq) {}

  [[nodiscard]] std::uint64_t commit_seq() const noexcept { return commit_seq_; }
};

// The write transaction of one step. It sees its own changes.
class Transaction final : public Reader {
 public:
  Transaction(Connection& connection, const LateCounters& late_counters,
              const KnownCounters& known_counters, ChangeJournal& journal, std::string_view label,
              std::uint64_t commit_seq) noexcept
      : Reader(connection, late_counters, commit_seq), journal_(&journal), label_(label) {
    open_counters_ = &counters_;
    known_counters_ = &known_counters;
  }

  // Runs an INSERT, UPDATE or DELETE to its end; the number of rows it changed itself.
  template <class... Values>
  Result<std::int64_t> run(std::string_view sql, const Values&... values) {
    LANDFALL_TRY_ASSIGN(Statement statement, prepare(sql));
    statement.bind_all(values...);
    LANDFALL_TRY(statement.step());
    return rows_changed();
  }

  // The same for what shows in no answer about a document: sums, and when it was looked at. See
  // ChangeJournal.
  template <class... Values>
  Result<std::int64_t> run_unseen(std::string_view sql, const Values&... values) {
    journal_->pause();
    auto rows = run(sql, values...);
    journal_->resume();
    return rows;
  }

  [[nodiscard]] std::int64_t last_insert_rowid() const noexcept;
  // The number this transaction has once it is committed; an acknowledgement carries it.
  [[nodiscard]] std::uint64_t commit_seq() const noexcept { return commit_seq_; }
  [[nodiscard]] std::string_view label() const noexcept { return label_; }

  // For what it seals: the write connection's, so that one thread has it at a time.
  [[nodiscard]] Compressor& compressor() const noexcept;

  // An ordered step found that what follows it has to wait for the medium: its commit is durable.
  void make_durable() noexcept { is_made_durable_ = true; }
  [[nodiscard]] bool is_made_durable() const noexcept { return is_made_durable_; }

 private:
  [[nodiscard]] std::int64_t rows_changed() const noexcept;

  ChangeJournal* journal_;
  std::string_view label_;
  OpenCounters counters_;
  bool is_made_durable_ = false;
};

}  // namespace landfall::store
