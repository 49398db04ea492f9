#include "lacuna/embeddings/embed_files.h"

#include "lacuna/files/npy_rows.h"

namespace lacuna::embeddings {
namespace {

constexpr std::size_t kBatchTexts = 1024, kBatchBytes = std::size_t{4} << 20;

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

}  // namespace

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
