#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {

/// A document on its way into the corpus. `content` is the hash of its normalised text and names its family.
struct Candidate {
  std::string text, content;
  std::map<std::string, std::string> metadata;
  std::uint64_t order = 0;         ///< its file and row
  std::uint32_t duplicates = 0;    ///< further copies
  double weight = 1;               ///< as Document::weight
  std::string source{};
};

/// Keeps all documents, or the `limit` with the smallest keys (bottom-k sampling: one pass, memory for `limit` documents alone).
/// The key is Philox(seed, content, number of the copy): the sample depends on what the documents say, not on their order, files or
/// threads. Copies share their key when duplicates are dropped, so a copy of a document in the sample always meets it there; the first
/// in the order of files stays.
class DocumentPool {
 public:
  DocumentPool(std::uint64_t seed, std::uint64_t limit, bool dropDuplicates);

  /// `all`: the pool that this one will be merged into; what cannot stay there is counted and not kept.
  void add(Candidate&& candidate, const DocumentPool* all = nullptr);
  /// Adds what another pool of the same source, seed and limit met. Copies must be dropped: those that are kept are numbered as they come.
  void merge(DocumentPool&& more);
  /// What another pool counted, then what it kept: a merge from a log.
  void addCounts(std::uint64_t added, bool all);
  void restore(Candidate&& candidate);

  std::uint64_t added() const { return m_added; }
  bool all() const { return m_all; }
  void each(const std::function<void(const Candidate&)>& use) const;
  std::int64_t duplicatesDropped() const;
  /// What was kept, each with its weight, in order. Leaves the pool empty.
  std::vector<Candidate> take();

 private:
  using Key = std::pair<std::uint64_t, std::string>;   // ties between keys are settled by content and copy
  Key keyOf(const std::string& content, std::uint64_t copy) const;
  std::uint64_t copyNumber(const std::string& content);
  bool isFull() const { return m_limit > 0 && m_kept.size() >= m_limit; }
  void keep(Key&& key, Candidate&& candidate);
  /// Documents without copies that were added: exact while all are kept; in a sample all that were added over the copies of those in it.
  double population() const;

  std::uint64_t m_seed, m_limit;
  bool m_dropDuplicates, m_all = true;
  std::uint64_t m_added = 0;
  std::map<Key, Candidate> m_kept;
  std::unordered_map<std::string, std::uint64_t> m_copies;   // when copies are kept: how many of each were met
};

/// First half of a content hash as a number: the item that streams of draws are keyed by.
std::uint64_t contentNumber(const std::string& content);
/// The key of the first copy of a document.
std::uint64_t sampleKey(std::uint64_t seed, const std::string& content);

}  // namespace lacuna::corpus
