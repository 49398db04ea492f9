#include <map>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/embeddings/text_encoder.h"

namespace lacuna::embeddings {

void SourceLength::add(const TextLength& length) {
  ++documents;
  cut += length.read < length.tokens ? 1 : 0;
  tokens += length.tokens;
  lost += length.tokens - length.read;
}

std::vector<SourceLength> lengthsBySource(const corpus::Corpus& corpus, std::span<const TextLength> lengths) {
  LACUNA_CHECK(lengths.empty() || lengths.size() == corpus.documents.size());
  std::map<std::string, SourceLength> bySource;
  for (std::size_t i = 0; i < corpus.documents.size(); ++i) bySource[corpus.documents[i].source].add(lengths.empty() ? TextLength() : lengths[i]);
  std::vector<SourceLength> out;
  for (auto& [name, length] : bySource) {
    length.source = name;
    out.push_back(std::move(length));
  }
  return out;
}

std::string lossInWords(const SourceLength& all) {
  if (all.cut == 0) return {};
  const double share = 100 * static_cast<double>(all.lost) / static_cast<double>(all.tokens);
  return std::to_string(all.cut) + " of " + std::to_string(all.documents) + " documents are longer than the encoder reads, " + formatFixed(share, 1) +
         " % of all tokens are lost";
}

}  // namespace lacuna::embeddings
