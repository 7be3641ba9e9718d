#ifndef LANDFALL_TESTS_BENCH_RAW_SEAL_H
#define LANDFALL_TESTS_BENCH_RAW_SEAL_H

/* The envelope that the engine's sealed columns hold, for the references named raw. */

#include <lz4.h>
#include <stddef.h>

enum { kSealOverheadBytes = 1 + 4 + 24 + 16, kSealedBytesMax = 4096, kCompressedBytesMin = 128 };

/* Where a sealed value belongs: "operations.payload" and the row's key. */
struct raw_place {
  const char* name;
  const void* row;
  size_t row_bytes; /* at most 128 */
};

/* `sealed` has room for kSealOverheadBytes more than the text. Returns the bytes of it. */
size_t raw_seal(const unsigned char* key, const struct raw_place* place, const char* text,
                size_t text_bytes, unsigned char* sealed);
/* The same for what the engine compresses first: an LZ4 block behind the text's length, when that
 * saves a sixteenth. `press` is kept from one to the next. Texts of at least kCompressedBytesMin.
 */
size_t raw_seal_compressed(const unsigned char* key, const struct raw_place* place,
                           const char* text, size_t text_bytes, LZ4_stream_t* press,
                           unsigned char* sealed);
/* Of both. SQLITE_OK, or SQLITE_CORRUPT for what does not open and what does not fit. */
int raw_open(const unsigned char* key, const struct raw_place* place, const unsigned char* sealed,
             size_t sealed_bytes, char* text, size_t text_bytes_max, size_t* text_bytes);

#endif /* LANDFALL_TESTS_BENCH_RAW_SEAL_H */
