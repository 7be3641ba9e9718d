#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "mobile_glue/c/landfall.h"
#include "simulator/phone/secret_file.hpp"

namespace landfall::phone {

// A host without a screen: each line of `input` goes to the engine, each message of the engine
// becomes a line of `output`. Questions are answered from `secrets` and the desktop's zones, or
// become lines like the rest when there are no secrets; then the answers are lines of the input. A
// notification that is to be shown becomes a line of its own: {"shown":{…}}.
class HeadlessHost final {
 public:
  // Owns the engine from here on.
  HeadlessHost(landfall_engine* engine, std::optional<SecretFile> secrets, std::FILE* output);
  // Closes the engine, and writes what it still had to say.
  ~HeadlessHost();
  HeadlessHost(const HeadlessHost&) = delete;
  HeadlessHost& operator=(const HeadlessHost&) = delete;

  // Returns when `stop` is readable, or when the input has ended and every request has its reply.
  // While the engine is busy no further line is read.
  void run(int input, int stop);

 private:
  void poll_engine();
  void on_message(const char* text);
  void write_line(const char* text);
  void send_waiting();
  void wake();

  landfall_engine* const engine_;
  std::optional<SecretFile> secrets_;  // the polling thread's
  std::FILE* const output_;
  std::deque<std::string> waiting_;     // lines that the engine had no room for
  std::atomic<std::int64_t> open_ = 0;  // requests without a reply
  std::atomic<bool> closed_ = false;
  int wake_read_ = -1;  // readable after a reply
  int wake_write_ = -1;
  std::thread thread_;
};

}  // namespace landfall::phone
