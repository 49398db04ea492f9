#include "gathered.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lacuna/corpus/filter.h"

namespace lacuna::corpus {
namespace {

/// Copies of one document in two sources: the first stays. Its key is the same in both, so it is drawn when the source that draws more
/// densely draws it: it stands for that source's number of documents.
std::int64_t dropCopiesBetweenPools(std::vector<Candidate>& candidates) {
  std::unordered_map<std::string, std::size_t> seen;
  std::vector<Candidate> kept;
  for (Candidate& candidate : candidates) {
    const auto [first, fresh] = seen.emplace(candidate.content, kept.size());
    if (fresh) kept.push_back(std::move(candidate));
    else {
      kept[first->second].duplicates += 1 + candidate.duplicates;
      kept[first->second].weight = std::min(kept[first->second].weight, candidate.weight);
    }
  }
  const std::size_t dropped = candidates.size() - kept.size();
  candidates = std::move(kept);
  return static_cast<std::int64_t>(dropped);
}

}  // namespace

DocumentPool* Gathered::poolFor(const std::string& source) {
  if (!m_plan) return nullptr;
  const auto size = m_plan->sizes.find(source);
  if (m_plan->bySource && size == m_plan->sizes.end()) return nullptr;
  const std::uint64_t limit = m_plan->bySource ? size->second : m_plan->limit;
  return &m_pools.try_emplace(source, m_plan->seed, limit, m_plan->dropDuplicates).first->second;
}

std::string Gathered::sourceOf(const Candidate& candidate) const {
  return m_plan && m_plan->bySource ? fieldOf(candidate.metadata, m_plan->sourceField).value_or("") : "";
}

void Gathered::keep(Candidate&& candidate, const Gathered* all) {
  const std::string source = sourceOf(candidate);
  DocumentPool* const pool = poolFor(source);
  if (!pool) return;
  const DocumentPool* others = nullptr;
  if (all)
    if (const auto found = all->m_pools.find(source); found != all->m_pools.end()) others = &found->second;
  pool->add(std::move(candidate), others);
}

void Gathered::restore(Candidate&& candidate) {
  if (DocumentPool* const pool = poolFor(sourceOf(candidate))) pool->restore(std::move(candidate));
}

void Gathered::merge(Gathered&& more) {
  m_tally.merge(more.m_tally);
  m_blank += more.m_blank;
  for (auto& [source, pool] : more.m_pools) {
    if (const auto own = m_pools.find(source); own != m_pools.end()) own->second.merge(std::move(pool));
    else m_pools.emplace(source, std::move(pool));
  }
}

std::vector<Candidate> Gathered::take(std::int64_t& duplicates) {
  std::vector<Candidate> all;
  for (auto& [source, pool] : m_pools) {
    duplicates += pool.duplicatesDropped();
    for (Candidate& candidate : pool.take()) all.push_back(std::move(candidate));
  }
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.order < b.order; });
  if (m_plan->dropDuplicates) duplicates += dropCopiesBetweenPools(all);
  return all;
}

nlohmann::json Gathered::counts() const {
  nlohmann::json pools = nlohmann::json::array();
  for (const auto& [source, pool] : m_pools) pools.push_back({source, pool.added(), pool.all()});
  return {{"tally", m_tally.json()}, {"blank", m_blank}, {"pools", pools}};
}

void Gathered::addCounts(const nlohmann::json& counts) {
  m_tally.add(counts.at("tally"));
  m_blank += counts.at("blank").get<std::uint64_t>();
  for (const nlohmann::json& row : counts.at("pools"))
    if (DocumentPool* const pool = poolFor(row.at(0))) pool->addCounts(row.at(1), row.at(2));
}

void Gathered::each(const std::function<void(const Candidate&)>& use) const {
  for (const auto& [source, pool] : m_pools) pool.each(use);
}

}  // namespace lacuna::corpus
