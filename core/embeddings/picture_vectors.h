#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/model/encoder.h"
#include "lacuna/model/image_processor.h"

namespace lacuna::embeddings {

inline constexpr std::size_t kBatchPictures = 32;   // decoded pictures in memory at a time

/// Class tokens of some pictures after the final norm [paths, width]; a row of NaN where one cannot be read, and why.
MatrixF pictureVectors(const model::Encoder& encoder, const model::ImageProcessor& processor, std::span<const std::filesystem::path> paths,
                       const RunContext& context, std::vector<std::string>& unreadable);

}  // namespace lacuna::embeddings
