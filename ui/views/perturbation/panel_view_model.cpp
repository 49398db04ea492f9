#include "views/perturbation/panel_view_model.h"

#include <QJsonArray>
#include <algorithm>
#include <cmath>

#include "views/format.h"
#include "views/neurons/neuron_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

QString errorText(const Error& error) {
  const QString text = u"%1 · %2"_s.arg(qs(error.code()), qs(error.message()));
  return error.hint().empty() ? text : text + u". "_s + qs(error.hint());
}

PanelViewModel::PanelViewModel(StudyContext& context, JobRunner& jobs, QObject* parent) : QObject(parent), m_study(context), m_jobs(jobs) {
  m_debounce.setSingleShot(true);
  m_debounce.setInterval(150);
  connect(&m_debounce, &QTimer::timeout, this, &PanelViewModel::preview);
  connect(&context.selection(), &SelectionModel::clusterChanged, this, [this] {
    if (m_study.selection().cluster().valid()) setCluster(m_study.selection().cluster());
  });
  connect(&context.selection(), &SelectionModel::strengthChanged, this, [this] {
    setEqualDose(m_study.selection().strengthEqualDose());
    setEpsilon(m_study.selection().strength());
  });
  connect(&context, &StudyContext::resultsChanged, this, [this] {
    if (m_width == 0) firstParameters();
    updateSelected();
    Q_EMIT changed();
  });
  firstParameters();
}

/// The study's first cluster at the layer where its probe is best, all tasks.
void PanelViewModel::firstParameters() {
  const auto& results = m_study.results();
  if (!results.clusters.empty()) m_parameters.cluster = results.clusters.front().id;
  double best = -1;
  for (const auto* probe : neuronProbes(results, m_parameters.cluster))
    if (probe->auc > best) best = probe->auc, m_parameters.layer = probe->layer;
  if (!results.effects.empty()) {
    const Condition& shown = m_study.selection().condition();
    m_parameters.method = shown.method.toStdString();
    m_parameters.epsilon = shown.epsilon;
    m_parameters.equalDose = shown.equalDose;
    for (const auto& e : results.effects)
      if (e.cluster == m_parameters.cluster && e.method == m_parameters.method) m_parameters.layer = e.layer;
  }
  m_parameters.tasks.clear();
  for (const auto& task : results.tasks) m_parameters.tasks.push_back(task.name);
  m_study.selection().setStrength(m_parameters.epsilon, m_parameters.equalDose);
  updateSelected();
}

void PanelViewModel::touched() {
  m_previewFresh = false;
  updateSelected();
  Q_EMIT changed();
  if (m_live) m_debounce.start();
}

const study::ProbeRow* PanelViewModel::probe() const {
  for (const auto* row : neuronProbes(m_study.results(), m_parameters.cluster))
    if (row->layer == m_parameters.layer) return row;
  return nullptr;
}

bool PanelViewModel::hasTarget() const { return m_width > 0 && (m_selected > 0 || !usesNeurons(qs(m_parameters.method))); }

void PanelViewModel::updateSelected() {
  m_selected = m_width = 0;
  if (const auto* shown = probe()) m_width = static_cast<std::int64_t>(shown->importance.size());
  if (m_width == 0) return;
  try {
    m_selected = static_cast<std::int64_t>(m_study.session().select(m_parameters).size());
  } catch (const Error& error) {
    Q_EMIT failed(errorText(error));
  }
}

void PanelViewModel::setCluster(ClusterId cluster) {
  if (std::exchange(m_parameters.cluster, cluster) != cluster) touched();
}
void PanelViewModel::setMethod(const QString& method) {
  if (std::exchange(m_parameters.method, method.toStdString()) != method.toStdString()) touched();
}
void PanelViewModel::setLayer(LayerIndex layer) {
  if (std::exchange(m_parameters.layer, layer) != layer) touched();
}
void PanelViewModel::setTauRule(const QString& rule) {
  if (std::exchange(m_parameters.tauRule, rule.toStdString()) != rule.toStdString()) touched();
}
void PanelViewModel::setTau(double tau) {
  if (std::exchange(m_parameters.tau, tau) != tau) touched();
}
void PanelViewModel::setEpsilon(double epsilon) {
  if (std::exchange(m_parameters.epsilon, epsilon) == epsilon) return;
  m_study.selection().setStrength(epsilon, m_parameters.equalDose);
  touched();
}
void PanelViewModel::setEqualDose(bool equal) {
  if (std::exchange(m_parameters.equalDose, equal) == equal) return;
  m_study.selection().setStrength(m_parameters.epsilon, equal);
  touched();
}
void PanelViewModel::switchDose(bool equal) {
  setEqualDose(equal);
  const auto run = strengthsRun();
  setEpsilon(!run.empty() ? run.back() : equal ? 0.1 : 1);
}
void PanelViewModel::setSeed(std::uint64_t seed) {
  if (std::exchange(m_parameters.seed, seed) != seed) touched();
}
void PanelViewModel::setTasks(std::vector<std::string> tasks) {
  if (std::exchange(m_parameters.tasks, tasks) != tasks) touched();
}

void PanelViewModel::setLive(bool live) {
  if (std::exchange(m_live, live) == live) return;
  Q_EMIT changed();
  if (live) m_debounce.start();
}

bool PanelViewModel::canRun() const {
  return !m_study.session().readOnly() && m_parameters.cluster.valid() && m_parameters.layer.valid() && !m_parameters.tasks.empty() && hasTarget();
}

void PanelViewModel::preview() {
  m_debounce.stop();
  if (!m_parameters.cluster.valid() || !m_parameters.layer.valid() || m_parameters.tasks.empty() || !hasTarget()) return;
  m_jobs.start<study::PreviewResult>(
      JobPolicy::LatestWins, u"preview"_s, tr("Preview"), this,
      [session = m_study.sharedSession(), panel = m_parameters](const RunContext& context) { return session->preview(panel, previewItems, context); },
      [this](const study::PreviewResult& result) {
        m_preview = result;
        m_previewFresh = true;
        if (result.seconds > 2 && m_live) m_live = false;   // too slow to follow a slider
        Q_EMIT previewChanged();
        Q_EMIT changed();
      },
      [this](const Error& error) {
        m_live = false;
        Q_EMIT failed(errorText(error));
        Q_EMIT changed();
      });
}

void PanelViewModel::run() {
  if (const auto existing = m_study.session().existingRun(m_parameters)) {
    m_study.selection().setRun(*existing);
    return Q_EMIT runStored(*existing);
  }
  if (!canRun()) return;
  const QString title = tr("%1 · %2 · L%3").arg(m_study.clusterLabel(m_parameters.cluster), methodName(qs(m_parameters.method))).arg(m_parameters.layer.value);
  using Stored = std::pair<std::int64_t, std::shared_ptr<const study::Results>>;
  m_jobs.start<Stored>(
      JobPolicy::Queue, u"engine"_s, title, this,
      [session = m_study.sharedSession(), panel = m_parameters](const RunContext& context) {
        const std::int64_t number = session->run(panel, context);
        return Stored(number, session->results());
      },
      [this](const Stored& outcome) {
        m_study.setResults(outcome.second);
        m_study.selection().setRun(outcome.first);
        Q_EMIT runStored(outcome.first);
      },
      [this](const Error& error) { Q_EMIT failed(errorText(error)); });
}

void PanelViewModel::tune() {
  if (!canRun()) return Q_EMIT failed(m_study.session().readOnly() ? costText() : selectionText());
  using Results = std::shared_ptr<const study::Results>;
  const QString title = tr("Safe strength of %1 · %2").arg(m_study.clusterLabel(m_parameters.cluster), methodName(qs(m_parameters.method)));
  m_jobs.start<Results>(
      JobPolicy::Queue, u"engine"_s, title, this,
      [session = m_study.sharedSession(), panel = m_parameters, budget = m_study.selection().lossBudget()](const RunContext& context) {
        session->tune(panel, budget, context);
        return session->results();
      },
      [this, cluster = m_parameters.cluster](const Results& results) {
        m_study.setResults(results);
        m_study.selection().setCluster(cluster);
      },
      [this](const Error& error) { Q_EMIT failed(errorText(error)); });
}

void PanelViewModel::runPairs() {
  if (m_study.session().readOnly()) return Q_EMIT failed(costText());
  using Results = std::shared_ptr<const study::Results>;
  m_jobs.start<Results>(
      JobPolicy::Queue, u"engine"_s, tr("Pairs of clusters"), this,
      [session = m_study.sharedSession()](const RunContext& context) {
        session->runPairs(context);
        return session->results();
      },
      [this](const Results& results) { m_study.setResults(results); }, [this](const Error& error) { Q_EMIT failed(errorText(error)); });
}

QString PanelViewModel::tauReason() const {
  if (!usesNeurons(qs(m_parameters.method))) return tr("τ chooses neurons; this method edits directions of the whole state.");
  if (m_parameters.tauRule != "perm-null") return {};
  const auto* shown = probe();
  if (!shown || !std::isfinite(shown->nullThreshold))
    return tr("This probe has no permutation null: set tau.rule to \"perm-null\" in the spec and run the study.");
  return tr("τ_β = %1, from permuted labels").arg(stripped(shown->nullThreshold));
}

QString PanelViewModel::selectionText() const {
  if (m_width == 0) return tr("No probe at this layer.");
  const QString reason = tauReason();
  if (!usesNeurons(qs(m_parameters.method))) return reason;
  if (m_selected == 0 && reason.isEmpty()) return tr("|S| = 0: τ selects no neuron. Raise it.");
  if (m_selected == 0) return tr("|S| = 0: the cluster is not localised here. %1").arg(reason);
  const double share = 100.0 * static_cast<double>(m_selected) / static_cast<double>(m_width);
  const QString text = tr("|S| = %1 of %2 (%3 %)").arg(count(m_selected), count(m_width), number(share, 1));
  const QString size = share > 50 ? text + tr(" – more than half of the layer") : text;
  return reason.isEmpty() ? size : size + u" · "_s + reason;
}

bool PanelViewModel::selectionWarns() const { return usesNeurons(qs(m_parameters.method)) && (m_selected == 0 || m_selected * 2 > m_width); }

QString PanelViewModel::runText() const {
  const auto existing = m_study.session().existingRun(m_parameters);
  return existing ? tr("Show run #%1").arg(*existing) : tr("Run");
}

QString PanelViewModel::costText() const {
  if (m_study.session().readOnly()) return tr("The study is open read-only. Save a copy to run.");
  if (m_parameters.tasks.empty()) return tr("Choose a task.");
  if (m_study.session().existingRun(m_parameters)) return tr("These parameters were run before.");
  const double seconds = m_study.session().estimatedSeconds(m_parameters);
  return seconds > 0 ? tr("%1 · saves 1 run").arg(duration(seconds)) : tr("saves 1 run with its controls");
}

std::vector<double> PanelViewModel::strengthsRun() const {
  std::vector<double> out;
  for (const auto& run : m_study.results().runs)
    if (run.kind == "cell" && run.cluster == m_parameters.cluster && run.method == m_parameters.method && run.equalDose == m_parameters.equalDose) out.push_back(run.dose);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

QStringList PanelViewModel::methods() const {
  QStringList all = methodIds();
  for (const auto& run : m_study.results().runs)
    if (run.kind == "cell" && !run.method.empty() && !all.contains(qs(run.method))) all << qs(run.method);
  return all;
}

std::vector<LayerIndex> PanelViewModel::layers() const {
  std::vector<LayerIndex> out;
  for (const auto* probe : neuronProbes(m_study.results(), m_parameters.cluster)) out.push_back(probe->layer);
  return out;
}

QJsonObject PanelViewModel::state() const {
  QJsonArray tasks;
  for (const std::string& task : m_parameters.tasks) tasks.append(qs(task));
  return {{u"cluster"_s, m_parameters.cluster.value}, {u"method"_s, qs(m_parameters.method)}, {u"layer"_s, m_parameters.layer.value},
          {u"tau_rule"_s, qs(m_parameters.tauRule)}, {u"tau"_s, m_parameters.tau}, {u"epsilon"_s, m_parameters.epsilon},
          {u"equal_dose"_s, m_parameters.equalDose}, {u"seed"_s, static_cast<qint64>(m_parameters.seed)}, {u"tasks"_s, tasks}, {u"live"_s, m_live},
          {u"loss_budget"_s, m_study.selection().lossBudget()}};
}

void PanelViewModel::restore(const QJsonObject& state) {
  if (state.isEmpty()) return;
  const ClusterId cluster(state[u"cluster"_s].toInt(-1));
  if (m_study.cluster(cluster)) m_parameters.cluster = cluster;   // the study may have been clustered anew since
  const LayerIndex layer(state[u"layer"_s].toInt(-1));
  if (const auto known = layers(); std::find(known.begin(), known.end(), layer) != known.end()) m_parameters.layer = layer;
  m_parameters.method = state[u"method"_s].toString(qs(m_parameters.method)).toStdString();
  m_parameters.tauRule = state[u"tau_rule"_s].toString(qs(m_parameters.tauRule)).toStdString();
  m_parameters.tau = state[u"tau"_s].toDouble(m_parameters.tau);
  m_parameters.epsilon = state[u"epsilon"_s].toDouble(m_parameters.epsilon);
  m_parameters.equalDose = state[u"equal_dose"_s].toBool(m_parameters.equalDose);
  m_parameters.seed = static_cast<std::uint64_t>(state[u"seed"_s].toInteger());
  if (state.contains(u"tasks"_s)) m_parameters.tasks.clear();
  for (const QJsonValue& task : state[u"tasks"_s].toArray()) m_parameters.tasks.push_back(task.toString().toStdString());
  m_study.selection().setLossBudget(state[u"loss_budget"_s].toDouble(m_study.selection().lossBudget()));
  m_live = state[u"live"_s].toBool(true);
  m_study.selection().setStrength(m_parameters.epsilon, m_parameters.equalDose);
  updateSelected();
  Q_EMIT changed();
}

}  // namespace lacuna::ui
