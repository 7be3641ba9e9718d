#pragma once

// The operation is not settled: states 0 queued, 1 sending, 2 unknown, 3 blocked and 7 failed of
// sync::OperationState. A macro, because SQL literals are joined before the compiler sees them.
// `of` is what stands before the name of the column: an alias with its dot, or nothing.
//
// Not an IN list: SQLite fills a table with a list of more than two, each time that the statement
// runs.
#define LANDFALL_IS_OPEN(of) "(" of "state < 4 OR " of "state = 7)"
