#include "lacuna/embeddings/embed_files.h"

#include <limits>
#include <optional>

#include "lacuna/base/error.h"
#include "lacuna/files/image.h"
#include "lacuna/files/npy_rows.h"
#include "lacuna/model/encoder.h"
#include "lacuna/model/image_processor.h"

namespace lacuna::embeddings {
namespace {

constexpr std::size_t kBatchTexts = 1024, kBatchBytes = std::size_t{4} << 20, kBatchImages = 32;

/// Collects texts, and writes their vectors whenever there are enough of them.
class TextSink {
 public:
  TextSink(const SentenceEncoder& encoder, const std::filesystem::path& out, const RunContext& context)
      : m_encoder(encoder), m_context(context), m_rows(out, encoder.dimensions()) {}

  void add(std::string text) {
    m_bytes += text.size();
    m_texts.push_back(std::move(text));
    if (m_texts.size() >= kBatchTexts || m_bytes >= kBatchBytes) flush();
  }

  void commit() {
    flush();
    m_rows.commit();
  }

 private:
  void flush() {
    if (!m_texts.empty()) m_rows.add(m_encoder.encode(m_texts, m_context));
    m_texts.clear();
    m_bytes = 0;
  }

  const SentenceEncoder& m_encoder;
  const RunContext& m_context;
  files::NpyRows m_rows;
  std::vector<std::string> m_texts;
  std::size_t m_bytes = 0;
};

/// The vectors of some pictures; a row of NaN where one cannot be read, and why.
MatrixF vectorsOf(const model::Encoder& encoder, const model::ImageProcessor& processor, std::span<const std::filesystem::path> paths,
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

}  // namespace

bool embedsImages(const std::filesystem::path& encoder) { return model::isEncoderFolder(encoder) && model::inspectEncoder(encoder).vision; }

ImageReport embedImages(const std::filesystem::path& folder, const std::filesystem::path& images, const std::filesystem::path& out,
                        const RunContext& context) {
  const model::ImageProcessor processor = model::ImageProcessor::read(folder);
  const std::vector<std::filesystem::path> paths = files::listImages(images);
  const auto encoder = model::Encoder::load(folder, context, {.heads = false});
  ImageReport report{std::ssize(paths), encoder->info().width, {}};
  files::NpyRows rows(out, report.dimensions);
  for (std::size_t first = 0; first < paths.size(); first += kBatchImages) {
    context.checkpoint();
    context.report("Embedding pictures", first, paths.size());
    const auto batch = std::span(paths).subspan(first, std::min(kBatchImages, paths.size() - first));
    rows.add(vectorsOf(*encoder, processor, batch, context, report.unreadable));
  }
  context.report("Embedding pictures", paths.size(), paths.size());
  rows.commit();
  return report;
}

files::ReadReport embedTexts(const SentenceEncoder& encoder, const std::filesystem::path& corpus, const files::ReadOptions& options,
                             const std::filesystem::path& out, const RunContext& context) {
  TextSink sink(encoder, out, context);
  const files::ReadReport report = files::readRecords(corpus, options, context, [&](files::Record&& record) {
    sink.add(std::move(record.text));
    return true;
  });
  sink.commit();
  return report;
}

}  // namespace lacuna::embeddings
