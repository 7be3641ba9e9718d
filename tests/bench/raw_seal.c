#include "tests/bench/raw_seal.h"

#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

enum { kHeaderBytes = 1 + 4, kNonceBytes = 24, kTagBytes = 16, kDataBytesMax = 256 };

/* Format 1, version 1 of the key. */
static const unsigned char kHeader[kHeaderBytes] = {1, 1, 0, 0, 0};

static unsigned char* append_text(unsigned char* data, const void* text, size_t bytes) {
  data[0] = (unsigned char)bytes;
  data[1] = data[2] = data[3] = 0;
  memcpy(data + 4, text, bytes);
  return data + 4 + bytes;
}

/* The place and the row's key, each after its length. */
static size_t associate(const struct raw_place* place, unsigned char* data) {
  memcpy(data, kHeader, kHeaderBytes);
  unsigned char* end = append_text(data + kHeaderBytes, place->name, strlen(place->name));
  end = append_text(end, place->row, place->row_bytes);
  return (size_t)(end - data);
}

size_t raw_seal(const unsigned char* key, const struct raw_place* place, const char* text,
                size_t text_bytes, unsigned char* sealed) {
  unsigned char data[kDataBytesMax];
  const size_t data_bytes = associate(place, data);
  memcpy(sealed, kHeader, kHeaderBytes);
  unsigned char* nonce = sealed + kHeaderBytes;
  randombytes_buf(nonce, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, NULL, (const unsigned char*)text,
                                             text_bytes, data, data_bytes, NULL, nonce, key);
  return text_bytes + kSealOverheadBytes;
}

int raw_open(const unsigned char* key, const struct raw_place* place, const unsigned char* sealed,
             size_t sealed_bytes, char* text, size_t text_bytes_max, size_t* text_bytes) {
  unsigned char data[kDataBytesMax];
  const size_t data_bytes = associate(place, data);
  if (sealed_bytes < kSealOverheadBytes || sealed_bytes - kSealOverheadBytes > text_bytes_max) {
    return SQLITE_CORRUPT;
  }
  const unsigned char* nonce = sealed + kHeaderBytes;
  *text_bytes = sealed_bytes - kSealOverheadBytes;
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      (unsigned char*)text, NULL, NULL, nonce + kNonceBytes,
      sealed_bytes - kHeaderBytes - kNonceBytes, data, data_bytes, nonce, key);
  return code == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}
