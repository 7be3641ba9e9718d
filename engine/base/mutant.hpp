#pragma once

namespace landfall::mutant {

// Faults that are planted in a build of their own (LANDFALL_MUTANTS=ON), to prove that the
// simulator's oracles would see a real one. Each is one line where the right code stands. The
// numbers are what `--mutant N` takes: append only.
enum class Mutant {
  none = 0,
  ack_before_commit = 1,
  new_id_on_retry = 2,
  clear_queue = 3,
  cursor_before_rows = 4,
  drop_after = 5,
  two_refreshes = 6,
  drop_old_token_first = 7,
  requeue_at_tail = 8,
  ring_in_quiet_hours = 9,
  forget_calls = 10,
  forget_conflict = 11,
  refuse_after_commit = 12,
  count_free_waits = 13,
  pull_without_backoff = 14,
  ignore_tombstones = 15,
  evict_referenced = 16,
  keep_files_suspended = 17,
  keep_ballast = 18,
  trust_failed_sync = 19,
  count_none_lost = 20,
  open_newer = 21,
  trust_unfinished_update = 22,
  keep_erased_log = 23,
  reuse_nonce = 24,
  keep_plain_payload = 25,
  believe_any_offset = 26,
  count_guesses_in_memory = 27,
  stretch_offline_window = 28,
  forget_idle_asleep = 29,
  reconnect_without_backoff = 30,
  send_without_right = 31,
  new_refresh_id = 32,
  forget_replay = 33,
  use_pair_unsynced = 34,
  keep_previous_pair = 35,
  end_on_any_failure = 36,
  log_out_when_locked = 37,
  refresh_every_time = 38,
  clear_queue_without_session = 39,
  share_partition = 40,
  keep_calls_over_logout = 41,
  open_for_one_digit = 42,
  attest_any_words = 43,
  name_active_organisation = 44,
  send_behind_any_answer = 45
};

inline constexpr int kMutantMax = 45;

#if defined(LANDFALL_MUTANTS)

inline constexpr bool kCompiledIn = true;

// Chosen once, before an engine starts; 0 is none. Numbers beyond kMutantMax are a programming
// error.
void choose(int number);
[[nodiscard]] bool is(Mutant mutant) noexcept;

#else

inline constexpr bool kCompiledIn = false;

// An ordinary build has no planted fault: the compiler removes the branches.
inline void choose(int) {}
[[nodiscard]] constexpr bool is(Mutant) noexcept { return false; }

#endif

}  // namespace landfall::mutant
