// What the engine asks of SQLite before that starts, which it does once in a process.

#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "tests/mobile_glue/host.hpp"

using landfall::test::Host;
using landfall::test::TemporaryDirectory;

TEST_CASE("the SQLite of an engine keeps no sums of its memory") {
  const TemporaryDirectory directory;
  const Host host = Host::open(directory.path() + "/engine");
  CHECK(sqlite3_memory_used() == 0);
}
