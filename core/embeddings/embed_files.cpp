#include "lacuna/embeddings/embed_files.h"

#include <algorithm>
#include <functional>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/corpus/filter.h"
#include "lacuna/embeddings/post_process.h"
#include "lacuna/files/image.h"
#include "lacuna/files/npy_rows.h"
#include "picture_vectors.h"
#include "unit_rows.h"

namespace lacuna::embeddings {
namespace {

constexpr std::size_t kBatchTexts = 1024, kBatchBytes = std::size_t{4} << 20;

/// Collects texts, and hands on their vectors whenever there are enough of them.
class TextSink {
 public:
  TextSink(const SentenceEncoder& encoder, std::function<void(MatrixF&&)> use, const RunContext& context)
      : m_encoder(encoder), m_context(context), m_use(std::move(use)) {}

  void add(std::string text, const std::string& source) {
    m_bytes += text.size();
    m_texts.push_back(std::move(text));
    m_sources.push_back(source);
    if (m_texts.size() >= kBatchTexts || m_bytes >= kBatchBytes) flush();
  }

  void flush() {
    if (m_texts.empty()) return;
    EncodedTexts made = m_encoder.read(m_texts, m_context);
    for (std::size_t i = 0; i < m_texts.size(); ++i) m_lengths[m_sources[i]].add(made.lengths[i]);
    m_use(std::move(made.vectors));
    m_texts.clear();
    m_sources.clear();
    m_bytes = 0;
  }

  std::vector<SourceLength> lengths() const {
    std::vector<SourceLength> out;
    for (const auto& [source, length] : m_lengths) {
      out.push_back(length);
      out.back().source = source;
    }
    return out;
  }

 private:
  const SentenceEncoder& m_encoder;
  const RunContext& m_context;
  std::function<void(MatrixF&&)> m_use;
  std::vector<std::string> m_texts, m_sources;
  std::map<std::string, SourceLength> m_lengths;
  std::size_t m_bytes = 0;
};

/// All vectors, for steps that are fitted to them.
MatrixF joined(const std::vector<MatrixF>& parts, std::int64_t dimensions) {
  Eigen::Index rows = 0;
  for (const MatrixF& part : parts) rows += part.rows();
  MatrixF out(rows, dimensions);
  rows = 0;
  for (const MatrixF& part : parts) {
    out.middleRows(rows, part.rows()) = part;
    rows += part.rows();
  }
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
  for (std::size_t first = 0; first < paths.size(); first += kBatchPictures) {
    context.checkpoint();
    context.report("Embedding pictures", first, paths.size());
    const auto batch = std::span(paths).subspan(first, std::min(kBatchPictures, paths.size() - first));
    rows.add(pictureVectors(*encoder, processor, batch, context, report.unreadable));
  }
  context.report("Embedding pictures", paths.size(), paths.size());
  rows.commit();
  return report;
}

SourceLength TextReport::total() const {
  SourceLength out;
  for (const SourceLength& length : lengths) {
    out.documents += length.documents;
    out.cut += length.cut;
    out.tokens += length.tokens;
    out.lost += length.lost;
  }
  return out;
}

TextReport embedTexts(const SentenceEncoder& encoder, const std::filesystem::path& corpus, const EmbedTextsOptions& options,
                      const std::filesystem::path& out, const RunContext& context) {
  PostProcess::check(options.post, options.topComponents, encoder.dimensions());
  files::NpyRows rows(out, encoder.dimensions());
  std::vector<MatrixF> held;
  TextSink sink(encoder, [&](MatrixF&& vectors) {
    if (options.post.empty()) rows.add(vectors);
    else held.push_back(std::move(vectors));
  }, context);
  TextReport report;
  report.reading = files::readRecords(corpus, options.reading, context, [&](files::Record&& record) {
    const std::string source = options.sourceField.empty() ? "" : corpus::fieldOf(record.metadata, options.sourceField).value_or("");
    sink.add(std::move(record.text), source);
    return true;
  });
  sink.flush();
  report.lengths = sink.lengths();
  if (!options.post.empty()) {
    MatrixF all = joined(held, encoder.dimensions());
    held.clear();
    std::string post;
    const auto degenerate = normaliseRows(all, all.rows(), options.post, options.topComponents, post, context);
    report.degenerate = std::count(degenerate.begin(), degenerate.end(), 1);
    rows.add(all);
  }
  rows.commit();
  return report;
}

}  // namespace lacuna::embeddings
