/* The C face of the `parquet` crate: rows of a file, one row group after the other. A file is used by one thread at a time. */
#pragma once

#include "lacuna_rust.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lcp_file lcp_file;

typedef enum {
  LCP_NULL = 0,
  LCP_TEXT = 1,     /* text; a column of strings may hold invalid UTF-8 */
  LCP_OTHER = 2,    /* text; dates, decimals and the like, written out */
  LCP_INTEGER = 3,  /* integer */
  LCP_UNSIGNED = 4, /* integer, to be read as uint64_t */
  LCP_REAL = 5,     /* real */
  LCP_TRUTH = 6,    /* integer, 0 or 1 */
  LCP_BYTES = 7     /* text; a column of bytes that is not said to hold text */
} lcp_kind;

typedef struct {
  int32_t kind;
  int64_t integer;
  double real;
  lct_string text;
} lcp_value;

/* LCT_IO: cannot be opened; LCT_PARSE: no Parquet file, or its footer is damaged. */
lct_status lcp_open(lct_string path, lcp_file** file);
void lcp_close(lcp_file* file);

/* The columns that have one value a row and lie at most one level deep, under dotted names; lists and deeper fields are left out. */
lct_status lcp_columns(lcp_file* file, size_t* count);
lct_status lcp_column_name(lcp_file* file, size_t column, lct_string* name);
lct_status lcp_groups(lcp_file* file, size_t* count);

/* Goes to a row group and decodes all its rows once, checksums included, a few hundred at a time. LCT_DECODE: one of them cannot be; `rows`
 * is set even then. */
lct_status lcp_begin_group(lcp_file* file, size_t group, size_t* rows);
/* The next row of the group, a value a column, valid until the next call; `more` is 0 at the end of the group. */
lct_status lcp_next(lcp_file* file, const lcp_value** values, int* more);

#ifdef __cplusplus
}
#endif
