#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"

namespace lacuna::embeddings {

struct EmbedTextsOptions {
  files::ReadOptions reading = {};
  std::string sourceField = {};              ///< lengths are counted by its values; empty: all together
  std::vector<std::string> post = {};        ///< steps of post_process.h; rows then have length 1, those without a direction 0
  int topComponents = 0;
};
/// What came of a corpus.
struct TextReport {
  files::ReadReport reading;
  std::vector<SourceLength> lengths;         ///< by source; "" are the documents without one
  std::int64_t degenerate = 0;               ///< rows that the steps leave without a direction
  SourceLength total() const;
};

/// The texts of a corpus, in the order of its files → .npy float32 [documents, dimensions]. Read and written as a stream, so that memory does
/// not depend on the corpus; with steps after the encoder all vectors are held. Rows that are no document (the report counts them) have no
/// row in the file. Reports progress by bytes read, can be cancelled; the file appears when all is done. Throws LAC-1101, LAC-1401, LAC-3002.
TextReport embedTexts(const SentenceEncoder& encoder, const std::filesystem::path& corpus, const EmbedTextsOptions& options,
                      const std::filesystem::path& out, const RunContext& context);

/// What came of a folder of pictures.
struct ImageReport {
  std::int64_t images = 0, dimensions = 0;
  std::vector<std::string> unreadable;   ///< why, with the file; their rows are NaN
};

/// PNG and JPEG files below a folder, in the natural order of their paths → .npy float32 [images, width]: the class token of a DINOv2
/// folder after its final norm, pictures prepared as its preprocessor_config.json says. A few pictures are in memory at a time.
/// Throws LAC-1001 … LAC-1004, LAC-1101 (no pictures), LAC-2001, LAC-3002.
ImageReport embedImages(const std::filesystem::path& encoder, const std::filesystem::path& images, const std::filesystem::path& out,
                        const RunContext& context);
/// Is this the folder of an encoder of pictures?
bool embedsImages(const std::filesystem::path& encoder);

}  // namespace lacuna::embeddings
