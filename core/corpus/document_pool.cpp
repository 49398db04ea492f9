#include "document_pool.h"

#include <algorithm>
#include <charconv>

#include "lacuna/base/rng.h"

namespace lacuna::corpus {

std::uint64_t contentNumber(const std::string& content) {
  std::uint64_t number = 0;
  std::from_chars(content.data(), content.data() + std::min<std::size_t>(16, content.size()), number, 16);
  return number;
}

std::uint64_t sampleKey(std::uint64_t seed, const std::string& content) { return Rng(seed, "corpus.sample", contentNumber(content)).nextU64(); }

DocumentPool::DocumentPool(std::uint64_t seed, std::uint64_t limit, bool dropDuplicates)
    : m_seed(seed), m_limit(limit), m_dropDuplicates(dropDuplicates) {}

std::uint64_t DocumentPool::copyNumber(const std::string& content) { return m_dropDuplicates ? 0 : m_copies[content]++; }

DocumentPool::Key DocumentPool::keyOf(const std::string& content, std::uint64_t copy) const {
  Key key{Rng(m_seed, "corpus.sample", contentNumber(content) + copy).nextU64(), content};
  if (copy > 0) key.second += '#' + std::to_string(copy);
  return key;
}

void DocumentPool::add(Candidate&& candidate, const DocumentPool* all) {
  ++m_added;
  Key key = keyOf(candidate.content, copyNumber(candidate.content));
  if (all && all->isFull() && std::prev(all->m_kept.end())->first < key) m_all = false;
  else keep(std::move(key), std::move(candidate));
}

void DocumentPool::keep(Key&& key, Candidate&& candidate) {
  if (const auto kept = m_kept.find(key); kept != m_kept.end()) {
    candidate.duplicates += kept->second.duplicates + 1;
    if (candidate.order < kept->second.order) kept->second = std::move(candidate);
    else kept->second.duplicates = candidate.duplicates;
    return;
  }
  if (isFull()) {
    m_all = false;
    const auto largest = std::prev(m_kept.end());
    if (!(key < largest->first)) return;
    m_kept.erase(largest);
  }
  m_kept.emplace(std::move(key), std::move(candidate));
}

void DocumentPool::addCounts(std::uint64_t added, bool all) {
  m_added += added;
  m_all = m_all && all;
}

void DocumentPool::restore(Candidate&& candidate) {
  Key key = keyOf(candidate.content, 0);
  keep(std::move(key), std::move(candidate));
}

void DocumentPool::merge(DocumentPool&& more) {
  addCounts(more.m_added, more.m_all);
  while (!more.m_kept.empty()) {
    auto node = more.m_kept.extract(more.m_kept.begin());
    keep(std::move(node.key()), std::move(node.mapped()));
  }
}

void DocumentPool::each(const std::function<void(const Candidate&)>& use) const {
  for (const auto& [key, candidate] : m_kept) use(candidate);
}

std::int64_t DocumentPool::duplicatesDropped() const {
  std::int64_t dropped = 0;
  for (const auto& [key, candidate] : m_kept) dropped += candidate.duplicates;
  return dropped;
}

double DocumentPool::population() const {
  const auto kept = static_cast<double>(m_kept.size());
  return m_all ? kept : static_cast<double>(m_added) * kept / (kept + static_cast<double>(duplicatesDropped()));
}

std::vector<Candidate> DocumentPool::take() {
  std::vector<Candidate> candidates;
  candidates.reserve(m_kept.size());
  const double weight = m_kept.empty() ? 1 : population() / static_cast<double>(m_kept.size());
  for (auto& [key, candidate] : m_kept) {
    candidate.weight = weight;
    candidates.push_back(std::move(candidate));
  }
  m_kept.clear();
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.order < b.order; });
  return candidates;
}

}  // namespace lacuna::corpus
