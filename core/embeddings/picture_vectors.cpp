#include "picture_vectors.h"

#include <limits>
#include <optional>

#include "lacuna/base/error.h"
#include "lacuna/files/image.h"

namespace lacuna::embeddings {

MatrixF pictureVectors(const model::Encoder& encoder, const model::ImageProcessor& processor, std::span<const std::filesystem::path> paths,
                       const RunContext& context, std::vector<std::string>& unreadable) {
  std::vector<std::optional<model::EncoderImage>> prepared(paths.size());
  std::vector<std::string> why(paths.size());
  parallelFor(std::ssize(paths), context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      try {
        prepared[i] = processor(files::readImage(paths[i]));
      } catch (const Error& error) {
        why[i] = error.message();
      }
    }
  });
  std::vector<model::EncoderImage> images;
  std::vector<Eigen::Index> rows;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!prepared[i]) {
      unreadable.push_back(why[i]);
      continue;
    }
    images.push_back(std::move(*prepared[i]));
    rows.push_back(static_cast<Eigen::Index>(i));
  }
  MatrixF out = MatrixF::Constant(std::ssize(paths), encoder.info().width, std::numeric_limits<float>::quiet_NaN());
  model::EncoderRequest request;
  request.pooler = true;
  const model::EncoderResult result = model::encode(encoder, images, request, context);
  for (std::size_t i = 0; i < rows.size(); ++i) out.row(rows[i]) = result.pooler.row(static_cast<Eigen::Index>(i));
  return out;
}

}  // namespace lacuna::embeddings
