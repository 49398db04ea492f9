#include <QPointF>
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "plots/cloud_plot.h"
#include "views/clusters/cluster_view_models.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

/// The document nearest to the mean of its cluster: a place that lies inside the cluster even when it is bent.
QPointF medoid(const std::vector<study::DocumentRow>& documents, ClusterId cluster) {
  double x = 0, y = 0, n = 0;
  for (const auto& d : documents)
    if (d.cluster == cluster.value) x += d.x, y += d.y, ++n;
  x /= n, y /= n;
  const study::DocumentRow* best = nullptr;
  double nearest = 0;
  for (const auto& d : documents) {
    if (d.cluster != cluster.value) continue;
    const double distance = std::hypot(d.x - x, d.y - y);
    if (!best || distance < nearest) best = &d, nearest = distance;
  }
  return best ? QPointF(best->x, best->y) : QPointF(x, y);
}

}  // namespace

MapViewModel::MapViewModel(StudyContext& context) : ViewModel(context, u"map"_s, tr("Embedding map")) {}

QString MapViewModel::subtitle() const {
  QString text = tr("%1 documents · first two principal components · distances between far clusters carry no meaning")
                     .arg(count(static_cast<std::int64_t>(results().documents.size())));
  const auto selected = selection().documents().size();
  return selected > 0 ? tr("%1 selected of ").arg(count(static_cast<std::int64_t>(selected))) + text : text;
}

EmptyState MapViewModel::emptyState() const {
  if (results().documents.size() >= 5) return {};
  const auto n = static_cast<std::int64_t>(results().documents.size());
  const QString why = n == 0 ? tr("There are no embeddings yet.") : tr("A map needs 5 documents; the corpus has %1.").arg(count(n));
  return {tr("The map of the corpus: one point a document"), why, u"study.update"_s, tr("Run the study")};
}

QString MapViewModel::note() const {
  const auto& documents = results().documents;
  const auto differs = [&](const auto& d) { return d.x != documents.front().x || d.y != documents.front().y; };
  if (documents.empty() || std::any_of(documents.begin(), documents.end(), differs)) return {};
  return tr("All %1 embeddings are identical: the map is one point.").arg(count(static_cast<std::int64_t>(documents.size())));
}

CloudFigure MapViewModel::figure() const {
  CloudFigure f;
  const auto& documents = results().documents;
  const std::unordered_set<std::int32_t> chosen(selection().documents().begin(), selection().documents().end());
  const ClusterId cluster = selection().cluster();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto& d = documents[i];
    f.x.push_back(d.x);
    f.y.push_back(d.y);
    f.tone.push_back(study().clusterTone(ClusterId(d.cluster)));
    if (!chosen.empty()) f.selected.push_back(chosen.contains(d.id.value));
    else if (cluster.valid()) f.selected.push_back(d.cluster == cluster.value);
    if (d.id == selection().primaryDocument()) f.primary = static_cast<int>(i);
  }
  for (const auto& c : results().clusters)
    if (c.id.valid() && c.size > 0) f.labels.push_back({study().clusterLabel(c.id), medoid(documents, c.id), study().clusterTone(c.id)});
  return f;
}

QString MapViewModel::describe(int point) const {
  const auto& d = results().documents[static_cast<std::size_t>(point)];
  return tr("Document %1 · %2 · s = %3\n%4").arg(d.id.value).arg(study().clusterLabel(ClusterId(d.cluster)), number(d.silhouette, 2),
                                              qs(d.text).simplified().left(120));
}

void MapViewModel::activate(int point, Qt::KeyboardModifiers modifiers) { select({point}, selectionMode(modifiers)); }

void MapViewModel::select(const std::vector<int>& points, SelectionMode mode) {
  std::vector<std::int32_t> ids;
  for (const int p : points) ids.push_back(results().documents[static_cast<std::size_t>(p)].id.value);
  std::sort(ids.begin(), ids.end());
  const auto& before = study().selection().documents();
  std::vector<std::int32_t> after;
  if (mode == SelectionMode::Add) std::set_union(before.begin(), before.end(), ids.begin(), ids.end(), std::back_inserter(after));
  else if (mode == SelectionMode::Toggle) std::set_symmetric_difference(before.begin(), before.end(), ids.begin(), ids.end(), std::back_inserter(after));
  else if (mode == SelectionMode::Intersect) std::set_intersection(before.begin(), before.end(), ids.begin(), ids.end(), std::back_inserter(after));
  else after = ids;
  const bool kept = !ids.empty() && std::binary_search(after.begin(), after.end(), ids.front());
  const DocumentId primary = kept ? DocumentId(ids.front()) : after.empty() ? DocumentId() : DocumentId(after.front());
  study().selection().setDocuments(std::move(after), primary);
}

TableData MapViewModel::table() const {
  TableData t{{{"document_id", tr("Document"), true}, {"cluster_label", tr("Cluster")}, {"x", u"x"_s, true, 4}, {"y", u"y"_s, true, 4}}, {}};
  for (const auto& d : results().documents)
    t.rows.push_back({std::int64_t{d.id.value}, study().clusterLabel(ClusterId(d.cluster)), d.x, d.y});
  return t;
}

}  // namespace lacuna::ui
