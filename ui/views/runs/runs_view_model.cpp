#include "views/runs/runs_view_model.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "views/effects/effect_selection.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Of a pair, both.
QString clusterWords(const StudyContext& study, const study::RunRow& run) {
  const QString cluster = study.clusterLabel(run.cluster);
  return run.partner.valid() ? u"%1 + %2"_s.arg(cluster, study.clusterLabel(run.partner)) : cluster;
}

}  // namespace

RunsViewModel::RunsViewModel(StudyContext& context) : ViewModel(context, u"runs"_s, tr("Runs")) {}

QString RunsViewModel::subtitle() const {
  QString text = tr("%1 runs · Space pins the baseline").arg(count(static_cast<std::int64_t>(results().runs.size())));
  return selection().baseline() > 0 ? text + tr(" · baseline #%1").arg(selection().baseline()) : text;
}

EmptyState RunsViewModel::emptyState() const {
  if (!results().runs.empty()) return {};
  return {tr("Every run with its parameters and results"), tr("Nothing has been run yet."), u"study.update"_s, tr("Run the study")};
}

TableData RunsViewModel::table() const {
  struct Largest { const study::EffectRow* effect = nullptr; };
  std::map<std::int64_t, Largest> largest;
  for (const auto& e : results().effects) {
    auto& slot = largest[e.run].effect;
    if (shows(Outcome::Margin, e) && std::isfinite(e.ace) && (!slot || std::abs(e.ace) > std::abs(slot->ace))) slot = &e;
  }
  TableData t{{{"pin", tr("Pin")}, {"run", tr("#"), true}, {"cluster_label", tr("Cluster")}, {"method", tr("Method")}, {"layer", tr("Layer"), true},
               {"epsilon", u"ε"_s, true, 2}, {"displacement", u"δ"_s, true, 2}, {"task", tr("Largest on")}, {"ace", tr("ACE"), true, 3, true}, {"p_adj", tr("p adj."), true, 4},
               {"status", tr("Status")}, {"wall_s", tr("Wall s"), true, 1}, {"created", tr("Created (UTC)")}, {"site", tr("Site")},
               {"seed", tr("Seed"), true}, {"tags", tr("Tags")}, {"note", tr("Note")}}, {}};
  for (const auto& r : results().runs) {
    const auto* e = largest[r.number].effect;
    t.rows.push_back({r.number == selection().baseline() ? u"●"_s : QString(), r.number, clusterWords(study(), r), qs(r.method),
                      std::int64_t{r.layer.value}, r.epsilon, r.equalDose ? TableCell(r.dose) : TableCell(), e ? qs(e->task) : QString(), e ? e->ace : std::numeric_limits<double>::quiet_NaN(),
                      e ? e->pAdjusted : std::numeric_limits<double>::quiet_NaN(), qs(r.status), r.wallSeconds, qs(r.created), qs(r.site),
                      static_cast<std::int64_t>(r.seed), qs(r.tags), qs(r.note)});
  }
  return t;
}

std::vector<int> RunsViewModel::highlightedRows() const {
  std::vector<int> rows;
  for (std::size_t i = 0; i < results().runs.size(); ++i)
    if (results().runs[i].number == selection().run()) rows.push_back(static_cast<int>(i));
  return rows;
}

void RunsViewModel::activateRow(int row) {
  const auto& run = results().runs[static_cast<std::size_t>(row)];
  Condition c = selection().condition();
  if (std::any_of(results().effects.begin(), results().effects.end(), [&](const auto& e) { return e.run == run.number; }))
    c.method = qs(run.method), c.epsilon = run.dose, c.equalDose = run.equalDose;
  study().selection().together([&] {
    study().selection().setCondition(c);
    study().selection().setCluster(run.cluster);
    study().selection().setRun(run.number);
  });
}

void RunsViewModel::pinRow(int row) {
  const auto number = results().runs[static_cast<std::size_t>(row)].number;
  study().selection().setBaseline(selection().baseline() == number ? 0 : number);
}

RunDetailsViewModel::RunDetailsViewModel(StudyContext& context) : ViewModel(context, u"run-details"_s, tr("Run")) {}

const study::RunRow* RunDetailsViewModel::run() const {
  for (const auto& r : results().runs)
    if (r.number == selection().run()) return &r;
  return results().runs.empty() ? nullptr : &results().runs.front();
}

QString RunDetailsViewModel::subtitle() const { return run() ? u"#%1 · %2"_s.arg(run()->number).arg(qs(run()->id)) : QString(); }

EmptyState RunDetailsViewModel::emptyState() const {
  return run() ? EmptyState() : EmptyState{tr("The parameters of one run"), tr("Nothing has been run yet."), u"study.update"_s, tr("Run the study")};
}

TableData RunDetailsViewModel::table() const {
  TableData t{{{"property", tr("Property")}, {"value", tr("Value")}}, {}};
  const auto* r = run();
  if (!r) return t;
  const auto add = [&t](const QString& name, const QString& value) { t.rows.push_back({name, value}); };
  add(tr("Cluster"), clusterWords(study(), *r));
  add(tr("Method"), methodName(qs(r->method)));
  add(tr("Site, layer"), u"%1, L%2"_s.arg(qs(r->site)).arg(r->layer.value));
  if (r->equalDose) add(u"δ"_s, stripped(r->dose));
  add(u"ε"_s, stripped(r->epsilon));
  add(tr("Seed"), QString::number(r->seed));
  add(tr("Status"), qs(r->status));
  add(tr("Created"), qs(r->created));
  add(tr("Wall time"), number(r->wallSeconds, 1) + u" s"_s);
  const QJsonObject parameters = QJsonDocument::fromJson(QByteArray::fromStdString(r->parameters)).object();
  for (auto it = parameters.begin(); it != parameters.end(); ++it) {
    const QJsonValue value = it.value();
    const bool nested = value.isObject() || value.isArray();
    add(it.key(), nested ? QString::fromUtf8(value.isObject() ? QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact)
                                                              : QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact)).left(200)
                         : value.toVariant().toString());
  }
  return t;
}

}  // namespace lacuna::ui
