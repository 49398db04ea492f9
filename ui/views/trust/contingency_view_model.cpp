#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "views/format.h"
#include "views/trust/field_words.h"
#include "views/trust/metadata_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t valuesAtMost = 16;

}  // namespace

ContingencyViewModel::ContingencyViewModel(StudyContext& context) : ViewModel(context, u"contingency"_s, tr("Clusters × metadata")) {}

const ContingencyViewModel::Counts& ContingencyViewModel::counts() const {
  const study::Field* field = fieldShown(results(), selection());
  const std::string name = field ? field->name : std::string();
  if (m_countsOf == study().sharedResults() && m_countsField == name) return m_counts;
  m_countsOf = study().sharedResults();
  m_countsField = name;
  m_counts = {};
  if (!field) return m_counts;
  for (std::size_t v = 0; v < std::min(field->values.size(), valuesAtMost); ++v) m_counts.values.push_back(qs(field->values[v]));
  if (field->values.size() > valuesAtMost) m_counts.values.push_back(tr("%n other(s)", nullptr, static_cast<int>(field->values.size() - valuesAtMost)));
  std::unordered_map<std::int32_t, std::size_t> rows;
  for (std::size_t i = 0; i < results().clusters.size(); ++i) rows[results().clusters[i].id.value] = i;
  m_counts.cells.assign(rows.size(), std::vector<Cell>(m_counts.values.size()));
  m_counts.populations.assign(rows.size(), 0);
  const auto& documents = results().documents;
  m_counts.weighted = std::any_of(documents.begin(), documents.end(), [&](const auto& d) { return d.weight != documents.front().weight; });
  for (const study::ContingencyRow& row : study::contingencyOf(results().documents, results().evidence, *field)) {
    const auto at = rows.find(row.cluster.value);
    if (at == rows.end()) continue;
    Cell& cell = m_counts.cells[at->second][std::min(row.value, valuesAtMost)];
    cell.documents += row.documents;
    cell.expected += row.expected;
    cell.population += row.population;
    m_counts.populations[at->second] += row.population;
  }
  return m_counts;
}

double ContingencyViewModel::share(std::size_t row, std::size_t column) const {
  const double size = counts().populations[row];
  return size > 0 ? counts().cells[row][column].population / size : std::nan("");
}

QString ContingencyViewModel::subtitle() const {
  const QString what = m_showsCounts ? tr("documents of a cluster with each value") : tr("share of a cluster's documents with each value, in %");
  const study::ValidityRow* v = validityShown(results(), selection());
  return v ? what + u" · "_s + purityText(*v) + tr(" · NMI %1 · ARI %2").arg(number(v->nmi, 2), number(v->ari, 2)) : what;
}

QString ContingencyViewModel::note() const {
  if (results().evidence.multiLabel()) return tr("A document may be in several clusters and counts in each: measures that compare partitions are not defined.");
  QStringList said;
  if (results().evidence.stale) said << tr("Measures are out of date: clusters or settings changed since. The counts are those of now.");
  if (counts().weighted) said << tr("Sources were drawn at different rates: shares are of the corpus, each document counted for those it stands for. Counts and measures are of the sample.");
  return said.join(u' ');
}

QString ContingencyViewModel::summary() const {
  return tr("%1 clusters against %2 values of “%3”; %4").arg(results().clusters.size()).arg(counts().values.size()).arg(qs(m_countsField), subtitle());
}

QString ContingencyViewModel::caption() const {
  return tr("%1 Purity by chance is the mean over permuted clusters; adjusted purity is (purity − chance) / (1 − chance).").arg(ViewModel::caption());
}

EmptyState ContingencyViewModel::emptyState() const {
  const QString what = tr("Whether the clusters say the same as the metadata");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  if (counts().values.size() >= 2) return {};
  return {what, tr("The documents have no field of 2 to 1,000 values: there is nothing to compare with. Any field of the corpus file counts, such as its source or language."), {}, {}};
}

MatrixFigure ContingencyViewModel::figure() const {
  MatrixFigure f;
  f.columnLabels = counts().values;
  f.scaleLabel = m_showsCounts ? tr("documents") : tr("% of the cluster");
  f.xLabel = qs(m_countsField);
  f.grid.rows = std::ssize(counts().cells);
  f.grid.columns = std::ssize(counts().values);
  f.high = m_showsCounts ? 0 : 100;
  for (std::size_t i = 0; i < counts().cells.size(); ++i) {
    const auto& c = results().clusters[i];
    f.rowLabels.push_back(study().clusterLabel(c.id));
    f.rowTones.push_back(study().clusterTone(c.id));
    for (std::size_t k = 0; k < counts().values.size(); ++k) {
      const Cell& cell = counts().cells[i][k];
      const double value = m_showsCounts ? static_cast<double>(cell.documents) : 100 * share(i, k);
      if (m_showsCounts) f.high = std::max(f.high, value);
      f.grid.values.push_back(static_cast<float>(value));
      f.texts.push_back(m_showsCounts ? count(cell.documents) : number(value, 0));
      f.tooltips.push_back(tr("%1, %2\n%3 documents, %4 % of the cluster\nexpected under independence: %5 (× %6)").arg(f.rowLabels.back(), counts().values[k], count(cell.documents), number(100 * share(i, k), 1), number(cell.expected, 1), number(static_cast<double>(cell.documents) / cell.expected, 2)));
      if (selection().cluster() == c.id) f.highlighted.emplace_back(static_cast<int>(i), static_cast<int>(k));
    }
  }
  return f;
}

void ContingencyViewModel::activate(int cell, Qt::KeyboardModifiers) {
  const ClusterId id = results().clusters[static_cast<std::size_t>(cell) / counts().values.size()].id;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

void ContingencyViewModel::setShowsCounts(bool shown) {
  if (std::exchange(m_showsCounts, shown) != shown) Q_EMIT changed();
}

QJsonObject ContingencyViewModel::state() const { return {{u"counts"_s, m_showsCounts}}; }
void ContingencyViewModel::restore(const QJsonObject& state) { setShowsCounts(state[u"counts"_s].toBool()); }

TableData ContingencyViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"value", tr("Value")}, {"n_documents", tr("Documents"), true}, {"share", tr("Share of the cluster"), true},
               {"n_expected", tr("Expected"), true, 1}, {"population", tr("Stands for"), true, 0}}, {}};
  for (std::size_t i = 0; i < counts().cells.size(); ++i)
    for (std::size_t k = 0; k < counts().values.size(); ++k)
      t.rows.push_back({study().clusterLabel(results().clusters[i].id), counts().values[k], counts().cells[i][k].documents, share(i, k), counts().cells[i][k].expected, counts().cells[i][k].population});
  return t;
}

}  // namespace lacuna::ui
