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

void DocumentPool::add(Candidate&& candidate) {
  ++m_added;
  const std::uint64_t copy = copyNumber(candidate.content);
  Key key{Rng(m_seed, "corpus.sample", contentNumber(candidate.content) + copy).nextU64(), candidate.content};
  if (copy > 0) key.second += '#' + std::to_string(copy);
  if (const auto kept = m_kept.find(key); kept != m_kept.end()) {
    candidate.duplicates = kept->second.duplicates + 1;
    if (candidate.order < kept->second.order) kept->second = std::move(candidate);
    else kept->second.duplicates = candidate.duplicates;
    return;
  }
  if (m_limit > 0 && m_kept.size() >= m_limit) {
    m_all = false;
    const auto largest = std::prev(m_kept.end());
    if (!(key < largest->first)) return;
    m_kept.erase(largest);
  }
  m_kept.emplace(std::move(key), std::move(candidate));
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
