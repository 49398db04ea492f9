#include "views/clusters/selection_terms.h"

#include <QHash>
#include <QSet>
#include <algorithm>

#include "views/format.h"

namespace lacuna::ui {
namespace {

constexpr std::size_t documentsAtMost = 4000;
constexpr qsizetype charactersAtMost = 2000;
constexpr double leastDifference = 0.005;

/// Document frequencies of the known words.
class Counter {
 public:
  explicit Counter(const QSet<QString>& words) : m_words(words) {}
  double share(const QString& word) const { return m_documents > 0 ? m_holding.value(word) / static_cast<double>(m_documents) : 0; }

  void add(const std::string& document) {
    QSet<QString> found;
    const QString text = qs(document).left(charactersAtMost).toLower();
    qsizetype start = 0;
    for (qsizetype i = 0; i <= text.size(); ++i) {
      if (i < text.size() && text[i].isLetterOrNumber()) continue;
      if (const QString word = text.mid(start, i - start); i > start && m_words.contains(word)) found.insert(word);
      start = i + 1;
    }
    for (const QString& word : std::as_const(found)) ++m_holding[word];
    ++m_documents;
  }

  void addSpread(const std::vector<DocumentId>& documents, const TextOf& textOf, const RunContext& context) {
    const std::size_t step = 1 + documents.size() / documentsAtMost;
    for (std::size_t i = 0; i < documents.size(); i += step) {
      context.checkpoint();
      add(textOf(documents[i]));
    }
  }

 private:
  const QSet<QString>& m_words;
  QHash<QString, int> m_holding;
  int m_documents = 0;
};

}  // namespace

std::vector<SelectionTerm> selectionTerms(const study::Results& results, const std::vector<std::int32_t>& selected, const TextOf& textOf, const RunContext& context) {
  QSet<QString> words;
  for (const auto& cluster : results.clusters)
    for (const auto& term : cluster.terms) words.insert(qs(term.word).toLower());
  std::vector<DocumentId> chosen, others;
  for (const auto& d : results.documents) (std::binary_search(selected.begin(), selected.end(), d.id.value) ? chosen : others).push_back(d.id);
  Counter inside(words), outside(words);
  inside.addSpread(chosen, textOf, context);
  outside.addSpread(others, textOf, context);
  std::vector<SelectionTerm> terms;
  for (const QString& word : std::as_const(words))
    if (inside.share(word) - outside.share(word) >= leastDifference) terms.push_back({word, inside.share(word), outside.share(word)});
  std::sort(terms.begin(), terms.end(), [](const SelectionTerm& a, const SelectionTerm& b) {
    const double x = a.inside - a.outside, y = b.inside - b.outside;
    return x != y ? x > y : a.word < b.word;
  });
  return terms;
}

}  // namespace lacuna::ui
