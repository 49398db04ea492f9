#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "document_pool.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/corpus/words.h"

namespace lacuna::corpus {

namespace {

// Fields by which the well-known corpora name the set a document came from, best first.
constexpr std::array kSourceFields = {"source", "meta.pile_set_name", "red_pajama_subset", "subset", "dump", "language"};

std::size_t documentsWith(const std::vector<Candidate>& candidates, const std::string& field) {
  return static_cast<std::size_t>(std::count_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    const auto at = candidate.metadata.find(field);
    return at != candidate.metadata.end() && !at->second.empty();
  }));
}

std::string fieldsOf(const std::vector<Candidate>& candidates) {
  std::set<std::string> fields;
  for (const Candidate& candidate : candidates)
    for (const auto& [name, value] : candidate.metadata) fields.insert(name);
  std::string names;
  for (const std::string& name : fields) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

/// The asked field, or the first well-known one that at least half of the documents have; empty when there is none.
std::string sourceField(const CorpusConfig& config, const std::vector<Candidate>& candidates) {
  if (!config.sourceField.empty()) {
    if (documentsWith(candidates, config.sourceField) == 0)
      throw Error("LAC-1103", config.path.string() + ": no document has the source field '" + config.sourceField + "'",
                  "fields found: " + fieldsOf(candidates));
    return config.sourceField;
  }
  for (const char* field : kSourceFields)
    if (2 * documentsWith(candidates, field) >= candidates.size()) return field;
  return {};
}

Role roleOf(const std::string& content, std::uint64_t seed) {
  const double u = Rng(seed, "corpus.role", contentNumber(content)).uniform();
  return u < .6 ? Role::Fit : u < .8 ? Role::Tune : Role::Evaluate;
}

void addDocuments(Corpus& corpus, std::vector<Candidate>&& candidates, const std::string& field, std::uint64_t seed) {
  std::unordered_map<std::string, std::int64_t> families;
  Hasher hasher;
  for (Candidate& candidate : candidates) {
    Document document;
    document.id = DocumentId(static_cast<std::int64_t>(corpus.documents.size()));
    document.family = FamilyId(families.emplace(candidate.content, static_cast<std::int64_t>(families.size())).first->second);
    document.role = roleOf(candidate.content, seed);
    document.text = std::move(candidate.text);
    document.metadata = std::move(candidate.metadata);
    if (const auto at = document.metadata.find(field); at != document.metadata.end()) document.source = at->second;
    document.duplicates = candidate.duplicates;
    hasher.add(document.text).add(document.source);
    for (const auto& [name, value] : document.metadata) hasher.add(name).add(value);
    corpus.documents.push_back(std::move(document));
  }
  corpus.families = static_cast<std::int64_t>(families.size());
  corpus.hash = hasher.hex();
}

}  // namespace

Corpus readCorpus(const CorpusConfig& config, const RunContext& context) {
  DocumentPool pool(context.seed, static_cast<std::uint64_t>(std::max<std::int64_t>(0, config.maxDocuments)), config.dropDuplicates);
  std::uint64_t order = 0, blank = 0;
  files::ReadOptions options;
  options.textField = config.textField;
  Corpus corpus;
  corpus.report = files::readRecords(config.path, options, context, [&](files::Record&& record) {
    const std::string normalised = normalisedText(record.text);
    if (normalised.empty()) ++blank;
    else pool.add({std::move(record.text), contentHash(std::string_view(normalised)), std::move(record.metadata), order++, 0});
    return true;
  });
  if (blank > 0) {   // nothing but white space is as empty as nothing
    corpus.report.bad["empty_text"] += blank;
    corpus.report.documents -= std::min(blank, corpus.report.documents);
  }
  corpus.duplicatesDropped = pool.duplicatesDropped();
  std::vector<Candidate> candidates = pool.take();
  if (candidates.empty())
    throw Error("LAC-1102", config.path.string() + ": no document is left to work with; " + std::to_string(blank) + " held only white space",
                "check the path and the text field ('" + corpus.report.textField + "')");
  const std::string field = sourceField(config, candidates);
  addDocuments(corpus, std::move(candidates), field, context.seed);
  return corpus;
}

}  // namespace lacuna::corpus
