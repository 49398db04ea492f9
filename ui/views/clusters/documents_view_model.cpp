#include <QColor>
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "views/clusters/cluster_view_models.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

DocumentsViewModel::DocumentsViewModel(StudyContext& context) : ViewModel(context, u"documents"_s, tr("Documents")) {}

QString DocumentsViewModel::subtitle() const {
  return tr("%1 of %2 documents").arg(count(static_cast<std::int64_t>(results().documents.size())),
                                      count(std::max<std::int64_t>(results().documentsTotal, static_cast<std::int64_t>(results().documents.size()))));
}

EmptyState DocumentsViewModel::emptyState() const {
  if (!results().documents.empty()) return {};
  return {tr("The documents of the corpus"), tr("The corpus has not been read yet."), u"study.update"_s, tr("Run the study")};
}

TableData DocumentsViewModel::table() const {
  TableData t{{{"document_id", tr("Id"), true}, {"cluster_label", tr("Cluster")}, {"silhouette", tr("s"), true, 2}, {"tokens", tr("Tok."), true, 0},
               {"source", tr("Source")}, {"role", tr("Role")}, {"text", tr("Text")}}, {}};
  t.rows.reserve(results().documents.size());
  for (const auto& d : results().documents)
    t.rows.push_back({std::int64_t{d.id.value}, study().clusterLabel(ClusterId(d.cluster)), d.silhouette, d.tokens > 0 ? static_cast<double>(d.tokens) : std::nan(""), qs(d.source),
                      qs(d.role), qs(d.text)});
  return t;
}

std::vector<int> DocumentsViewModel::highlightedRows() const {
  const std::unordered_set<std::int32_t> chosen(selection().documents().begin(), selection().documents().end());
  const ClusterId cluster = selection().cluster();
  std::vector<int> rows;
  for (std::size_t i = 0; i < results().documents.size(); ++i) {
    const auto& d = results().documents[i];
    if (chosen.empty() ? cluster.valid() && d.cluster == cluster.value : chosen.contains(d.id.value)) rows.push_back(static_cast<int>(i));
  }
  return rows;
}

int DocumentsViewModel::primaryRow() const {
  const auto& documents = results().documents;
  const auto found = std::find_if(documents.begin(), documents.end(), [this](const auto& d) { return d.id == selection().primaryDocument(); });
  return found == documents.end() ? -1 : static_cast<int>(found - documents.begin());
}

void DocumentsViewModel::showDocument(int row) { study().selection().setPrimaryDocument(results().documents[static_cast<std::size_t>(row)].id); }

QString DocumentsViewModel::readerHtml(const QColor& markColour) const {
  const int row = std::max(primaryRow(), 0);
  if (results().documents.empty()) return {};
  const auto& d = results().documents[static_cast<std::size_t>(row)];
  std::unordered_set<std::string> terms;
  if (const auto* c = study().cluster(ClusterId(d.cluster)))
    for (const auto& term : c->terms) terms.insert(term.word);
  constexpr qsizetype shown = 256 * 1024;
  const QString text = qs(d.text).left(shown);
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
  return tr("<p><b>Document %1</b> · %2 · %3</p><p>%4</p>").arg(d.id.value).arg(study().clusterLabel(ClusterId(d.cluster)).toHtmlEscaped(),
      d.tokens > 0 ? tr("%1 tokens").arg(count(d.tokens)) : tr("not read by the model"), body);
}

}  // namespace lacuna::ui
