#include <algorithm>
#include <cmath>

#include "views/effects/effect_words.h"
#include "views/format.h"
#include "views/perturbation/panel_view_model.h"
#include "views/tasks/task_library_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

ExamplesViewModel::ExamplesViewModel(StudyContext& context) : ViewModel(context, u"examples"_s, tr("Example diff")) {
  connect(&context, &StudyContext::resultsChanged, this, [this] {
    m_run = 0;
    follow();
  });
  connect(&context.selection(), &SelectionModel::changed, this, &ExamplesViewModel::follow);
  follow();
}

QString ExamplesViewModel::task() const {
  const QString wanted = selection().condition().task;
  return !wanted.isEmpty() || results().tasks.empty() ? wanted : qs(results().tasks.front().name);
}

std::int64_t ExamplesViewModel::run() const {
  if (selection().run() > 0) return selection().run();
  const Condition& c = selection().condition();
  const auto fits = [&](const study::RunRow& r) {
    return r.kind == "cell" && r.status == "done" && qs(r.method) == c.method && r.equalDose == c.equalDose && std::abs(r.dose - c.epsilon) < 1e-9;
  };
  const study::RunRow* found = nullptr;
  for (const auto& r : results().runs)
    if (fits(r) && (!found || r.cluster == shownCluster())) found = &r;
  return found ? found->number : 0;
}

/// Asks for the run's items when run or task are others than before.
void ExamplesViewModel::follow() {
  if (!linked() || (run() == m_run && task() == m_task)) return;
  m_run = run();
  m_task = task();
  m_row = -1;
  ++m_version;
  m_examples = {};
  m_problem.clear();
  m_loading = m_run > 0 && !m_task.isEmpty();
  if (!m_loading) return Q_EMIT changed();
  study().jobs().start<study::Examples>(JobPolicy::LatestWins, u"examples"_s, tr("Reading the examples"), this,
                                        [session = study().sharedSession(), run = m_run, task = m_task.toStdString()](const RunContext&) { return session->examples(run, task); },
                                        [this](const study::Examples& examples) {
                                          m_loading = false;
                                          m_examples = examples;
                                          ++m_version;
                                          Q_EMIT changed();
                                        },
                                        [this](const Error& error) {
                                          m_loading = false;
                                          m_problem = errorText(error);
                                          Q_EMIT changed();
                                        });
}

QString ExamplesViewModel::subtitle() const {
  if (m_run == 0) return {};
  const auto flips = [this](int way) { return std::count_if(m_examples.rows.begin(), m_examples.rows.end(), [way](const auto& r) { return r.flip == way; }); };
  const auto found = std::find_if(results().runs.begin(), results().runs.end(), [this](const auto& r) { return r.number == m_run; });
  QString text = tr("run #%1").arg(m_run);
  if (found != results().runs.end()) text += u" · %1 · %2"_s.arg(study().clusterLabel(found->cluster), methodName(qs(found->method)));
  text += u" · "_s + m_task;
  if (m_loading) return text + tr(" · reading…");
  if (m_examples.metric.empty()) return text + tr(" · %1 items").arg(count(std::ssize(m_examples.rows)));
  return text + tr(" · %1 items: %2 right answers lost ↓, %3 won ↑").arg(count(std::ssize(m_examples.rows)), count(flips(-1)), count(flips(1)));
}

QString ExamplesViewModel::note() const {
  if (!m_problem.isEmpty()) return m_problem;
  if (m_loading || m_examples.rows.empty()) return {};
  if (m_filter != Filter::All && rows().empty()) return m_filter == Filter::Down ? tr("No answer was lost.") : tr("No answer was won.");
  return m_examples.metric.empty() ? tr("This task has no metric that counts right answers: only margins can be compared.") : QString();
}

EmptyState ExamplesViewModel::emptyState() const {
  if (m_run > 0) return {};
  return {tr("The items whose answer a perturbation flipped"), results().runs.empty() ? tr("Nothing has been perturbed yet.") : tr("No run is selected."),
          results().runs.empty() ? u"study.update"_s : u"stage.runs"_s, results().runs.empty() ? tr("Run the study") : tr("Choose a run")};
}

void ExamplesViewModel::setFilter(Filter filter) {
  if (std::exchange(m_filter, filter) == filter) return;
  m_row = -1;
  ++m_version;
  Q_EMIT changed();
}

void ExamplesViewModel::restore(const QJsonObject& state) { setFilter(static_cast<Filter>(std::clamp(state[u"filter"_s].toInt(), 0, 2))); }

std::vector<const study::ExampleRow*> ExamplesViewModel::rows() const {
  std::vector<const study::ExampleRow*> out;
  for (const auto& row : m_examples.rows)
    if (m_filter == Filter::All || row.flip == (m_filter == Filter::Down ? -1 : 1)) out.push_back(&row);
  return out;
}

void ExamplesViewModel::activateRow(int row) {
  if (std::exchange(m_row, row) != row) Q_EMIT changed();
}

QString ExamplesViewModel::readerHtml() const {
  const auto shown = rows();
  if (shown.empty()) return {};
  const auto& r = *shown[static_cast<std::size_t>(std::clamp(m_row, 0, static_cast<int>(shown.size()) - 1))];
  const auto answer = [](const std::string& text) { return text.empty() ? u"–"_s : qs(text).toHtmlEscaped(); };
  return tr("<p><b>Item %1</b> · right answer: %2</p><p>clean: %3<br>perturbed: %4</p><p>%5</p>").arg(r.item).arg(answer(r.gold), answer(r.clean), answer(r.perturbed), qs(r.question).toHtmlEscaped().replace(u'\n', u"<br>"_s));
}

TableData ExamplesViewModel::table() const {
  TableData t{{{"item", tr("Item"), true}, {"flip", tr("Flip")}, {"gold", tr("Right answer")}, {"clean", tr("Clean")}, {"perturbed", tr("Perturbed")},
               {"clean_margin", tr("Margin clean"), true, 2, true}, {"perturbed_margin", tr("perturbed"), true, 2, true}, {"delta", u"Δ"_s, true, 2, true},
               {"clean_score", tr("Score clean"), true, 2}, {"perturbed_score", tr("perturbed"), true, 2}, {"question", tr("Question")}}, {}};
  for (const auto* r : rows())
    t.rows.push_back({r->item, r->flip < 0 ? u"↓"_s : r->flip > 0 ? u"↑"_s : QString(), qs(r->gold), qs(r->clean), qs(r->perturbed), r->cleanMargin, r->perturbedMargin,
                      r->perturbedMargin - r->cleanMargin, r->cleanScore, r->perturbedScore, qs(r->question)});
  return t;
}

}  // namespace lacuna::ui
