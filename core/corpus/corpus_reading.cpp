#include "corpus_reading.h"

#include <algorithm>

#include "lacuna/base/hash.h"
#include "lacuna/corpus/words.h"
#include "reading_log.h"

namespace lacuna::corpus {
namespace {

constexpr std::size_t kBatch = 512;
constexpr std::int64_t kReadingVersion = 1;   // raise when the code finds other documents in the same files

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

/// Names a reading: what is read of the files, and what is drawn.
std::string nameOf(const CorpusConfig& config, const char* pass, const DrawPlan* plan) {
  Hasher hasher;
  hasher.add("reading").add(kReadingVersion).add(pass).add(config.textField).add(config.sourceField).add(static_cast<int>(config.textUnit)).add(config.filter);
  for (const std::filesystem::path& path : pathsOf(config)) hasher.add(path.string());
  if (!plan) return hasher.hex();
  hasher.add(plan->seed).add(plan->limit).add(plan->bySource).add(plan->sourceField);
  for (const auto& [source, size] : plan->sizes) hasher.add(source).add(size);
  return hasher.hex();
}

/// Reads the files once. What each of them gives is gathered apart until it is done with: it is kept then, and a reading that was stopped
/// goes on with the others. Where copies of documents are kept they are numbered as they come, and nothing is kept of the reading.
class FilesReading {
 public:
  FilesReading(const CorpusConfig& config, const char* pass, const DrawPlan* plan, const RunContext& context)
      : m_config(config), m_plan(plan), m_context(context), m_filter(config.filter), m_apart(config.dropDuplicates), m_all(config.sourceField, plan),
        m_log(m_apart ? config.kept : files::CacheSettings{}, nameOf(config, pass, plan), config.textField.empty()) {}

  Gathered run(files::ReadReport& report) {
    files::ReadOptions options = optionsOf(m_config);
    options.known = [this](const std::vector<std::filesystem::path>& files) { return m_log.load(files, m_all, m_context); };
    options.finished = [this](std::size_t file, const files::ReadReport& gave) {
      m_ended.push_back({m_records.size(), file, gave});
      if (m_ended.size() >= kBatch) flush();
    };
    report = files::readRecords(pathsOf(m_config), options, m_context, [this](files::Record&& record) {
      m_records.push_back(std::move(record));
      if (m_records.size() == kBatch) flush();
      return true;
    });
    flush();
    return std::move(m_all);
  }

 private:
  struct Ended {
    std::size_t before = 0, file = 0;   ///< that many records of the batch came before its end
    files::ReadReport report;
  };

  /// Normalised texts and their hashes are the work of reading; they are made for a batch at a time, on all threads.
  std::vector<std::string> contents() const {
    std::vector<std::string> contents(m_records.size());
    const int threads = std::max(1, m_context.threadCount() - 1);
    parallelFor(static_cast<std::int64_t>(m_records.size()), threads, 8, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        const std::string normalised = normalisedText(m_records[i].text);
        if (!normalised.empty()) contents[i] = contentHash(std::string_view(normalised));
      }
    });
    return contents;
  }
  void flush() {
    std::vector<std::string> contents = this->contents();
    auto ended = m_ended.begin();
    for (std::size_t i = 0; i <= m_records.size(); ++i) {
      for (; ended != m_ended.end() && ended->before == i; ++ended) end(*ended);
      if (i < m_records.size()) add(std::move(m_records[i]), std::move(contents[i]));
    }
    m_records.clear();
    m_ended.clear();
  }
  void add(files::Record&& record, std::string&& content) {
    Gathered& gathered = m_apart ? m_reading.try_emplace(record.file, m_config.sourceField, m_plan).first->second : m_all;
    if (content.empty()) return gathered.blank();   // nothing but white space
    const bool wanted = m_filter.wants(record.metadata, record.text);
    gathered.count(record.metadata, wanted);
    if (wanted && m_plan)
      gathered.keep({std::move(record.text), std::move(content), std::move(record.metadata), record.file << kRowBits | record.row}, m_apart ? &m_all : nullptr);
  }
  void end(const Ended& ended) {
    if (!m_apart) return;
    Gathered& gathered = m_reading.try_emplace(ended.file, m_config.sourceField, m_plan).first->second;
    m_log.add(ended.file, ended.report, gathered);
    m_all.merge(std::move(gathered));
    m_reading.erase(ended.file);
  }

  const CorpusConfig& m_config;
  const DrawPlan* m_plan;
  const RunContext& m_context;
  Filter m_filter;
  bool m_apart;
  Gathered m_all;
  ReadingLog m_log;
  std::map<std::size_t, Gathered> m_reading;   ///< by file: of those that are read just now
  std::vector<files::Record> m_records;
  std::vector<Ended> m_ended;
};

/// One draw from all documents, or n_s counted in a reading of its own and m_s from each source.
DrawPlan planOf(const CorpusConfig& config, const RunContext& context) {
  DrawPlan plan;
  plan.seed = context.seed;
  plan.dropDuplicates = config.dropDuplicates;
  plan.limit = static_cast<std::uint64_t>(std::max<std::int64_t>(0, config.maxDocuments));
  plan.bySource = config.sampling.size > 0;
  if (!plan.bySource) return plan;
  files::ReadReport report;
  const Gathered counted = FilesReading(config, "count", nullptr, context).run(report);
  plan.sourceField = counted.tally().field(config.path);
  const std::vector<SourceCount> sources = counted.tally().counts(plan.sourceField);
  std::vector<std::int64_t> sizes;
  for (const SourceCount& source : sources) sizes.push_back(source.wanted);
  const std::vector<std::int64_t> sample = allocateSample(sizes, config.sampling.size, config.sampling.power, config.sampling.floor);
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (sample[s] > 0) plan.sizes[sources[s].source] = static_cast<std::uint64_t>(sample[s]);
  return plan;
}

}  // namespace

Reading readCandidates(const CorpusConfig& config, const RunContext& context) {
  const DrawPlan plan = planOf(config, context);
  Reading out;
  Gathered gathered = FilesReading(config, "draw", &plan, context).run(out.report);
  if (const std::uint64_t blank = gathered.blanks(); blank > 0) {
    out.report.bad["empty_text"] += blank;
    out.report.documents -= std::min(blank, out.report.documents);
  }
  out.candidates = gathered.take(out.duplicatesDropped);
  out.sourceField = gathered.tally().field(config.path);
  out.sources = gathered.tally().counts(out.sourceField);
  for (Candidate& candidate : out.candidates) candidate.source = fieldOf(candidate.metadata, out.sourceField).value_or("");
  return out;
}

}  // namespace lacuna::corpus
