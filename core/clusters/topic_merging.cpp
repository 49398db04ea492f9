#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "row_kernels.h"
#include "topic_terms.h"

namespace lacuna::clusters {

namespace {

/// Cosine of two sparse rows in alphabetical order; 0 when one is empty.
double cosine(const std::vector<Term>& a, const std::vector<Term>& b) {
  double inner = 0, aa = 0, bb = 0;
  for (const Term& t : a) aa += t.weight * t.weight;
  for (const Term& t : b) bb += t.weight * t.weight;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (const int order = i->word.compare(j->word); order < 0) ++i;
    else if (order > 0) ++j;
    else inner += (i++)->weight * (j++)->weight;
  }
  return aa > 0 && bb > 0 ? inner / std::sqrt(aa * bb) : 0;
}

std::vector<Term> bestTerms(std::vector<Term> terms) {
  std::stable_sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) { return a.weight > b.weight; });
  return terms;
}

/// Topics that are still alive: their words, documents and first names.
class Topics {
 public:
  Topics(std::vector<WordCounts> counts, const std::vector<std::int32_t>& labels, TermWeighting weighting)
      : m_counts(std::move(counts)), m_sizes(m_counts.size(), 0), m_weighting(weighting) {
    for (const std::int32_t label : labels)
      if (label >= 0) ++m_sizes[static_cast<std::size_t>(label)];
    for (std::size_t t = 0; t < m_counts.size(); ++t) {
      m_names.push_back(static_cast<std::int32_t>(t));
      m_owner.push_back(static_cast<std::int32_t>(t));
    }
    weigh();
  }

  std::size_t size() const { return m_names.size(); }

  /// The most similar pair a < b of the living ones, by position.
  TopicMerge closest() const {
    TopicMerge best{-1, -1, -1, 0, 0, {}, {}, -1};
    for (std::size_t a = 0; a < size(); ++a)
      for (std::size_t b = a + 1; b < size(); ++b)
        if (const double s = m_similar(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)); s > best.similarity)
          best.from = static_cast<std::int32_t>(b), best.into = static_cast<std::int32_t>(a), best.similarity = s;
    return best;
  }

  /// The smallest topic (the last of equals) and the one most like it.
  TopicMerge smallest() const {
    std::size_t from = 0;
    for (std::size_t t = 1; t < size(); ++t)
      if (m_sizes[t] <= m_sizes[from]) from = t;
    TopicMerge best{static_cast<std::int32_t>(from), -1, -1, 0, 0, {}, {}, -1};
    for (std::size_t t = 0; t < size(); ++t)
      if (const double s = m_similar(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(from)); t != from && s > best.similarity)
        best.into = static_cast<std::int32_t>(t), best.similarity = s;
    return best;
  }

  TopicMerge merge(TopicMerge pair) {
    auto from = static_cast<std::size_t>(pair.from), into = static_cast<std::size_t>(pair.into);
    if (m_sizes[from] > m_sizes[into]) std::swap(from, into);
    const TopicMerge named{m_names[from], m_names[into], pair.similarity, m_sizes[from], m_sizes[into], m_words[from], m_words[into], -1};
    for (const auto& [word, count] : m_counts[from]) m_counts[into][word] += count;
    m_sizes[into] += m_sizes[from];
    for (std::int32_t& owner : m_owner)
      if (owner == named.from) owner = named.into;
    const auto at = static_cast<std::ptrdiff_t>(from);
    m_counts.erase(m_counts.begin() + at);
    m_sizes.erase(m_sizes.begin() + at);
    m_names.erase(m_names.begin() + at);
    weigh();
    return named;
  }

  std::vector<std::int32_t> relabelled(std::vector<std::int32_t> labels) const {
    for (std::int32_t& label : labels)
      if (label >= 0)
        label = static_cast<std::int32_t>(std::lower_bound(m_names.begin(), m_names.end(), m_owner[static_cast<std::size_t>(label)]) - m_names.begin());
    return labels;
  }

 private:
  void weigh() {
    const std::vector<std::vector<Term>> terms = weighTerms(m_counts, std::ssize(m_counts), m_weighting);
    m_words.clear();
    for (const std::vector<Term>& row : terms) m_words.push_back(labelOf(bestTerms(row)));
    m_similar = MatrixD::Zero(std::ssize(terms), std::ssize(terms));
    for (Eigen::Index a = 0; a < m_similar.rows(); ++a)
      for (Eigen::Index b = 0; b < a; ++b)
        m_similar(a, b) = m_similar(b, a) = cosine(terms[static_cast<std::size_t>(a)], terms[static_cast<std::size_t>(b)]);
  }

  std::vector<WordCounts> m_counts;
  std::vector<std::int64_t> m_sizes;
  TermWeighting m_weighting;
  std::vector<std::int32_t> m_names, m_owner;   // of the living ones, ascending; of every first topic
  std::vector<std::string> m_words;             // of the living ones, the best
  MatrixD m_similar;
};

}  // namespace

MergedTopics mergeTopics(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, double similarity, int most, TermWeighting weighting,
                         const RunContext& context) {
  LACUNA_CHECK(corpus.documents.size() == labels.size());
  const std::int32_t clusters = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end()) + 1;
  MergedTopics out{labels, {}};
  if (clusters < 2 || (similarity > 1 && (most == 0 || clusters <= most))) return out;
  Topics topics(countWords(corpus, labels, clusters, context), labels, weighting);
  while (topics.size() > 1 && topics.closest().similarity >= similarity) {
    context.checkpoint();
    out.merges.push_back(topics.merge(topics.closest()));
  }
  while (most > 0 && topics.size() > static_cast<std::size_t>(most) && topics.size() > 1) {
    context.checkpoint();
    out.merges.push_back(topics.merge(topics.smallest()));
  }
  out.labels = topics.relabelled(labels);
  return out;
}

std::vector<std::vector<std::int64_t>> representatives(const MatrixF& x, const std::vector<std::int32_t>& labels, int clusters, int count,
                                                       const std::vector<double>& strengths) {
  std::vector<std::vector<std::int64_t>> out(static_cast<std::size_t>(clusters));
  if (x.rows() != static_cast<Eigen::Index>(labels.size())) return out;
  MatrixD means = MatrixD::Zero(clusters, x.cols());
  std::vector<std::vector<std::pair<double, std::int64_t>>> members(out.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0) addScaled(strengths.empty() ? 1 : strengths[i], x.row(static_cast<Eigen::Index>(i)).data(), means.row(labels[i]).data(), x.cols());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0)
      members[static_cast<std::size_t>(labels[i])].emplace_back(-means.row(labels[i]).dot(x.row(static_cast<Eigen::Index>(i)).cast<double>()), static_cast<std::int64_t>(i));
  for (std::size_t c = 0; c < out.size(); ++c) {
    const auto kept = std::min<std::ptrdiff_t>(count, std::ssize(members[c]));
    std::partial_sort(members[c].begin(), members[c].begin() + kept, members[c].end());
    for (std::ptrdiff_t i = 0; i < kept; ++i) out[c].push_back(members[c][static_cast<std::size_t>(i)].second);
  }
  return out;
}

}  // namespace lacuna::clusters
