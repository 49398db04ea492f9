#pragma once

#include <filesystem>
#include <string>

#include "lacuna/base/run_context.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"

namespace lacuna::embeddings {

/// The texts of a corpus, in the order of its files → .npy float32 [documents, dimensions]. Read and written as a stream: memory does
/// not depend on the corpus. Rows that are no document (the report counts them) have no row in the file. Reports progress by bytes
/// read, can be cancelled; the file appears when all is done. Throws LAC-1101, LAC-3002.
files::ReadReport embedTexts(const SentenceEncoder& encoder, const std::filesystem::path& corpus, const files::ReadOptions& options,
                             const std::filesystem::path& out, const RunContext& context);

}  // namespace lacuna::embeddings
