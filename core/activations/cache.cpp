#include "cache.h"

#include <cstring>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"
#include "lacuna/files/files.h"

namespace lacuna::activations {
namespace {

constexpr std::int64_t kVersion = 2;
constexpr std::size_t kHashLength = 32;

/// Arrays one after the other, each behind its count; the content hash of all before it closes the file.
class Writer {
 public:
  template <class T> void array(const T* values, std::int64_t count) {
    m_bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
    m_bytes.append(reinterpret_cast<const char*>(values), static_cast<std::size_t>(count) * sizeof(T));
  }
  const std::string& finish() {
    m_bytes += contentHash(std::string_view(m_bytes));
    return m_bytes;
  }

 private:
  std::string m_bytes;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : m_bytes(bytes) {}
  /// Reads as many values as `count` says, or fails for good when the file holds another number.
  template <class T> void array(T* values, std::int64_t count) {
    std::int64_t stored = -1;
    if (m_ok && m_bytes.size() >= sizeof stored) std::memcpy(&stored, m_bytes.data(), sizeof stored);
    const std::size_t size = static_cast<std::size_t>(count) * sizeof(T);
    m_ok = m_ok && stored == count && m_bytes.size() - sizeof stored >= size;
    if (!m_ok) return;
    if (size > 0) std::memcpy(values, m_bytes.data() + sizeof stored, size);
    m_bytes.remove_prefix(sizeof stored + size);
  }
  bool complete() const { return m_ok && m_bytes.empty(); }

 private:
  std::string_view m_bytes;
  bool m_ok = true;
};

/// Walks all arrays of a set, for writing and for reading; sizes are set before.
template <class Archive> void walk(Archive& archive, ActivationSet& set) {
  archive.array(&set.truncated, 1);
  archive.array(set.tokens.data(), static_cast<std::int64_t>(set.tokens.size()));
  archive.array(set.usable.data(), static_cast<std::int64_t>(set.usable.size()));
  for (SiteActivations& site : set.sites) {
    archive.array(site.pooled.data(), site.pooled.size());
    for (VectorD* v : {&site.stats.mean, &site.stats.sd, &site.stats.meanSquare}) archive.array(v->data(), v->size());
    archive.array(site.stats.covariance.data(), site.stats.covariance.size());
    archive.array(&site.stats.rho, 1);
    archive.array(&site.stats.tokens, 1);
  }
}

}  // namespace

std::string cacheKey(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config) {
  Hasher hasher;
  hasher.add("activations").add(kVersion).add(model.info().hash).add(model.tokenizer().toJson()).add(static_cast<std::int64_t>(config.maxTokens));
  for (const model::Capture& site : config.sites) hasher.add(model::siteName(site.site)).add(static_cast<std::int64_t>(site.layer.value));
  for (const corpus::Document& d : corpus.documents) hasher.add(d.text).add(static_cast<std::int64_t>(d.role));
  return hasher.hex();
}

std::optional<ActivationSet> readCache(const std::filesystem::path& file, ActivationSet shapes) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) return std::nullopt;
  try {
    const std::string bytes = files::readText(file);
    if (bytes.size() < kHashLength) return std::nullopt;
    const std::string_view content = std::string_view(bytes).substr(0, bytes.size() - kHashLength);
    if (contentHash(content) != std::string_view(bytes).substr(content.size())) {
      log::warning(file.string() + ": the cached activations are damaged; they are computed again");
      return std::nullopt;
    }
    Reader reader(content);
    walk(reader, shapes);
    if (!reader.complete()) return std::nullopt;
    return shapes;
  } catch (const Error& e) {
    log::warning(e.message());
    return std::nullopt;
  }
}

void writeCache(const std::filesystem::path& file, ActivationSet& set) {
  try {
    std::filesystem::create_directories(file.parent_path());
    Writer writer;
    walk(writer, set);
    files::writeFileAtomically(file, writer.finish());
  } catch (const std::exception& e) {
    log::warning(file.string() + ": activations could not be cached: " + e.what());
  }
}

}  // namespace lacuna::activations
