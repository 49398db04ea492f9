#include "corpus_reading.h"

#include <algorithm>

#include "lacuna/base/hash.h"
#include "lacuna/corpus/words.h"

namespace lacuna::corpus {
namespace {

constexpr std::size_t kBatch = 512;
constexpr std::uint64_t kRowBits = 44;   // files × rows fit 64 bits

std::vector<std::filesystem::path> pathsOf(const CorpusConfig& config) {
  std::vector<std::filesystem::path> paths = {config.path};
  paths.insert(paths.end(), config.morePaths.begin(), config.morePaths.end());
  return paths;
}

files::ReadOptions optionsOf(const CorpusConfig& config) {
  files::ReadOptions options;
  options.textField = config.textField;
  options.textUnit = config.textUnit;
  options.anyOrder = config.dropDuplicates;   // copies that are kept are numbered as they come
  return options;
}

/// Normalised texts and their hashes are the work of reading; they are made for a batch at a time, on all threads.
class Batch {
 public:
  Batch(const RunContext& context, std::function<void(files::Record&&, std::string&&)> add)
      : m_threads(std::max(1, context.threadCount() - 1)), m_add(std::move(add)) {}

  void put(files::Record&& record) {
    m_records.push_back(std::move(record));
    if (m_records.size() == kBatch) flush();
  }
  void flush() {
    std::vector<std::string> contents(m_records.size());
    parallelFor(static_cast<std::int64_t>(m_records.size()), m_threads, 8, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        const std::string normalised = normalisedText(m_records[i].text);
        if (!normalised.empty()) contents[i] = contentHash(std::string_view(normalised));
      }
    });
    for (std::size_t i = 0; i < m_records.size(); ++i) m_add(std::move(m_records[i]), std::move(contents[i]));
    m_records.clear();
  }

 private:
  int m_threads;
  std::function<void(files::Record&&, std::string&&)> m_add;
  std::vector<files::Record> m_records;
};

/// n_s of every source that the filter wants.
std::map<std::string, std::uint64_t> sampleSizes(const CorpusConfig& config, const Filter& filter, const RunContext& context, std::string& field) {
  SourceTally tally(config.sourceField);
  files::readRecords(pathsOf(config), optionsOf(config), context, [&](files::Record&& record) {
    tally.add(record.metadata, filter.wants(record.metadata, record.text));
    return true;
  });
  field = tally.field(config.path);
  const std::vector<SourceCount> sources = tally.counts(field);
  std::vector<std::int64_t> sizes;
  for (const SourceCount& source : sources) sizes.push_back(source.wanted);
  const std::vector<std::int64_t> sample = allocateSample(sizes, config.sampling.size, config.sampling.power, config.sampling.floor);
  std::map<std::string, std::uint64_t> out;
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (sample[s] > 0) out[sources[s].source] = static_cast<std::uint64_t>(sample[s]);
  return out;
}

/// The pools that documents go to: one, or one a source.
class Pools {
 public:
  Pools(const CorpusConfig& config, const Filter& filter, const RunContext& context) : m_bySource(config.sampling.size > 0) {
    const auto limit = static_cast<std::uint64_t>(std::max<std::int64_t>(0, config.maxDocuments));
    if (!m_bySource) m_pools.emplace("", DocumentPool(context.seed, limit, config.dropDuplicates));
    else
      for (const auto& [source, size] : sampleSizes(config, filter, context, m_field))
        m_pools.emplace(source, DocumentPool(context.seed, size, config.dropDuplicates));
  }
  void add(Candidate&& candidate) {
    const std::string source = m_bySource ? fieldOf(candidate.metadata, m_field).value_or("") : "";
    if (const auto pool = m_pools.find(source); pool != m_pools.end()) pool->second.add(std::move(candidate));
  }
  std::vector<Candidate> take(std::int64_t& duplicates) {
    std::vector<Candidate> all;
    for (auto& [source, pool] : m_pools) {
      duplicates += pool.duplicatesDropped();
      for (Candidate& candidate : pool.take()) all.push_back(std::move(candidate));
    }
    std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.order < b.order; });
    return all;
  }

 private:
  bool m_bySource;
  std::string m_field;
  std::map<std::string, DocumentPool> m_pools;
};

/// Copies of one document in two sources: the first stays.
std::int64_t dropCopiesBetweenPools(std::vector<Candidate>& candidates) {
  std::unordered_map<std::string, std::size_t> seen;
  std::vector<Candidate> kept;
  for (Candidate& candidate : candidates) {
    const auto [first, fresh] = seen.emplace(candidate.content, kept.size());
    if (fresh) kept.push_back(std::move(candidate));
    else kept[first->second].duplicates += 1 + candidate.duplicates;
  }
  const std::size_t dropped = candidates.size() - kept.size();
  candidates = std::move(kept);
  return static_cast<std::int64_t>(dropped);
}

}  // namespace

Reading readCandidates(const CorpusConfig& config, const RunContext& context) {
  const Filter filter(config.filter);
  Reading out;
  Pools pools(config, filter, context);
  SourceTally tally(config.sourceField);
  std::uint64_t blank = 0;
  Batch batch(context, [&](files::Record&& record, std::string&& content) {
    if (content.empty()) {
      ++blank;   // nothing but white space is as empty as nothing
      return;
    }
    const bool wanted = filter.wants(record.metadata, record.text);
    tally.add(record.metadata, wanted);
    if (wanted) pools.add({std::move(record.text), std::move(content), std::move(record.metadata), record.file << kRowBits | record.row});
  });
  out.report = files::readRecords(pathsOf(config), optionsOf(config), context, [&](files::Record&& record) {
    batch.put(std::move(record));
    return true;
  });
  batch.flush();
  if (blank > 0) {
    out.report.bad["empty_text"] += blank;
    out.report.documents -= std::min(blank, out.report.documents);
  }
  out.candidates = pools.take(out.duplicatesDropped);
  if (config.dropDuplicates) out.duplicatesDropped += dropCopiesBetweenPools(out.candidates);
  out.sourceField = tally.field(config.path);
  out.sources = tally.counts(out.sourceField);
  for (Candidate& candidate : out.candidates) candidate.source = fieldOf(candidate.metadata, out.sourceField).value_or("");
  return out;
}

}  // namespace lacuna::corpus
