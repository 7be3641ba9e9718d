#include "tests/bench/raw_seal.h"

#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

enum { kHeaderBytes = 1 + 4, kNonceBytes = 24, kTagBytes = 16, kDataBytesMax = 256 };

enum { kPlain = 1, kCompressed = 2, kLengthBytes = 4 };

static unsigned char* append_number(unsigned char* data, size_t number) {
  for (int i = 0; i < kLengthBytes; ++i) data[i] = (unsigned char)(number >> (8 * i));
  return data + kLengthBytes;
}

static unsigned char* append_text(unsigned char* data, const void* text, size_t bytes) {
  memcpy(append_number(data, bytes), text, bytes);
  return data + kLengthBytes + bytes;
}

/* Format and version 1 of the key, as every envelope begins. */
static unsigned char* append_header(unsigned char* data, int format) {
  data[0] = (unsigned char)format;
  return append_number(data + 1, 1);
}

/* The place and the row's key, each after its length. */
static size_t associate(const struct raw_place* place, int format, unsigned char* data) {
  unsigned char* end = append_header(data, format);
  end = append_text(end, place->name, strlen(place->name));
  end = append_text(end, place->row, place->row_bytes);
  return (size_t)(end - data);
}

/* `content` may stand where its ciphertext will. */
static size_t encrypt(const unsigned char* key, const struct raw_place* place, int format,
                      const unsigned char* content, size_t content_bytes, unsigned char* sealed) {
  unsigned char data[kDataBytesMax];
  const size_t data_bytes = associate(place, format, data);
  unsigned char* nonce = append_header(sealed, format);
  randombytes_buf(nonce, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, NULL, content, content_bytes,
                                             data, data_bytes, NULL, nonce, key);
  return content_bytes + kSealOverheadBytes;
}

size_t raw_seal(const unsigned char* key, const struct raw_place* place, const char* text,
                size_t text_bytes, unsigned char* sealed) {
  return encrypt(key, place, kPlain, (const unsigned char*)text, text_bytes, sealed);
}

size_t raw_seal_compressed(const unsigned char* key, const struct raw_place* place,
                           const char* text, size_t text_bytes, LZ4_stream_t* press,
                           unsigned char* sealed) {
  unsigned char* content = sealed + kHeaderBytes + kNonceBytes;
  char* block = (char*)append_number(content, text_bytes);
  const size_t block_bytes_max = text_bytes - text_bytes / 16 - kLengthBytes;
  LZ4_resetStream_fast(press);
  const int block_bytes =
      LZ4_compress_fast_continue(press, text, block, (int)text_bytes, (int)block_bytes_max, 1);
  if (block_bytes > 0) {
    return encrypt(key, place, kCompressed, content, kLengthBytes + (size_t)block_bytes, sealed);
  }
  LZ4_initStream(press, sizeof *press);
  return raw_seal(key, place, text, text_bytes, sealed);
}

static int decompress(const unsigned char* content, size_t content_bytes, char* text,
                      size_t text_bytes_max, size_t* text_bytes) {
  if (content_bytes < kLengthBytes) return SQLITE_CORRUPT;
  *text_bytes =
      content[0] | (size_t)content[1] << 8 | (size_t)content[2] << 16 | (size_t)content[3] << 24;
  if (*text_bytes > text_bytes_max) return SQLITE_CORRUPT;
  const int made = LZ4_decompress_safe((const char*)content + kLengthBytes, text,
                                       (int)(content_bytes - kLengthBytes), (int)*text_bytes);
  return made >= 0 && (size_t)made == *text_bytes ? SQLITE_OK : SQLITE_CORRUPT;
}

int raw_open(const unsigned char* key, const struct raw_place* place, const unsigned char* sealed,
             size_t sealed_bytes, char* text, size_t text_bytes_max, size_t* text_bytes) {
  unsigned char data[kDataBytesMax];
  unsigned char content[kSealedBytesMax];
  if (sealed_bytes < kSealOverheadBytes || sealed_bytes > kSealedBytesMax) return SQLITE_CORRUPT;
  const size_t content_bytes = sealed_bytes - kSealOverheadBytes;
  const int is_plain = sealed[0] == kPlain;
  if (is_plain && content_bytes > text_bytes_max) return SQLITE_CORRUPT;
  const size_t data_bytes = associate(place, is_plain ? kPlain : kCompressed, data);
  const unsigned char* nonce = sealed + kHeaderBytes;
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      is_plain ? (unsigned char*)text : content, NULL, NULL, nonce + kNonceBytes,
      sealed_bytes - kHeaderBytes - kNonceBytes, data, data_bytes, nonce, key);
  if (code != 0) return SQLITE_CORRUPT;
  *text_bytes = content_bytes;
  return is_plain ? SQLITE_OK
                  : decompress(content, content_bytes, text, text_bytes_max, text_bytes);
}
