/* What the C faces of this library share. Strings are (pointer, length), UTF-8, never NUL-terminated. Every call returns a status; a call
 * that did not return LCT_OK leaves its outputs untouched, unless it says otherwise, and says why in lct_last_error() of the calling
 * thread. Panics are caught and become LCT_PANIC. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  LCT_OK = 0,
  LCT_INVALID_ARGUMENT = 1,
  LCT_INVALID_UTF8 = 2,
  LCT_PARSE = 3,
  LCT_IO = 4,
  LCT_ENCODE = 5,
  LCT_DECODE = 6,
  LCT_PANIC = 7
} lct_status;

typedef struct {
  const char* data;
  size_t size;
} lct_string;

/* The message of the last failure on this thread; valid until the next call on it. */
lct_string lct_last_error(void);

#ifdef __cplusplus
}
#endif
