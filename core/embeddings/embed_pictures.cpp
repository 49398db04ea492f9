#include <algorithm>
#include <system_error>

#include "embed_documents.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"
#include "lacuna/corpus/filter.h"
#include "picture_vectors.h"

namespace lacuna::embeddings {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamed = 3;

/// Where a document's picture lies: below the first of the roots that has it. Empty: it names none, or one outside of the corpus.
fs::path pictureOf(const corpus::Document& document, const std::string& field, std::span<const fs::path> roots) {
  const fs::path named = fs::path(corpus::fieldOf(document.metadata, field).value_or("")).lexically_normal();
  if (named.empty() || named.is_absolute() || *named.begin() == "..") return {};
  std::error_code none;
  for (const fs::path& root : roots)
    if (fs::is_regular_file(root / named, none)) return root / named;
  return roots.front() / named;
}

/// Pictures as texts of what they hold and where they lie, so that they are read and kept as texts are.
class PictureEncoder : public TextEncoder {
 public:
  PictureEncoder(const fs::path& folder, const RunContext& context)
      : m_processor(model::ImageProcessor::read(folder)), m_encoder(model::Encoder::load(folder, context, {.heads = false})),
        m_hash(Hasher().add("pictures").add(m_encoder->info().hash).add(contentHash(folder / "preprocessor_config.json")).hex()) {}

  static std::string asText(const fs::path& picture) {
    std::error_code none;
    if (picture.empty() || !fs::is_regular_file(picture, none)) return "\n" + picture.string();
    return contentHash(picture) + "\n" + picture.string();
  }
  std::int64_t dimensions() const override { return m_encoder->info().width; }
  std::string hash() const override { return m_hash; }
  EncodedTexts read(std::span<const std::string> texts, const RunContext& context) const override {
    EncodedTexts out{MatrixF(std::ssize(texts), dimensions()), std::vector<TextLength>(texts.size())};
    std::vector<fs::path> paths;
    for (const std::string& text : texts) paths.emplace_back(text.substr(text.find('\n') + 1));
    for (std::size_t first = 0; first < paths.size(); first += kBatchPictures) {
      context.checkpoint();
      const auto batch = std::span(paths).subspan(first, std::min(kBatchPictures, paths.size() - first));
      out.vectors.middleRows(static_cast<Eigen::Index>(first), std::ssize(batch)) = pictureVectors(*m_encoder, m_processor, batch, context, m_unreadable);
    }
    return out;
  }
  const std::vector<std::string>& unreadable() const { return m_unreadable; }

 private:
  model::ImageProcessor m_processor;
  std::shared_ptr<const model::Encoder> m_encoder;
  std::string m_hash;
  mutable std::vector<std::string> m_unreadable;   ///< read() runs on one thread
};

}  // namespace

EmbeddingSet embedPictures(const corpus::Corpus& corpus, std::span<const fs::path> roots, const fs::path& folder, const EmbeddingConfig& config,
                           const RunContext& context, const files::CacheSettings& cache) {
  LACUNA_CHECK(!roots.empty());
  const PictureEncoder encoder(folder, context);
  corpus::Corpus pictures;
  std::int64_t named = 0;
  const auto add = [&](const std::vector<corpus::Document>& from, std::vector<corpus::Document>& to) {
    for (const corpus::Document& document : from) {
      context.checkpoint();
      const fs::path picture = pictureOf(document, config.imageField, roots);
      named += picture.empty() ? 0 : 1;
      to.emplace_back().text = PictureEncoder::asText(picture);
    }
  };
  add(corpus.documents, pictures.documents);
  if (named == 0 && !corpus.documents.empty())
    throw Error("LAC-1603", "embedding pictures: no document has the field '" + config.imageField + "' with the name of a picture",
                "set embedding.image_field to the field that holds names of PNG or JPEG files, relative to the corpus");
  add(corpus.contaminated, pictures.contaminated);
  EmbeddingSet set = embedDocuments(pictures, encoder, config, "pictures of '" + config.imageField + "'", context, cache);
  set.lengths.clear();   // pictures have none
  const auto without = std::count(set.degenerate.begin(), set.degenerate.end(), 1);
  if (without > 0) set.description += ", " + std::to_string(without) + " documents without a picture that can be read";
  for (std::size_t i = 0; i < std::min(kNamed, encoder.unreadable().size()); ++i) log::warning(encoder.unreadable()[i]);
  return set;
}

}  // namespace lacuna::embeddings
