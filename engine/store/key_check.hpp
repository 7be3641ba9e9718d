#pragma once

#include "engine/base/result.hpp"

namespace landfall::store {

class Database;
class Sealer;

// Whether these are the keys that this partition is sealed with (INV-S4): a value of each is kept
// in `meta`, made when the partition is. Without it a wrong key would show row by row.
// store.wrong_key: one of them is another key, so that nothing in the file can be read with it.
// store.corrupt: the value is damaged. Other errors: the database's.
[[nodiscard]] Status check_keys(Database& partition, Sealer& outbox_key, Sealer& documents_key);

// The same for whoever has the outbox key alone. Writes nothing: a partition that keeps no value
// yet passes.
[[nodiscard]] Status check_outbox_key(Database& partition, const Sealer& outbox_key);

}  // namespace landfall::store
