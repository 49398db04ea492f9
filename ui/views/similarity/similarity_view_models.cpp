#include "views/similarity/similarity_view_models.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

EmptyState noCka(bool there) {
  if (there) return {};
  return {CkaMatrixViewModel::tr("How far the perturbation changed the representations"),
          CkaMatrixViewModel::tr("No similarity was computed for this cluster and method."), u"study.update"_s, CkaMatrixViewModel::tr("Run the study")};
}

TableData ckaTable(const StudyContext& study, const std::vector<const study::CkaRow*>& rows) {
  const auto tr = [](const char* text) { return CkaMatrixViewModel::tr(text); };
  TableData t{{{"cluster_label", tr("Cluster")}, {"method", tr("Method")}, {"epsilon", u"ε"_s, true}, {"edited_layer", tr("Edited"), true},
               {"layer", tr("Layer"), true}, {"cka_debiased", tr("CKA debiased"), true, 4}, {"cka_biased", tr("CKA biased"), true, 4},
               {"cka_zscored", tr("CKA scaled"), true, 4}, {"displacement", tr("Displacement"), true, 4}, {"cosine", tr("Cosine"), true, 4},
               {"n", tr("n"), true}, {"status", tr("Status")}}, {}};
  for (const auto* r : rows)
    t.rows.push_back({study.clusterLabel(r->cluster), qs(r->method), r->epsilon, std::int64_t{r->editedLayer.value}, std::int64_t{r->layer.value},
                      r->debiased, r->biased, r->zScored, r->displacement, r->cosine, r->n, qs(r->status)});
  return t;
}

std::vector<const study::CkaRow*> rowsOf(const study::Results& results, ClusterId cluster, const QString& method) {
  std::vector<const study::CkaRow*> rows;
  for (const auto& r : results.cka)
    if (r.cluster == cluster && qs(r.method) == method) rows.push_back(&r);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return std::pair(a->layer, a->epsilon) < std::pair(b->layer, b->epsilon); });
  return rows;
}

std::int64_t least(const std::vector<const study::CkaRow*>& rows) {
  std::int64_t n = rows.empty() ? 0 : rows.front()->n;
  for (const auto* r : rows) n = std::min(n, r->n);
  return n;
}

}  // namespace

CkaMatrixViewModel::CkaMatrixViewModel(StudyContext& context) : ViewModel(context, u"cka"_s, tr("CKA: clean × perturbed")) {}

const study::CkaMatrix* CkaMatrixViewModel::shown() const {
  const study::CkaMatrix* best = nullptr;
  for (const auto& m : results().ckaMatrices) {
    if (m.cluster != shownCluster() || qs(m.method) != selection().condition().method) continue;
    if (!best || std::abs(m.epsilon - selection().condition().epsilon) < std::abs(best->epsilon - selection().condition().epsilon)) best = &m;
  }
  return best;
}

QString CkaMatrixViewModel::subtitle() const {
  const auto* m = shown();
  if (!m) return {};
  return tr("%1 · %2, ε = %3 · debiased linear CKA, evaluation documents, n = %4")
      .arg(study().clusterLabel(m->cluster), methodName(qs(m->method)), stripped(m->epsilon), count(least(rowsOf(results(), m->cluster, qs(m->method)))));
}

EmptyState CkaMatrixViewModel::emptyState() const { return noCka(shown() != nullptr); }

MatrixFigure CkaMatrixViewModel::figure() const {
  MatrixFigure f;
  const auto* m = shown();
  if (!m) return f;
  f.diagonal = true;
  f.gaps = false;
  f.scaleLabel = tr("CKA");
  f.xLabel = tr("layer, perturbed");
  f.yLabel = tr("layer, clean");
  f.grid.rows = m->debiased.rows();
  f.grid.columns = m->debiased.cols();
  for (Eigen::Index c = 0; c < m->debiased.cols(); ++c) f.columnLabels.push_back(u"L%1"_s.arg(c));
  for (Eigen::Index r = 0; r < m->debiased.rows(); ++r) {
    f.rowLabels.push_back(u"L%1"_s.arg(r));
    for (Eigen::Index c = 0; c < m->debiased.cols(); ++c) {
      f.grid.values.push_back(static_cast<float>(m->debiased(r, c)));
      f.texts.push_back(number(m->debiased(r, c), 2));
      f.tooltips.push_back(tr("clean L%1 × perturbed L%2\nCKA = %3").arg(r).arg(c).arg(number(m->debiased(r, c), 4)));
    }
  }
  return f;
}

TableData CkaMatrixViewModel::table() const {
  TableData t{{{"layer_clean", tr("Clean layer"), true}, {"layer_perturbed", tr("Perturbed layer"), true}, {"cka_debiased", tr("CKA"), true, 4}}, {}};
  if (const auto* m = shown())
    for (Eigen::Index r = 0; r < m->debiased.rows(); ++r)
      for (Eigen::Index c = 0; c < m->debiased.cols(); ++c) t.rows.push_back({std::int64_t{r}, std::int64_t{c}, m->debiased(r, c)});
  return t;
}

CkaStrengthViewModel::CkaStrengthViewModel(StudyContext& context) : ViewModel(context, u"cka-strength"_s, tr("CKA against ε")) {}

QString CkaStrengthViewModel::subtitle() const {
  return tr("%1 · %2 · each layer with itself, clean against perturbed").arg(study().clusterLabel(shownCluster()), methodName(selection().condition().method));
}

EmptyState CkaStrengthViewModel::emptyState() const { return noCka(!rowsOf(results(), shownCluster(), selection().condition().method).empty()); }

SeriesFigure CkaStrengthViewModel::figure() const {
  SeriesFigure f;
  f.xLabel = u"ε"_s;
  f.yLabel = tr("CKA, debiased");
  std::map<LayerIndex, Series> layers;
  for (const auto* r : rowsOf(results(), shownCluster(), selection().condition().method)) {
    if (!std::isfinite(r->debiased)) continue;
    Series& s = layers[r->layer];
    s.name = u"L%1"_s.arg(r->layer.value) + (r->layer == r->editedLayer ? tr(" edited") : QString());
    s.tone = r->layer.value;
    s.dashed = r->layer < r->editedLayer;
    s.x.push_back(r->epsilon);
    s.y.push_back(r->debiased);
  }
  f.xTicks = strengthsOf(results(), selection().condition().method);
  for (auto& [layer, s] : layers) f.series.push_back(std::move(s));
  if (!selection().condition().equalDose) f.lines.push_back({selection().condition().epsilon, {}, true, true, false});
  return f;
}

TableData CkaStrengthViewModel::table() const { return ckaTable(study(), rowsOf(results(), shownCluster(), selection().condition().method)); }

CkaLayersViewModel::CkaLayersViewModel(StudyContext& context) : ViewModel(context, u"cka-layers"_s, tr("Propagation through the layers")) {}

std::vector<const study::CkaRow*> CkaLayersViewModel::rows() const {
  auto rows = rowsOf(results(), shownCluster(), selection().condition().method);
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto* r : rows) nearest = std::min(nearest, std::abs(r->epsilon - selection().condition().epsilon));
  std::erase_if(rows, [&](const auto* r) { return std::abs(r->epsilon - selection().condition().epsilon) > nearest + 1e-12; });
  return rows;
}

QString CkaLayersViewModel::subtitle() const {
  const auto shown = rows();
  return shown.empty() ? QString() : tr("%1 · ε = %2 · edited at layer %3 · n = %4").arg(study().clusterLabel(shownCluster()), stripped(shown.front()->epsilon))
                                         .arg(shown.front()->editedLayer.value).arg(count(least(shown)));
}

EmptyState CkaLayersViewModel::emptyState() const { return noCka(!rows().empty()); }

SeriesFigure CkaLayersViewModel::figure() const {
  SeriesFigure f;
  f.xLabel = tr("layer");
  f.yLabel = tr("CKA, displacement");
  Series raw, scaled, moved;
  raw.name = tr("CKA raw"), raw.tone = 4;
  scaled.name = tr("CKA scaled"), scaled.tone = 2;
  moved.name = tr("displacement"), moved.tone = 5, moved.dashed = true;
  for (const auto* r : rows()) {
    f.xTicks.push_back(r->layer.value);
    f.xTickLabels.push_back(u"L%1"_s.arg(r->layer.value));
    for (auto [series, value] : {std::pair(&raw, r->debiased), std::pair(&scaled, r->zScored), std::pair(&moved, r->displacement)}) {
      if (!std::isfinite(value)) continue;
      series->x.push_back(r->layer.value);
      series->y.push_back(value);
    }
  }
  f.series = {raw, scaled, moved};
  if (const auto shown = rows(); !shown.empty())
    f.lines.push_back({static_cast<double>(shown.front()->editedLayer.value), tr("edited"), true, true, false});
  f.yLow = 0;
  return f;
}

TableData CkaLayersViewModel::table() const { return ckaTable(study(), rows()); }

}  // namespace lacuna::ui
