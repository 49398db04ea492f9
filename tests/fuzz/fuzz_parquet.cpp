#include "read_corpus_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  readCorpusBytes("x.parquet", {reinterpret_cast<const char*>(data), size}, "text");
  return 0;
}
