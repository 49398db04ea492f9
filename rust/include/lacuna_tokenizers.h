/* The C face of the Hugging Face `tokenizers` crate. A tokenizer may be used by many threads at once. */
#pragma once

#include "lacuna_rust.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lct_tokenizer lct_tokenizer;

/* Owned by the caller: lct_buffer_free. */
typedef struct {
  const char* data;
  size_t size;
} lct_buffer;

/* Arrays of `size` tokens, offsets 2 · size byte offsets, the tokens' texts one after the other; owned by the caller:
 * lct_encoding_free. */
typedef struct {
  const uint32_t* ids;
  const uint32_t* type_ids;
  const uint32_t* offsets;
  const uint8_t* special;
  const char* tokens;
  const uint32_t* token_sizes;
  size_t size;
  void* owner;
} lct_encoding;

/* Ids of many texts one after the other; row r is ids[row_splits[r]] … ids[row_splits[r + 1]]. Owned by the caller: lct_batch_free. */
typedef struct {
  const uint32_t* ids;
  const size_t* row_splits;
  size_t rows;
  void* owner;
} lct_batch;

enum { LCT_ADD_SPECIAL = 1, LCT_WANT_OFFSETS = 2, LCT_SPECIAL_AS_TEXT = 4 };

/* Truncation and padding of the file are cleared. */
lct_status lct_tokenizer_from_json(lct_string json, lct_tokenizer** tokenizer);
void lct_tokenizer_free(lct_tokenizer* tokenizer);
lct_status lct_tokenizer_to_json(const lct_tokenizer* tokenizer, lct_buffer* json);
/* "BPE", "WordPiece", "Unigram", "WordLevel"; static. */
lct_status lct_kind(const lct_tokenizer* tokenizer, lct_string* kind);

/* pair may be null. Without LCT_WANT_OFFSETS all offsets are 0 and encoding is faster. */
lct_status lct_encode(const lct_tokenizer* tokenizer, lct_string text, const lct_string* pair, uint32_t flags,
                      lct_encoding* encoding);
/* Ids alone, in the calling thread. */
lct_status lct_encode_batch(const lct_tokenizer* tokenizer, const lct_string* texts, size_t count, uint32_t flags, lct_batch* batch);
lct_status lct_decode(const lct_tokenizer* tokenizer, const uint32_t* ids, size_t size, int skip_special, lct_buffer* text);
lct_status lct_id_to_token(const lct_tokenizer* tokenizer, uint32_t id, int* found, lct_buffer* token);
lct_status lct_token_to_id(const lct_tokenizer* tokenizer, lct_string token, int* found, uint32_t* id);
lct_status lct_vocab_size(const lct_tokenizer* tokenizer, int with_added, size_t* size);

/* Byte-level BPE; the same texts in any order give the same bytes. */
lct_status lct_train_byte_level_bpe(const lct_string* texts, size_t text_count, size_t vocab_size, const lct_string* specials,
                                    size_t special_count, lct_buffer* json);

/* Regular expressions in time linear in the text (syntax of the crate `regex`: no look-around, no back references). */
typedef struct lct_pattern lct_pattern;
lct_status lct_pattern_new(lct_string pattern, int ignore_case, lct_pattern** out);
lct_status lct_pattern_found(const lct_pattern* pattern, lct_string text, int* found);
void lct_pattern_free(lct_pattern* pattern);

/* Unicode's composed normal form (NFC). */
lct_status lct_nfc(lct_string text, lct_buffer* composed);

void lct_buffer_free(lct_buffer buffer);
void lct_encoding_free(lct_encoding encoding);
void lct_batch_free(lct_batch batch);

#ifdef __cplusplus
}
#endif
