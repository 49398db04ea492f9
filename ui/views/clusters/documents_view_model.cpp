#include <QColor>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string_view>
#include <unordered_set>

#include "views/clusters/cluster_view_models.h"
#include "views/format.h"
#include "views/select_documents.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

DocumentsViewModel::DocumentsViewModel(StudyContext& context) : ViewModel(context, u"documents"_s, tr("Documents")) {
  connect(&context, &StudyContext::searchRequested, this, &DocumentsViewModel::searchRequested);
}

QString DocumentsViewModel::subtitle() const {
  if (m_matching) return tr("%1 of %2 match").arg(count(*m_matching), count(static_cast<std::int64_t>(results().documents.size())));
  return tr("%1 of %2 documents").arg(count(static_cast<std::int64_t>(results().documents.size())),
                                      count(std::max<std::int64_t>(results().documentsTotal, static_cast<std::int64_t>(results().documents.size()))));
}

EmptyState DocumentsViewModel::emptyState() const {
  if (!results().documents.empty()) return {};
  return {tr("The documents of the corpus"), tr("The corpus has not been read yet."), u"study.update"_s, tr("Run the study")};
}

namespace {

enum Column { Id, Cluster, Strength, Silhouette, Text, Tokens, Source, Role };

std::vector<TableColumn> documentColumns() {
  const auto tr = [](const char* text) { return DocumentsViewModel::tr(text); };
  return {{"document_id", tr("Id"), true}, {"cluster_label", tr("Cluster")}, {"strength", tr("p"), true, 2}, {"silhouette", tr("s"), true, 2}, {"text", tr("Text")},
          {"tokens", tr("Tok."), true, 0}, {"source", tr("Source")}, {"role", tr("Role")}};
}

TableCell cellOf(const study::DocumentRow& d, std::size_t column, const StudyContext& study) {
  switch (column) {
    case Id: return std::int64_t{d.id.value};
    case Cluster: return study.clusterLabels(d);
    case Strength: return d.cluster < 0 ? std::nan("") : d.strength;
    case Silhouette: return d.silhouette;
    case Tokens: return d.tokens > 0 ? static_cast<double>(d.tokens) : std::nan("");
    case Source: return qs(d.source);
    case Role: return qs(d.role);
    default: return qs(d.text);
  }
}

/// What rows are sorted by: numbers as they are, words by their place in the alphabet of all.
template <class Value> void sortBy(std::vector<int>& order, const std::vector<study::DocumentRow>& documents, Qt::SortOrder direction, Value value) {
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const auto &x = value(documents[static_cast<std::size_t>(a)]), &y = value(documents[static_cast<std::size_t>(b)]);
    return direction == Qt::AscendingOrder ? x < y : y < x;
  });
}

/// NaN last, whatever the direction of the rest.
double known(double value) { return std::isnan(value) ? std::numeric_limits<double>::infinity() : value; }

void sortOrder(std::vector<int>& order, const std::vector<study::DocumentRow>& documents, int column, Qt::SortOrder direction, const std::map<std::int32_t, QString>& labels) {
  switch (column) {
    case Id: return sortBy(order, documents, direction, [](const auto& d) { return d.id.value; });
    case Cluster: return sortBy(order, documents, direction, [&](const auto& d) {
      const auto label = labels.find(d.cluster);
      return label == labels.end() ? QString() : label->second;
    });
    case Strength: return sortBy(order, documents, direction, [](const auto& d) { return d.strength; });
    case Silhouette: return sortBy(order, documents, direction, [](const auto& d) { return known(d.silhouette); });
    case Tokens: return sortBy(order, documents, direction, [](const auto& d) { return d.tokens; });
    case Source: return sortBy(order, documents, direction, [](const auto& d) -> const std::string& { return d.source; });
    case Role: return sortBy(order, documents, direction, [](const auto& d) -> const std::string& { return d.role; });
    case Text: return sortBy(order, documents, direction, [](const auto& d) -> const std::string& { return d.text; });
    default: return;
  }
}

/// "/expression/" or words that all must occur.
class Filter {
 public:
  explicit Filter(const QString& text) {
    if (text.size() > 2 && text.startsWith(u'/') && text.endsWith(u'/')) m_expression = QRegularExpression(text.mid(1, text.size() - 2), QRegularExpression::CaseInsensitiveOption);
    else m_words = text.split(u' ', Qt::SkipEmptyParts);
  }
  /// What is wrong with the expression; empty: nothing.
  QString fault() const {
    if (m_expression.isValid()) return {};
    return DocumentsViewModel::tr("/%1/ is not a regular expression: %2, at character %3. Nothing is filtered.")
        .arg(m_expression.pattern(), m_expression.errorString(), QString::number(m_expression.patternErrorOffset() + 1));
  }
  bool empty() const { return m_words.isEmpty() && m_expression.pattern().isEmpty(); }
  bool takes(const study::DocumentRow& d, const QString& label, std::string_view text) const {
    const QString all = u"%1\n%2\n%3\n%4\n"_s.arg(d.id.value).arg(label, qs(d.source), qs(d.role)) + QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    if (!m_expression.pattern().isEmpty()) return m_expression.match(all).hasMatch();
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
  }

 private:
  QStringList m_words;
  QRegularExpression m_expression;
};

/// Names of all clusters that a document is in.
QString labelsOf(const study::Evidence& evidence, const study::DocumentRow& d, const std::map<std::int32_t, QString>& labels) {
  QStringList names;
  if (const auto label = labels.find(d.cluster); label != labels.end() && !evidence.multiLabel()) return label->second;
  for (const ClusterId id : evidence.clustersOf(d))
    if (const auto label = labels.find(static_cast<std::int32_t>(id.value)); label != labels.end()) names << label->second;
  return names.join(u' ');
}

/// Places of the documents that a filter takes; their whole texts are read from the study file, one after another.
std::vector<int> passing(const Filter& filter, const study::Session& session, const study::Results& results, const std::map<std::int32_t, QString>& labels,
                         const RunContext& context) {
  const std::vector<study::DocumentRow>& documents = results.documents;
  std::vector<int> order;
  if (filter.empty()) {
    order.resize(documents.size());
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  std::size_t i = 0;
  session.eachDocumentText([&](DocumentId id, std::string_view text) {
    while (i < documents.size() && documents[i].id < id) ++i;
    if (i == documents.size() || documents[i].id != id) return;
    if (filter.takes(documents[i], labelsOf(results.evidence, documents[i], labels), text)) order.push_back(static_cast<int>(i));
  }, context);
  return order;
}

}  // namespace

TableData DocumentsViewModel::table() const {
  TableData t{documentColumns(), {}};
  t.rows.reserve(results().documents.size());
  for (const auto& d : results().documents) {
    auto& row = t.rows.emplace_back();
    for (std::size_t c = 0; c < t.columns.size(); ++c) row.push_back(cellOf(d, c, study()));
  }
  std::size_t i = 0;
  study().session().eachDocumentText([&](DocumentId id, std::string_view text) {
    while (i < results().documents.size() && results().documents[i].id < id) ++i;
    if (i < results().documents.size() && results().documents[i].id == id) t.rows[i][Text] = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
  }, RunContext());
  return t;
}

LazyTable DocumentsViewModel::lazyTable() const {
  return {documentColumns(), results().documents.size(), [this, shared = study().sharedResults()](std::size_t row, std::size_t column) {
            return cellOf(shared->documents[row], column, study());
          }};
}

void DocumentsViewModel::findOrder(int column, Qt::SortOrder direction, const QString& words) {
  const QString fault = Filter(words).fault();
  if (std::exchange(m_fault, fault) != fault) Q_EMIT changed();
  const Filter filter(fault.isEmpty() ? words : QString());
  std::map<std::int32_t, QString> labels;
  for (const auto& c : results().clusters) labels[c.id.value] = study().clusterLabel(c.id);
  for (const std::int32_t left : {-1, -2}) labels[left] = study().clusterLabel(ClusterId(left));
  using Order = std::vector<int>;
  study().jobs().start<Order>(JobPolicy::LatestWins, u"documents"_s, tr("Sorting the documents"), this,
                              [session = study().sharedSession(), shared = study().sharedResults(), labels, column, direction, filter](const RunContext& context) {
                                Order order = passing(filter, *session, *shared, labels, context);
                                sortOrder(order, shared->documents, column, direction, labels);
                                return order;
                              },
                              [this, of = study().sharedResults(), filters = !filter.empty()](const Order& order) {
                                if (of != study().sharedResults()) return;   // places in other documents mean nothing
                                Q_EMIT orderFound(order);
                                const auto matching = filters ? std::optional<qint64>(std::ssize(order)) : std::nullopt;
                                if (std::exchange(m_matching, matching) != matching) Q_EMIT changed();
                              });
}

std::vector<int> DocumentsViewModel::highlightedRows() const {
  const auto& chosen = selection().documents();   // ascending, as the documents are
  const ClusterId cluster = selection().cluster();
  std::vector<int> rows;
  if (chosen.empty() && !cluster.valid()) return rows;
  const study::Evidence& e = results().evidence;
  const auto isIn = [&e](const study::DocumentRow& d, ClusterId id) {
    if (!e.multiLabel()) return d.cluster == id.value;
    const std::vector<ClusterId> all = e.clustersOf(d);
    return std::find(all.begin(), all.end(), id) != all.end();
  };
  std::size_t k = 0;
  for (std::size_t i = 0; i < results().documents.size(); ++i) {
    const auto& d = results().documents[i];
    while (k < chosen.size() && chosen[k] < d.id.value) ++k;
    if (chosen.empty() ? isIn(d, cluster) : k < chosen.size() && chosen[k] == d.id.value) rows.push_back(static_cast<int>(i));
  }
  return rows;
}

int DocumentsViewModel::primaryRow() const {
  const auto* found = study().document(selection().primaryDocument());
  return found ? static_cast<int>(found - results().documents.data()) : -1;
}

void DocumentsViewModel::showDocument(int row) { study().selection().setPrimaryDocument(results().documents[static_cast<std::size_t>(row)].id); }

void DocumentsViewModel::selectDocuments(const std::vector<int>& rows) {
  std::vector<std::int32_t> ids;
  ids.reserve(rows.size());
  for (const int row : rows) ids.push_back(results().documents[static_cast<std::size_t>(row)].id.value);
  ui::selectDocuments(study().selection(), std::move(ids), SelectionMode::Replace);
}

QString DocumentsViewModel::readerHtml(const QColor& markColour) const {
  const int row = std::max(primaryRow(), 0);
  if (results().documents.empty()) return {};
  const auto& d = results().documents[static_cast<std::size_t>(row)];
  std::unordered_set<std::string> terms;
  if (const auto* c = study().cluster(ClusterId(d.cluster)))
    for (const auto& term : c->terms) terms.insert(term.word);
  constexpr qsizetype shown = 256 * 1024;
  const QString whole = qs(study().session().documentText(d.id)), text = whole.left(shown);
  QString body, word;
  const auto flush = [&] {
    const bool marked = terms.contains(word.toLower().toStdString());
    body += marked ? u"<b style=\"color:%1\">%2</b>"_s.arg(markColour.name(), word.toHtmlEscaped()) : word.toHtmlEscaped();
    word.clear();
  };
  for (const QChar c : text) {
    if (c.isLetterOrNumber()) { word += c; continue; }
    flush();
    body += c == u'\n' ? u"<br>"_s : QString(c).toHtmlEscaped();
  }
  flush();
  if (whole.size() > shown) body += tr("<p><i>The first %1 of %2 characters are shown; the export holds all.</i></p>").arg(count(shown), count(whole.size()));
  return tr("<p><b>Document %1</b> · %2 · %3</p><p>%4</p>").arg(d.id.value).arg(study().clusterLabels(d).toHtmlEscaped(),
      d.tokens > 0 ? tr("%1 tokens").arg(count(d.tokens)) : tr("not read by the model"), body);
}

}  // namespace lacuna::ui
