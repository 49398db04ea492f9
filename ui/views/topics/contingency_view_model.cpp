#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "views/format.h"
#include "views/topics/topic_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t valuesAtMost = 16;

}  // namespace

ContingencyViewModel::ContingencyViewModel(StudyContext& context) : ViewModel(context, u"contingency"_s, tr("Clusters × sources")) {}

const ContingencyViewModel::Counts& ContingencyViewModel::counts() const {
  if (m_countsOf == study().sharedResults()) return m_counts;
  m_countsOf = study().sharedResults();
  std::unordered_map<std::string, std::int64_t> sizes;
  for (const auto& d : results().documents)
    if (d.cluster >= 0) ++sizes[d.source];
  std::vector<std::pair<std::int64_t, std::string>> order;
  for (const auto& [source, n] : sizes) order.emplace_back(-n, source);
  std::sort(order.begin(), order.end());
  m_counts = {};
  std::unordered_map<std::string, std::size_t> columns;
  for (const auto& [n, source] : order) {
    columns[source] = std::min(m_counts.values.size(), valuesAtMost);
    if (m_counts.values.size() < valuesAtMost) m_counts.values.push_back(source.empty() ? tr("(none)") : qs(source));
  }
  if (order.size() > valuesAtMost) m_counts.values.push_back(tr("%1 others").arg(order.size() - valuesAtMost));
  std::unordered_map<std::int32_t, std::size_t> rows;
  for (std::size_t i = 0; i < results().clusters.size(); ++i) rows[results().clusters[i].id.value] = i;
  m_counts.cells.assign(rows.size(), std::vector<std::int64_t>(m_counts.values.size(), 0));
  for (const auto& d : results().documents)
    if (const auto row = rows.find(d.cluster); row != rows.end()) ++m_counts.cells[row->second][columns[d.source]];
  std::int64_t most = 0, all = 0;
  for (const auto& row : m_counts.cells)
    for (const std::int64_t n : row) all += n;
  for (const auto& row : m_counts.cells) most += row.empty() ? 0 : *std::max_element(row.begin(), row.end());
  m_counts.purity = all > 0 ? static_cast<double>(most) / static_cast<double>(all) : std::nan("");
  return m_counts;
}

QString ContingencyViewModel::subtitle() const {
  return tr("share of a cluster's documents from each source · purity %1 (it rises with the number of clusters)").arg(number(counts().purity, 2));
}

QString ContingencyViewModel::summary() const { return tr("%1 clusters against %2 sources; purity %3").arg(results().clusters.size()).arg(counts().values.size()).arg(number(counts().purity, 2)); }

EmptyState ContingencyViewModel::emptyState() const {
  const QString what = tr("Where the documents of each cluster come from");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  if (counts().values.size() >= 2) return {};
  return {what, tr("All documents have one source: there is nothing to compare with."), {}, {}};
}

MatrixFigure ContingencyViewModel::figure() const {
  MatrixFigure f;
  f.columnLabels = counts().values;
  f.scaleLabel = tr("share of the cluster");
  f.xLabel = tr("source");
  f.grid.rows = std::ssize(counts().cells);
  f.grid.columns = std::ssize(counts().values);
  for (std::size_t i = 0; i < counts().cells.size(); ++i) {
    const auto& c = results().clusters[i];
    f.rowLabels.push_back(study().clusterLabel(c.id));
    f.rowTones.push_back(study().clusterTone(c.id));
    for (std::size_t k = 0; k < counts().values.size(); ++k) {
      const double share = c.size > 0 ? static_cast<double>(counts().cells[i][k]) / static_cast<double>(c.size) : std::nan("");
      f.grid.values.push_back(static_cast<float>(share));
      f.texts.push_back(number(100 * share, 0));
      f.tooltips.push_back(tr("%1 from %2\n%3 documents, %4 % of the cluster").arg(f.rowLabels.back(), counts().values[k], count(counts().cells[i][k]), number(100 * share, 1)));
      if (selection().cluster() == c.id) f.highlighted.emplace_back(static_cast<int>(i), static_cast<int>(k));
    }
  }
  return f;
}

void ContingencyViewModel::activate(int cell, Qt::KeyboardModifiers) {
  const ClusterId id = results().clusters[static_cast<std::size_t>(cell) / counts().values.size()].id;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

TableData ContingencyViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"source", tr("Source")}, {"n_documents", tr("Documents"), true}, {"share", tr("Share of the cluster"), true}}, {}};
  for (std::size_t i = 0; i < counts().cells.size(); ++i)
    for (std::size_t k = 0; k < counts().values.size(); ++k)
      t.rows.push_back({study().clusterLabel(results().clusters[i].id), counts().values[k], counts().cells[i][k],
                        static_cast<double>(counts().cells[i][k]) / static_cast<double>(std::max<std::int64_t>(1, results().clusters[i].size))});
  return t;
}

}  // namespace lacuna::ui
