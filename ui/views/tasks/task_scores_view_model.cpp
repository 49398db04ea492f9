#include <algorithm>
#include <cmath>

#include "lacuna/study/metrics.h"
#include "views/format.h"
#include "views/perturbation/panel_view_model.h"
#include "views/tasks/task_library_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

TaskScoresViewModel::TaskScoresViewModel(StudyContext& context) : ViewModel(context, u"task-scores"_s, tr("Task library")) {}

EmptyState TaskScoresViewModel::emptyState() const {
  if (!results().tasks.empty()) return {};
  return {tr("What each ability asks, and how well the clean model does"), tr("No task has been scored yet."), u"study.update"_s, tr("Run the study")};
}

/// Task files are read and bootstraps drawn on a worker; until then the stored means stand alone.
void TaskScoresViewModel::ask() const {
  if (m_pagesOf == study().sharedResults()) return;
  m_pagesOf = study().sharedResults();
  m_pages.clear();
  using Pages = std::vector<study::TaskPage>;
  auto* self = const_cast<TaskScoresViewModel*>(this);
  study().jobs().start<Pages>(JobPolicy::LatestWins, u"task-pages"_s, tr("Reading the tasks"), self,
                              [session = study().sharedSession()](const RunContext&) { return session->taskPages(); },
                              [self](const Pages& pages) {
                                self->m_pages = pages;
                                self->m_problem.clear();
                                Q_EMIT self->changed();
                              },
                              [self](const Error& error) {
                                self->m_problem = errorText(error);
                                Q_EMIT self->changed();
                              });
}

const study::TaskPage* TaskScoresViewModel::shown() const {
  const std::string task = selection().condition().task.toStdString();
  const auto found = std::find_if(m_pages.begin(), m_pages.end(), [&](const auto& page) { return page.name == task; });
  return found != m_pages.end() ? &*found : m_pages.empty() ? nullptr : &m_pages.front();
}

QString TaskScoresViewModel::subtitle() const {
  const study::TaskPage* page = shown();
  if (!page) return tr("clean model, 95 % interval · red: guessing");
  QString text = tr("%1 · %2 · %3 items, %4 reported · %5 shots · %6").arg(qs(page->name), qs(page->format), count(page->items), count(page->reported)).arg(page->shots).arg(qs(page->file));
  return page->description.empty() ? text : text + u"\n"_s + qs(page->description);
}

QString TaskScoresViewModel::note() const {
  if (!m_problem.isEmpty()) return m_problem;
  QStringList atFloor;
  for (const auto& page : m_pages)
    if (study::countsRight(page.metric) && page.clean.low <= page.chance) atFloor << qs(page.name);
  if (atFloor.isEmpty()) return {};
  return tr("Not above guessing: %1. A perturbation cannot take away what is not there; read the margin instead.").arg(atFloor.join(u", "_s));
}

ForestFigure TaskScoresViewModel::figure() const {
  ask();
  ForestFigure f;
  f.axisLabel = tr("right answers");
  f.markLabel = tr("guessing");
  for (const auto& task : results().tasks) {
    const auto page = std::find_if(m_pages.begin(), m_pages.end(), [&](const auto& p) { return p.name == task.name; });
    ForestRow row;
    row.label = qs(task.name);
    row.estimate = row.low = row.high = task.accuracy;
    row.tone = toneAccent;
    row.filled = true;
    const bool right = task.metric.empty() || study::countsRight(task.metric);   // what is no accuracy has no place on this axis
    row.computed = right && !std::isnan(task.accuracy);
    row.highlighted = selection().condition().task == row.label;
    if (right && task.chance > 0) row.mark = task.chance;
    const QString own = right ? number(task.accuracy, 2) : u"%1 %2"_s.arg(qs(task.metric), number(task.accuracy, 2));
    row.right = std::isnan(task.accuracy) ? u"–"_s : own;
    row.tooltip = tr("%1\n%2 items · guessing %3").arg(row.label, count(task.items), number(task.chance, 2));
    if (page != m_pages.end()) {
      if (!std::isnan(page->clean.low)) row.estimate = page->clean.value, row.low = page->clean.low, row.high = page->clean.high;
      const QString margin = signedNumber(page->margin.value);
      row.right = std::isnan(task.accuracy) ? tr("margin %1").arg(margin) : tr("%1 · margin %2").arg(right ? number(row.estimate, 2) : own, margin);
      row.tooltip += tr("\n%1 %2 on %3 reported items, %4 groups\nmargin %5").arg(qs(page->metric), interval(page->clean.low, page->clean.high), count(page->n), count(page->groups),
                                                                                    effectText(page->margin.value, page->margin.low, page->margin.high));
    }
    f.rows.push_back(std::move(row));
  }
  return f;
}

void TaskScoresViewModel::activate(int row, Qt::KeyboardModifiers) {
  Condition condition = study().selection().condition();
  condition.task = qs(results().tasks[static_cast<std::size_t>(row)].name);
  study().selection().setCondition(condition);
}

TableData TaskScoresViewModel::table() const {
  ask();
  TableData t{{{"task", tr("Task")}, {"format", tr("Format")}, {"n_items", tr("Items"), true}, {"n_reported", tr("Reported"), true}, {"shots", tr("Shots"), true},
               {"metric", tr("Metric")}, {"clean", tr("Clean"), true}, {"clean_low", tr("low"), true}, {"clean_high", tr("high"), true}, {"chance", tr("Guessing"), true},
               {"margin", tr("Margin"), true, 3, true}, {"margin_low", tr("low"), true, 3, true}, {"margin_high", tr("high"), true, 3, true}, {"file", tr("File")}}, {}};
  for (const auto& p : m_pages)
    t.rows.push_back({qs(p.name), qs(p.format), p.items, p.reported, p.shots, qs(p.metric), p.clean.value, p.clean.low, p.clean.high, study::countsRight(p.metric) ? p.chance : std::nan(""), p.margin.value, p.margin.low,
                      p.margin.high, qs(p.file)});
  return t;
}

}  // namespace lacuna::ui
