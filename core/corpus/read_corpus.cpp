#include <algorithm>
#include <map>
#include <queue>
#include <unordered_map>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/rng.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/corpus/words.h"

namespace lacuna::corpus {
namespace {

/// Fields that name a document's origin in known corpora, best first.
constexpr const char* kSourceFields[] = {"source", "meta.pile_set_name", "red_pajama_subset", "subset", "dump", "language"};

struct Candidate {
  std::uint64_t key = 0;       ///< decides who stays in a sample: of seed and row alone
  std::uint64_t row = 0;
  Document document;
  std::string normalHash;
};

std::string sourceOf(const files::Record& record, const std::string& field) {
  if (!field.empty()) {
    const auto it = record.metadata.find(field);
    return it == record.metadata.end() ? "" : it->second;
  }
  for (const char* name : kSourceFields)
    if (const auto it = record.metadata.find(name); it != record.metadata.end()) return it->second;
  return "";
}

/// Families stay together, and a document's role depends on its own text and the seed: not on order or on what else is there.
Role roleOf(const std::string& familyHash, std::uint64_t seed) {
  const double u = Rng(seed, "corpus-role/" + familyHash).uniform();
  return u < 0.6 ? Role::Fit : u < 0.8 ? Role::Tune : Role::Evaluate;
}

/// The rows that stay, in file order. With a limit: those with the smallest keys.
std::vector<Candidate> readCandidates(const CorpusConfig& config, const RunContext& context, files::ReadReport& report) {
  const auto larger = [](const Candidate& a, const Candidate& b) { return a.key < b.key; };
  std::vector<Candidate> heap;
  std::uint64_t row = 0;
  files::ReadOptions options;
  options.textField = config.textField;
  report = files::readRecords(config.path, options, context, [&](files::Record&& record) {
    Candidate c;
    c.row = row++;
    c.key = config.maxDocuments > 0 ? Rng(context.seed, "corpus-sample", c.row).nextU64() : 0;
    if (config.maxDocuments > 0 && static_cast<std::int64_t>(heap.size()) >= config.maxDocuments && c.key >= heap.front().key) return true;
    c.document.source = sourceOf(record, config.sourceField);
    c.normalHash = contentHash(std::string_view(normalisedText(record.text)));
    c.document.text = std::move(record.text);
    c.document.metadata = std::move(record.metadata);
    heap.push_back(std::move(c));
    if (config.maxDocuments <= 0) return true;
    std::push_heap(heap.begin(), heap.end(), larger);
    if (static_cast<std::int64_t>(heap.size()) > config.maxDocuments) {
      std::pop_heap(heap.begin(), heap.end(), larger);
      heap.pop_back();
    }
    return true;
  });
  std::sort(heap.begin(), heap.end(), [](const Candidate& a, const Candidate& b) { return a.row < b.row; });
  return heap;
}

}  // namespace

Corpus readCorpus(const CorpusConfig& config, const RunContext& context) {
  Corpus corpus;
  std::vector<Candidate> candidates = readCandidates(config, context, corpus.report);
  std::unordered_map<std::string, std::size_t> firstOf;        // normalised text → its first document
  std::unordered_map<std::string, FamilyId> familyOf;
  Hasher hasher;
  for (Candidate& c : candidates) {
    const auto known = firstOf.find(c.normalHash);
    if (known != firstOf.end() && config.dropDuplicates) {
      ++corpus.documents[known->second].duplicates;
      ++corpus.duplicatesDropped;
      continue;
    }
    const auto [family, isNew] = familyOf.emplace(c.normalHash, FamilyId(static_cast<std::int64_t>(familyOf.size())));
    firstOf.emplace(c.normalHash, corpus.documents.size());
    Document& d = c.document;
    d.id = DocumentId(static_cast<std::int64_t>(corpus.documents.size()));
    d.family = family->second;
    d.role = roleOf(c.normalHash, context.seed);
    hasher.add(d.text);
    corpus.documents.push_back(std::move(d));
  }
  if (corpus.documents.empty())
    throw Error("LAC-1102", config.path.string() + ": no documents are left", "check the text field and the filters");
  corpus.families = static_cast<std::int64_t>(familyOf.size());
  corpus.hash = hasher.hex();
  return corpus;
}

}  // namespace lacuna::corpus
