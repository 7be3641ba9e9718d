/* The smallest host: opens the engine, keeps its secrets in memory, logs in, prints what it hears.
 * Usage: minimal <directory>. A real host stores secrets in the system's secure storage. */
#include <landfall.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRETS_MAX 8

static struct {
  char name[160];
  char value[160];
} secrets[SECRETS_MAX];
static int secret_count = 0;

/* The string member `key` of a flat message, for want of a JSON library. */
static int text_at(const char* json, const char* key, char* out, size_t size) {
  char quoted[32];
  (void)snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
  const char* begin = strstr(json, quoted);
  if (begin == NULL) return 0;
  begin += strlen(quoted);
  const size_t length = strcspn(begin, "\"");
  if (length >= size) return 0;
  memcpy(out, begin, length);
  out[length] = '\0';
  return 1;
}

static const char* find_secret(const char* name) {
  for (int i = 0; i < secret_count; ++i) {
    if (strcmp(secrets[i].name, name) == 0) return secrets[i].value;
  }
  return NULL;
}

static int keep_secret(const char* json) {
  if (secret_count == SECRETS_MAX) return 0;
  return text_at(json, "name", secrets[secret_count].name, sizeof secrets[0].name) &&
         text_at(json, "value", secrets[secret_count].value, sizeof secrets[0].value) &&
         ++secret_count > 0;
}

/* Answers {"question":n,"port":"secret.read|secret.write","data":{...}}. */
static void answer(landfall_engine* engine, const char* question) {
  char name[160] = "";
  char text[512];
  const long number = strtol(strstr(question, "\"question\":") + strlen("\"question\":"), NULL, 10);
  if (strstr(question, "\"port\":\"secret.write\"") != NULL) {
    (void)snprintf(
        text, sizeof text, "{\"answer\":%ld,%s}", number,
        keep_secret(question) ? "\"result\":{}" : "\"error\":{\"code\":\"secret.full\"}");
  } else {
    (void)text_at(question, "name", name, sizeof name);
    const char* value = find_secret(name);
    if (value == NULL) {
      (void)snprintf(text, sizeof text, "{\"answer\":%ld,\"result\":{\"status\":\"absent\"}}",
                     number);
    } else {
      (void)snprintf(text, sizeof text,
                     "{\"answer\":%ld,\"result\":{\"status\":\"value\",\"value\":\"%s\"}}", number,
                     value);
    }
  }
  (void)landfall_send(engine, text);
}

static landfall_engine* open_engine(const char* directory) {
  char config[4096];
  (void)snprintf(config, sizeof config,
                 "{\"directory\":\"%s\",\"profile\":\"prokure\",\"app_version\":\"1.0.0\","
                 "\"platform\":\"ANDROID\",\"os_version\":\"14\",\"device_name\":\"desk\","
                 "\"locale\":\"en\",\"zone\":\"UTC\"}",
                 directory);
  char* error = NULL;
  landfall_engine* engine = landfall_open(config, &error);
  if (engine == NULL) (void)fprintf(stderr, "%s\n", error != NULL ? error : "no memory");
  landfall_free_text(error);
  return engine;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  landfall_engine* engine = open_engine(argv[1]);
  if (engine == NULL) return 1;

  int logged_in_asked = 0;
  int replied = 0;
  while (!replied) {
    const char* message = landfall_poll(engine, 10000);
    if (message == NULL) break;
    (void)printf("%s\n", message);
    replied = strncmp(message, "{\"error\":", 9) == 0 || strstr(message, "\"reply\":1,") != NULL;
    if (strstr(message, "\"question\":") != NULL) answer(engine, message);
    if (!logged_in_asked && strstr(message, "\"state\":\"locked\"") != NULL) {
      logged_in_asked = 1;
      (void)landfall_send(engine,
                          "{\"id\":1,\"request\":\"session.login\",\"params\":"
                          "{\"email\":\"asha@example.com\",\"password\":\"correct horse\"}}");
    }
  }
  landfall_close(engine);
  return replied ? 0 : 1;
}
