#include <QPointF>
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "plots/cloud_plot.h"
#include "views/clusters/cluster_view_models.h"
#include "views/corpus_words.h"
#include "views/format.h"
#include "views/select_documents.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t manyDocuments = 100000;   // from here on the map is laid out on a worker

}  // namespace

struct MapViewModel::Layout {
  std::shared_ptr<const CloudPoints> points;
  std::vector<std::int32_t> ids, clusters;            ///< [n], by position
  struct Label { ClusterId cluster; QPointF at; };
  std::vector<Label> labels;                          ///< living clusters, each at its medoid
};

namespace {

struct Middle { double x = 0, y = 0, n = 0, nearest = 0; QPointF medoid; bool found = false; };

/// Of each cluster the document nearest to the mean: a place that lies inside the cluster even when it is bent.
std::unordered_map<std::int32_t, Middle> middles(const std::vector<study::DocumentRow>& documents) {
  std::unordered_map<std::int32_t, Middle> all;
  for (const auto& d : documents)
    if (auto& m = all[d.cluster]; true) m.x += d.x, m.y += d.y, ++m.n;
  for (auto& [cluster, m] : all) m.x /= m.n, m.y /= m.n;
  for (const auto& d : documents) {
    Middle& m = all[d.cluster];
    const double distance = (d.x - m.x) * (d.x - m.x) + (d.y - m.y) * (d.y - m.y);
    if (!m.found || distance < m.nearest) m.found = true, m.nearest = distance, m.medoid = QPointF(d.x, d.y);
  }
  return all;
}

}  // namespace

MapViewModel::MapViewModel(StudyContext& context) : ViewModel(context, u"map"_s, tr("Embedding map")) {}

QString MapViewModel::subtitle() const {
  const QString made = results().map.empty() ? tr("first two principal components") : qs(results().map);
  QString text = tr("%1 · %2 · distances between far clusters carry no meaning").arg(documentsText(results()), made);
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
  if (m_layingOut == study().sharedResults() && m_layoutOf != study().sharedResults()) return tr("Laying out %1 documents…").arg(count(static_cast<std::int64_t>(documents.size())));
  const auto differs = [&](const auto& d) { return d.x != documents.front().x || d.y != documents.front().y; };
  if (documents.empty() || std::any_of(documents.begin(), documents.end(), differs)) return {};
  return tr("All %1 embeddings are identical: the map is one point.").arg(count(static_cast<std::int64_t>(documents.size())));
}

std::shared_ptr<const MapViewModel::Layout> MapViewModel::layOut(const study::Results& results, const std::vector<std::pair<ClusterId, int>>& tones) {
  auto out = std::make_shared<Layout>();
  std::unordered_map<std::int32_t, int> toneOf;
  for (const auto& [cluster, tone] : tones) toneOf[cluster.value] = tone;
  std::vector<float> x, y;
  std::vector<std::int32_t> tone;
  for (const auto& d : results.documents) {
    x.push_back(static_cast<float>(d.x));
    y.push_back(static_cast<float>(d.y));
    const auto known = toneOf.find(d.cluster);
    tone.push_back(known == toneOf.end() ? int(toneMuted) : known->second);
    out->ids.push_back(d.id.value);
    out->clusters.push_back(d.cluster);
  }
  out->points = std::make_shared<CloudPoints>(std::move(x), std::move(y), std::move(tone));
  const auto all = middles(results.documents);
  for (const auto& c : results.clusters)
    if (const auto m = all.find(c.id.value); c.id.valid() && m != all.end()) out->labels.push_back({c.id, m->second.medoid});
  return out;
}

const MapViewModel::Layout* MapViewModel::layout() const {
  if (m_layoutOf == study().sharedResults()) return m_layout.get();
  if (m_layingOut == study().sharedResults()) return nullptr;
  std::vector<std::pair<ClusterId, int>> tones;
  for (const auto& c : results().clusters) tones.emplace_back(c.id, study().clusterTone(c.id));
  const auto take = [this](const std::shared_ptr<const Layout>& made, std::shared_ptr<const study::Results> of) {
    m_layout = made;
    m_layoutOf = std::move(of);
  };
  if (results().documents.size() <= manyDocuments) {
    take(layOut(results(), tones), study().sharedResults());
    return m_layout.get();
  }
  m_layingOut = study().sharedResults();
  using Made = std::shared_ptr<const Layout>;
  auto* self = const_cast<MapViewModel*>(this);
  study().jobs().start<Made>(JobPolicy::LatestWins, u"map"_s, tr("Laying out the map"), self,
                             [shared = study().sharedResults(), tones](const RunContext&) { return layOut(*shared, tones); },
                             [self, take, of = study().sharedResults()](const Made& made) {
                               take(made, of);
                               Q_EMIT self->changed();
                             });
  return nullptr;
}

CloudFigure MapViewModel::figure() const {
  CloudFigure f;
  const Layout* laid = layout();
  if (!laid) return f;
  f.points = laid->points;
  const std::int32_t cluster = selection().cluster().value;
  const auto shared = std::find_if(results().evidence.memberships.begin(), results().evidence.memberships.end(), [&](const auto& m) { return m.cluster.value == cluster; });
  const bool asMembers = selection().documents().empty() && shared != results().evidence.memberships.end();   // of a cluster that shares documents
  const auto& chosen = asMembers ? shared->documents : selection().documents();
  if (!chosen.empty()) {
    f.selected.assign(laid->ids.size(), 0);
    for (std::size_t i = 0, k = 0; i < laid->ids.size() && k < chosen.size(); ++i) {   // both ascending
      while (k < chosen.size() && chosen[k] < laid->ids[i]) ++k;
      f.selected[i] = k < chosen.size() && chosen[k] == laid->ids[i];
    }
  } else if (cluster >= 0) {
    f.selected.resize(laid->ids.size());
    std::transform(laid->clusters.begin(), laid->clusters.end(), f.selected.begin(), [cluster](std::int32_t c) { return c == cluster; });
  }
  const auto primary = std::lower_bound(laid->ids.begin(), laid->ids.end(), selection().primaryDocument().value);
  if (primary != laid->ids.end() && *primary == selection().primaryDocument().value) f.primary = static_cast<int>(primary - laid->ids.begin());
  for (const Layout::Label& label : laid->labels)   // the chosen one has the first choice of a place
    f.labels.insert(label.cluster == selection().cluster() ? f.labels.begin() : f.labels.end(), {study().clusterLabel(label.cluster), label.at, study().clusterTone(label.cluster)});
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
  ids.reserve(points.size());
  for (const int p : points) ids.push_back(results().documents[static_cast<std::size_t>(p)].id.value);
  selectDocuments(study().selection(), std::move(ids), mode);
}

TableData MapViewModel::table() const {
  TableData t{{{"document_id", tr("Document"), true}, {"cluster_label", tr("Cluster")}, {"x", u"x"_s, true, 4}, {"y", u"y"_s, true, 4}}, {}};
  for (const auto& d : results().documents)
    t.rows.push_back({std::int64_t{d.id.value}, study().clusterLabel(ClusterId(d.cluster)), d.x, d.y});
  return t;
}

}  // namespace lacuna::ui
