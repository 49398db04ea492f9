#include "lacuna/corpus/near_duplicates.h"

#include <algorithm>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"

namespace lacuna::corpus {
namespace {

constexpr std::size_t kCrowded = 1000;
constexpr int kComparedInCrowds = 32;
constexpr std::int64_t kStep = 4096;   // documents between two looks at the stop token

/// Groups that grow together; the root of each is its member with the lowest key.
class Groups {
 public:
  explicit Groups(std::span<const std::uint64_t> keys) : m_keys(keys), m_parent(keys.size()) { std::iota(m_parent.begin(), m_parent.end(), std::int64_t{0}); }

  std::int64_t root(std::int64_t i) {
    while (at(i) != i) i = at(i) = at(at(i));
    return i;
  }
  void join(std::int64_t a, std::int64_t b) {
    a = root(a);
    b = root(b);
    if (key(b) < key(a)) std::swap(a, b);
    at(b) = a;
  }

 private:
  std::int64_t& at(std::int64_t i) { return m_parent[static_cast<std::size_t>(i)]; }
  std::uint64_t key(std::int64_t i) const { return m_keys[static_cast<std::size_t>(i)]; }
  std::span<const std::uint64_t> m_keys;
  std::vector<std::int64_t> m_parent;
};

struct Documents {
  std::vector<Shingles> shingles;
  std::vector<std::vector<std::uint32_t>> signatures;   ///< empty: too short to be compared
};

Documents describe(std::span<const std::string_view> texts, const NearDuplicateConfig& config, const RunContext& context) {
  const MinHash hashing(config.permutations, context.seed);
  Documents out{std::vector<Shingles>(texts.size()), std::vector<std::vector<std::uint32_t>>(texts.size())};
  const auto n = static_cast<std::int64_t>(texts.size());
  for (std::int64_t start = 0; start < n; start += kStep) {
    context.checkpoint();
    context.report("Looking for near duplicates", static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(n));
    parallelFor(std::min(kStep, n - start), context.threadCount(), 16, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(start + begin); i < static_cast<std::size_t>(start + end); ++i) {
        out.shingles[i] = shinglesOf(texts[i]);
        if (!out.shingles[i].empty()) out.signatures[i] = hashing.signature(out.shingles[i]);
      }
    });
  }
  return out;
}

/// Documents with the same rows in a band lie side by side after sorting; ties by key make buckets free of the documents' order.
class Band {
 public:
  Band(const Documents& documents, std::span<const std::uint64_t> keys, std::size_t first, std::size_t rows) : m_documents(documents), m_first(first), m_rows(rows) {
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (!documents.signatures[i].empty()) m_order.push_back(i);
    std::sort(m_order.begin(), m_order.end(), [&](std::size_t a, std::size_t b) {
      const int order = compare(a, b);
      return order != 0 ? order < 0 : keys[a] < keys[b];
    });
  }

  template <class Use> void forEachBucket(const Use& use) const {
    for (std::size_t begin = 0, end = 0; begin < m_order.size(); begin = end) {
      for (end = begin + 1; end < m_order.size() && compare(m_order[begin], m_order[end]) == 0;) ++end;
      if (end - begin > 1) use(std::span(m_order).subspan(begin, end - begin));
    }
  }

 private:
  int compare(std::size_t a, std::size_t b) const {
    const auto* x = m_documents.signatures[a].data() + m_first;
    const auto* y = m_documents.signatures[b].data() + m_first;
    for (std::size_t r = 0; r < m_rows; ++r)
      if (x[r] != y[r]) return x[r] < y[r] ? -1 : 1;
    return 0;
  }

  const Documents& m_documents;
  std::size_t m_first, m_rows;
  std::vector<std::size_t> m_order;
};

class Search {
 public:
  Search(const Documents& documents, std::span<const std::uint64_t> keys, const NearDuplicateConfig& config, const RunContext& context)
      : m_documents(documents), m_keys(keys), m_threshold(config.threshold), m_context(context), m_groups(keys) {
    const LshShape shape = lshShape(config.threshold, config.permutations);
    for (int band = 0; band < shape.bands; ++band) {
      context.checkpoint();
      const Band buckets(documents, keys, static_cast<std::size_t>(band * shape.rows), static_cast<std::size_t>(shape.rows));
      buckets.forEachBucket([&](std::span<const std::size_t> bucket) { bucket.size() > kCrowded ? crowd(bucket, band) : all(bucket); });
    }
  }

  NearDuplicates result() {
    NearDuplicates out;
    for (std::size_t i = 0; i < m_keys.size(); ++i) out.representative.push_back(m_groups.root(static_cast<std::int64_t>(i)));
    out.crowdedBuckets = m_crowded;
    return out;
  }

 private:
  void compare(std::size_t a, std::size_t b) {
    const auto i = static_cast<std::int64_t>(a), j = static_cast<std::int64_t>(b);
    if (m_groups.root(i) == m_groups.root(j)) return;
    if (jaccard(m_documents.shingles[a], m_documents.shingles[b]) >= m_threshold) m_groups.join(i, j);
  }
  void all(std::span<const std::size_t> bucket) {
    for (std::size_t i = 0; i < bucket.size(); ++i)
      for (std::size_t j = i + 1; j < bucket.size(); ++j) compare(bucket[i], bucket[j]);
  }
  void crowd(std::span<const std::size_t> bucket, int band) {
    ++m_crowded;
    m_context.checkpoint();
    for (const std::size_t member : bucket) {
      Rng rng(m_context.seed, "corpus.crowd" + std::to_string(band), m_keys[member]);
      for (int i = 0; i < kComparedInCrowds; ++i) compare(member, bucket[rng.below(bucket.size())]);
    }
  }

  const Documents& m_documents;
  std::span<const std::uint64_t> m_keys;
  double m_threshold;
  const RunContext& m_context;
  Groups m_groups;
  std::int64_t m_crowded = 0;
};

}  // namespace

NearDuplicates findNearDuplicates(std::span<const std::string_view> texts, std::span<const std::uint64_t> keys, const NearDuplicateConfig& config,
                                  const RunContext& context) {
  LACUNA_CHECK(texts.size() == keys.size() && config.threshold > 0 && config.threshold <= 1);
  return Search(describe(texts, config, context), keys, config, context).result();
}

}  // namespace lacuna::corpus
