#ifndef LANDFALL_H
#define LANDFALL_H

/* Landfall for a host in any language: few functions, UTF-8 JSON in and out. What the texts say is
 * in schema/api.json; a request looks like
 *
 *   {"id":7,"request":"operations.enqueue","params":{...}}
 *
 * and everything the engine says comes through landfall_poll: replies, tickets, events, questions
 * and withdrawn questions.
 *
 * Rules that hold for every function:
 *  - No function calls back into the host, and no exception leaves the library.
 *  - A handle is a number, not an address: NULL, one that was closed and one that never came from
 *    landfall_open are refused, also when their memory is long gone.
 *  - All functions may be called from any thread, except that one thread at a time polls.
 *  - A forked child has none of its parent's engines: their handles count as closed there.
 *  - Texts that the host passes are read before the function returns and stay the host's own.
 */

#include <stdint.h>

#if defined(_WIN32)
#define LANDFALL_API __declspec(dllexport)
#else
#define LANDFALL_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* One running engine. Never dereferenced by the host nor by the library. */
typedef struct landfall_engine landfall_engine;

enum {
  LANDFALL_OK = 0,
  /* Too many requests are open. Nothing was taken: poll some replies, then send again. For
   * landfall_run_window: another window is open. */
  LANDFALL_BUSY = -1,
  /* The engine behind this handle was closed. Nothing was taken. */
  LANDFALL_CLOSED = -2,
  /* A NULL, or a handle that never came from landfall_open. Nothing was taken. */
  LANDFALL_BAD_ARGUMENT = -3,
  /* The library ran out of memory. Whether the text was taken is not known. */
  LANDFALL_FAILED = -4,
  /* landfall_suspend only: its deadline passed first. It goes on by itself. */
  LANDFALL_LATE = -5,
  /* landfall_resume only: the engine stays as it was; an `engine.state` event has a `code` that
   * says why. */
  LANDFALL_REFUSED = -6
};

/* Opens the engine on the directory that the config names:
 *
 *   {"directory","profile","app_version","platform","os_version","device_name","locale","zone",
 *    "origin"?}
 *
 * `directory` is an absolute path of at most 400 bytes; it is made when it is missing.
 *
 * Takes the directory's lock and opens device.db on the calling thread, then returns in state
 * `opening`; keys and migrations follow as questions and `engine.state` events.
 *
 * Returns NULL for a config that does not fit, a directory that cannot be written, one that another
 * engine owns, and a database of a newer version. Then, unless `error_json` is NULL, *error_json is
 * {"code","message","class","field"?,"offset"?}, to be freed with landfall_free_text; it is NULL
 * when there was no memory for it. On success *error_json is NULL.
 *
 * Any thread. The handle ends with landfall_close. */
LANDFALL_API landfall_engine* landfall_open(const char* config_json, char** error_json);

/* Hands over one request of the host, or its answer to a question. Returns at once. A text that is
 * no JSON, or does not fit, is LANDFALL_OK too: its reply says what is wrong with it, and where.
 * Each request that was taken gets exactly one reply.
 *
 * Returns LANDFALL_OK, LANDFALL_BUSY (requests only: answers are always taken), LANDFALL_CLOSED,
 * LANDFALL_BAD_ARGUMENT (also for a NULL text) or LANDFALL_FAILED. Any thread. */
LANDFALL_API int landfall_send(landfall_engine* engine, const char* request_json);

/* The params of operations.enqueue without an envelope. Returns at once with a ticket above zero;
 * the acknowledgement comes through landfall_poll as {"ticket":n,"result"|"error"}. Otherwise the
 * result is one of the negative codes of landfall_send. Any thread. */
LANDFALL_API int64_t landfall_enqueue(landfall_engine* engine, const char* params_json);

/* The next message for the host, waiting up to `timeout_ms` for one; zero or less does not wait.
 *
 * Returns NULL when there was none, when the handle is refused, and while another thread is inside
 * this function. The text belongs to the engine and is valid until the next landfall_poll with this
 * handle; the host never frees it. One thread at a time.
 *
 * After landfall_close it hands out what was left, never waits, and ends the handle with the NULL
 * that follows the last message. */
LANDFALL_API const char* landfall_poll(landfall_engine* engine, int timeout_ms);

/* Suspends the engine before the system freezes the process: nothing new begins, what was handed in
 * is committed and acknowledged, calls under way are ended, every connection and every file is
 * closed, and the directory's lock is released. Afterwards the process holds no transaction, no
 * lock and no socket of this engine (iOS ends a process that is frozen with one, 0xdead10cc), until
 * landfall_resume. A call whose answer had not come is asked about again then, as after a crash.
 *
 * Waits up to `deadline_ms`; zero or less does not wait. Nothing of it needs the host: questions
 * that are open are withdrawn. Meanwhile and afterwards requests are refused with engine.suspended,
 * so nothing is half accepted; landfall_poll goes on as ever.
 *
 * Returns LANDFALL_OK when all of it is done, also when it was already; LANDFALL_LATE when the
 * deadline passed first (it goes on, and the `engine.state` event `suspended` says when it is
 * done); LANDFALL_CLOSED, LANDFALL_BAD_ARGUMENT or LANDFALL_FAILED. An engine in state `failed`
 * gives up its lock too and stays failed. It may be called in every state, also twice, also while a
 * login or the opening is under way: a login is over then, the opening begins anew at the resume.
 * Any thread, also one that polls. */
LANDFALL_API int landfall_suspend(landfall_engine* engine, int deadline_ms);

/* Goes on behind landfall_suspend: takes the directory's lock, opens device.db on a thread of its
 * own and returns in state `opening`; keys and the rest follow as questions and `engine.state`
 * events, as behind landfall_open. Timers are worked out from the clocks as they are now, however
 * long it slept. What the system says of the network is unknown again: send network.hint.
 *
 * Returns LANDFALL_OK, also for an engine that is not suspended, which stays as it is; one that is
 * still being suspended finishes that first. LANDFALL_REFUSED when it stays suspended, or failed:
 * the `engine.state` event has the code, such as directory.locked when another engine owns the
 * directory meanwhile, and it may be tried again. LANDFALL_CLOSED, LANDFALL_BAD_ARGUMENT or
 * LANDFALL_FAILED. Any thread; waits for the file to open. */
LANDFALL_API int landfall_resume(landfall_engine* engine);

/* A background window, such as an iOS BGTask or an Android WorkManager job: opens what
 * landfall_suspend closed, drains the outbox and pulls once within `budget_ms` (above zero), and is
 * suspended again behind it. Where landfall_resume is called meanwhile, or the engine was not
 * suspended, it goes on running: a process that the system started for the task calls
 * landfall_suspend behind it. When nothing is due nothing is opened.
 *
 * Returns at once; go on polling and answering questions (keys are among them) until
 *
 *   {"event":"window.finished","data":{"why","sent","left","pulled","code"?}}
 *
 * says that it is over: then the engine is suspended, and the task may be given back to the system.
 * `sent` is the number of operations that left, `left` of those that are not settled (null when the
 * data was not opened), `pulled` whether every scope was pulled, and `why` one of done, budget,
 * offline, no_session, reauth, locked, suspended (by landfall_suspend), refused (with the `code` of
 * landfall_resume) and failed.
 *
 * Returns LANDFALL_OK, LANDFALL_BUSY, LANDFALL_CLOSED, LANDFALL_BAD_ARGUMENT or LANDFALL_FAILED.
 * Any thread. */
LANDFALL_API int landfall_run_window(landfall_engine* engine, int budget_ms);

/* When the engine would like a window next, in UTC milliseconds since 1970, now or later: something
 * waits to be sent or pulled, or a notification is held until then. Zero: it needs none. What needs
 * the network is not asked for more often than every quarter of an hour. Ask behind
 * landfall_suspend and behind window.finished; while the engine runs it is an estimate. Returns at
 * once.
 *
 * A negative result is LANDFALL_CLOSED, LANDFALL_BAD_ARGUMENT or LANDFALL_FAILED. Any thread. */
LANDFALL_API int64_t landfall_next_window(landfall_engine* engine);

/* Closes the engine: withdraws its questions, answers the requests that are open, closes every file
 * and releases the directory, in this order; when it returns another engine may open it. A thread
 * that waits in landfall_poll is woken.
 *
 * Messages that were not polled may be left, or read with landfall_poll until it says NULL; they
 * cost a little memory until then, or until a few more engines were closed. What was acknowledged
 * is on disk whether it was read or not. Closing twice, and closing NULL, does nothing.
 *
 * Any thread; blocks until the engine has stopped. */
LANDFALL_API void landfall_close(landfall_engine* engine);

/* Frees the error text of landfall_open. NULL is ignored. Any thread. */
LANDFALL_API void landfall_free_text(char* text);

/* The library's version, as "0.1.0". Static, never NULL, not to be freed. Any thread. */
LANDFALL_API const char* landfall_version(void);

#ifdef __cplusplus
}
#endif

#endif /* LANDFALL_H */
