#ifndef LANDFALL_TESTS_BENCH_REFERENCE_HTTP_H
#define LANDFALL_TESTS_BENCH_REFERENCE_HTTP_H

/* The references' network: one kept connection in blocking calls. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* To 127.0.0.1; negative when nobody listens. */
int reference_connect(uint16_t port);
/* Sends the body as JSON and reads the whole answer, whose body is returned with a zero behind it;
 * NULL when there is none with status 200 that fits. `buffer` keeps it until the next call. */
const char* reference_post(int connection, const char* target, const char* body, size_t body_bytes,
                           char* buffer, size_t buffer_bytes);

#ifdef __cplusplus
}
#endif

#endif /* LANDFALL_TESTS_BENCH_REFERENCE_HTTP_H */
