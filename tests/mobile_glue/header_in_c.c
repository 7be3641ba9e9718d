/* The header as a C host sees it; compiled as C11 with every warning an error. */
#include "mobile_glue/c/landfall.h"

#include <stddef.h>

int landfall_test_header_in_c(void);

int landfall_test_header_in_c(void) {
  char* error = NULL;
  if (landfall_open(NULL, &error) != NULL || error == NULL) return __LINE__;
  landfall_free_text(error);
  if (landfall_open("{}", NULL) != NULL) return __LINE__;
  if (landfall_send(NULL, "{}") != LANDFALL_BAD_ARGUMENT) return __LINE__;
  if (landfall_enqueue(NULL, "{}") != (int64_t)LANDFALL_BAD_ARGUMENT) return __LINE__;
  if (landfall_poll(NULL, 1000) != NULL) return __LINE__;
  if (landfall_version() == NULL) return __LINE__;
  if (landfall_suspend(NULL, 1000) != LANDFALL_BAD_ARGUMENT) return __LINE__;
  if (landfall_resume(NULL) != LANDFALL_BAD_ARGUMENT) return __LINE__;
  if (landfall_run_window(NULL, 1000) != LANDFALL_BAD_ARGUMENT) return __LINE__;
  if (landfall_next_window(NULL) != (int64_t)LANDFALL_BAD_ARGUMENT) return __LINE__;
  landfall_close(NULL);
  landfall_free_text(NULL);
  return 0;
}
