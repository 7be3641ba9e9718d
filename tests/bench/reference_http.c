#define _GNU_SOURCE /* memmem */

#include "tests/bench/reference_http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int reference_connect(uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return connection;
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection, (const struct sockaddr*)&address, sizeof address) == 0) return connection;
  close(connection);
  return -1;
}

/* Head and body in one call. A short write is finished by itself. */
static int send_all(int connection, const char* head, size_t head_bytes, const char* body,
                    size_t body_bytes) {
  struct iovec parts[2] = {{(void*)(uintptr_t)head, head_bytes},
                           {(void*)(uintptr_t)body, body_bytes}};
  ssize_t sent = writev(connection, parts, 2);
  if (sent < (ssize_t)head_bytes) return -1;
  for (size_t at = (size_t)sent - head_bytes; at < body_bytes; at += (size_t)sent) {
    sent = send(connection, body + at, body_bytes - at, MSG_NOSIGNAL);
    if (sent <= 0) return -1;
  }
  return 0;
}

static const char* read_answer(int connection, char* buffer, size_t buffer_bytes) {
  size_t got = 0;
  size_t whole = 0;
  const char* body = NULL;
  while (whole == 0 || got < whole) {
    const ssize_t more = recv(connection, buffer + got, buffer_bytes - 1 - got, 0);
    if (more <= 0) return NULL;
    got += (size_t)more;
    if (whole != 0) continue;
    const char* end = memmem(buffer, got, "\r\n\r\n", 4);
    if (end == NULL) continue;
    const char* length = memmem(buffer, got, "Content-Length: ", 16);
    if (length == NULL || length > end || memcmp(buffer, "HTTP/1.1 200", 12) != 0) return NULL;
    body = end + 4;
    whole = (size_t)(body - buffer) + strtoul(length + 16, NULL, 10);
    if (whole >= buffer_bytes) return NULL;
  }
  buffer[whole] = '\0';
  return body;
}

const char* reference_post(int connection, const char* target, const char* body, size_t body_bytes,
                           char* buffer, size_t buffer_bytes) {
  char head[256];
  const int head_bytes = snprintf(head, sizeof head,
                                  "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                  "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                                  target, body_bytes);
  if (send_all(connection, head, (size_t)head_bytes, body, body_bytes) != 0) return NULL;
  return read_answer(connection, buffer, buffer_bytes);
}
