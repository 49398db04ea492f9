#include <QColor>
#include <algorithm>

#include "theme/colours.h"
#include "views/format.h"
#include "views/perturbation/panel_view_model.h"
#include "views/tasks/task_library_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

TaskItemViewModel::TaskItemViewModel(StudyContext& context) : ViewModel(context, u"task-item"_s, tr("One item")) {
  connect(&context.selection(), &SelectionModel::conditionChanged, this, &TaskItemViewModel::follow);
  connect(&context, &StudyContext::resultsChanged, this, &TaskItemViewModel::follow);
  m_shownTask = task();
}

QString TaskItemViewModel::task() const {
  const QString wanted = selection().condition().task;
  return !wanted.isEmpty() || results().tasks.empty() ? wanted : qs(results().tasks.front().name);
}

int TaskItemViewModel::items() const {
  for (const auto& t : results().tasks)
    if (qs(t.name) == m_shownTask) return static_cast<int>(t.items);
  return 0;
}

void TaskItemViewModel::follow() {
  if (!linked() || task() == m_shownTask) return;
  m_shownTask = task();
  m_item = 0;
  m_view = {};
  m_asked ? ask() : Q_EMIT changed();
}

void TaskItemViewModel::setItem(int item) {
  if (item == m_item || item < 0 || item >= items()) return;
  m_item = item;
  ask();
}

void TaskItemViewModel::ask() {
  m_asked = true;
  study().jobs().start<study::ItemView>(JobPolicy::LatestWins, u"task-item"_s, tr("Rendering an item"), this,
                                        [session = study().sharedSession(), task = m_shownTask.toStdString(), place = m_item](const RunContext& context) {
                                          return session->itemView(task, place, context);
                                        },
                                        [this](const study::ItemView& view) {
                                          m_view = view;
                                          m_problem = view.status == "ok" ? QString() : tr("This item is not scored: %1.").arg(qs(view.status));
                                          Q_EMIT changed();
                                        },
                                        [this](const Error& error) {
                                          m_problem = errorText(error);
                                          Q_EMIT changed();
                                        });
  Q_EMIT changed();
}

QString TaskItemViewModel::subtitle() const {
  return tr("%1 · item %2 of %3 as the model reads it · one shade a token; the scored ones are marked").arg(m_shownTask).arg(m_item + 1).arg(items());
}

EmptyState TaskItemViewModel::emptyState() const {
  if (items() > 0) return {};
  return {tr("One item exactly as the model reads it"), tr("No task has been scored yet."), u"study.update"_s, tr("Run the study")};
}

namespace {

QString tokenHtml(const study::TokenPiece& piece, const QColor& ground) {
  QString text = qs(piece.text).toHtmlEscaped();
  text.replace(u"\n"_s, u"↵<br>"_s).replace(u"  "_s, u"&nbsp; "_s);
  if (text.startsWith(u' ')) text = u"&nbsp;"_s + text.mid(1);
  const QString style = ground.isValid() ? u" style=\"background-color:%1%2\""_s.arg(ground.name(), piece.scored ? u";font-weight:600"_s : QString()) : QString();
  return u"<span%1>%2</span><wbr>"_s.arg(style, text);
}

}  // namespace

QString TaskItemViewModel::html(const QColor& token, const QColor& scored, const QColor& secondary) const {
  if (m_view.texts.empty()) return m_asked && m_problem.isEmpty() ? u"<p style=\"color:%1\">%2</p>"_s.arg(secondary.name(), tr("Loading the model and reading the item…")) : QString();
  const auto& first = m_view.texts.front().pieces;
  const auto answer = std::find_if(first.begin(), first.end(), [](const auto& p) { return p.scored; });
  QString out = u"<p>"_s;
  int n = 0;
  for (auto p = first.begin(); p != answer; ++p) out += tokenHtml(*p, n++ % 2 ? token : QColor());
  out += u"</p>"_s;
  for (const auto& text : m_view.texts) {
    out += u"<p><span style=\"color:%1\">%2&nbsp;</span>"_s.arg(secondary.name(), text.gold ? u"✓"_s : u"○"_s);
    const auto begin = text.pieces.begin() + std::min<std::ptrdiff_t>(answer - first.begin(), std::ssize(text.pieces));
    for (auto p = begin; p != text.pieces.end(); ++p) out += tokenHtml(*p, p->scored ? (n++ % 2 ? scored : mixed(scored, token, 0.35)) : n++ % 2 ? token : QColor());
    out += u"</p>"_s;
  }
  return out;
}

TableData TaskItemViewModel::table() const {
  TableData t{{{"text", tr("Text"), true}, {"gold", tr("Right")}, {"position", tr("Position"), true}, {"token", tr("Token")}, {"scored", tr("Scored")}}, {}};
  for (std::size_t i = 0; i < m_view.texts.size(); ++i)
    for (std::size_t k = 0; k < m_view.texts[i].pieces.size(); ++k) {
      const auto& piece = m_view.texts[i].pieces[k];
      t.rows.push_back({static_cast<std::int64_t>(i), m_view.texts[i].gold ? tr("yes") : QString(), static_cast<std::int64_t>(k), qs(piece.text), piece.scored ? tr("yes") : QString()});
    }
  return t;
}

}  // namespace lacuna::ui
