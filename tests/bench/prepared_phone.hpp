#pragma once

#include <cstddef>
#include <string>

namespace landfall::bench {

// Makes a phone in `folder` whose user has logged in, with an empty store: engine/ and
// keychain.json. The reference backend answers the login; nothing else leaves. Throws
// std::runtime_error.
void prepare_phone(const std::string& folder);

struct Filling {
  std::size_t operations = 0;  // all of them wait to be sent
  std::size_t documents = 0;   // of 1 KB
};

// Fills the store of a prepared phone through the engine's own tables, which is what tens of
// thousands of acknowledgements would leave, without their fsyncs. Throws std::runtime_error.
void fill_phone(const std::string& folder, const Filling& filling);

// The one partition's file, and its outbox key as 32 bytes.
[[nodiscard]] std::string partition_file(const std::string& folder);
[[nodiscard]] std::string outbox_key(const std::string& folder);

}  // namespace landfall::bench
