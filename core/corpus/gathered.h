#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "document_pool.h"
#include "source_tally.h"

namespace lacuna::corpus {

/// How many documents are drawn: from all together, or from each source.
struct DrawPlan {
  std::uint64_t seed = 0, limit = 0;               ///< limit 0: all
  bool dropDuplicates = true, bySource = false;
  std::string sourceField;
  std::map<std::string, std::uint64_t> sizes;      ///< by source
};

/// What files gave to a reading: counts by source, and the documents that may be in the sample. Files are added up in any order.
class Gathered {
 public:
  /// Without a plan documents are counted and none is kept. The plan outlives this.
  Gathered(const std::string& sourceField, const DrawPlan* plan) : m_sourceField(sourceField), m_plan(plan), m_tally(sourceField) {}

  /// Nothing yet, of the same plan.
  Gathered fresh() const { return {m_sourceField, m_plan}; }
  void count(const Metadata& metadata, bool wanted) { m_tally.add(metadata, wanted); }
  /// A document of nothing but white space is as empty as nothing.
  void blank() { ++m_blank; }
  /// `all`: what other files gave already; what cannot be in their sample is not kept here either.
  void keep(Candidate&& candidate, const Gathered* all = nullptr);
  void merge(Gathered&& more);

  const SourceTally& tally() const { return m_tally; }
  std::uint64_t blanks() const { return m_blank; }
  /// What was kept, in the order of files and rows, each with its weight; copies of one document in two sources: the first stays.
  std::vector<Candidate> take(std::int64_t& duplicates);

  /// All but the documents, and back: for a log. Throws nlohmann's exceptions on anything else.
  nlohmann::json counts() const;
  void addCounts(const nlohmann::json& counts);
  void each(const std::function<void(const Candidate&)>& use) const;
  /// A document of a log: it was counted before.
  void restore(Candidate&& candidate);

 private:
  /// Null when nothing is drawn from that source.
  DocumentPool* poolFor(const std::string& source);
  std::string sourceOf(const Candidate& candidate) const;

  std::string m_sourceField;
  const DrawPlan* m_plan;
  SourceTally m_tally;
  std::uint64_t m_blank = 0;
  std::map<std::string, DocumentPool> m_pools;     ///< by source; "" for all
};

}  // namespace lacuna::corpus
