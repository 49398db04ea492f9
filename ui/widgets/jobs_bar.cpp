#include "widgets/jobs_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QToolButton>

#include "theme/icons.h"
#include "views/format.h"

namespace lacuna::ui {

JobsBar::JobsBar(JobRunner& jobs, QWidget* parent)
    : QWidget(parent), m_jobs(jobs), m_text(new QLabel(this)), m_progress(new QProgressBar(this)), m_stop(new QToolButton(this)) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_text);
  layout->addWidget(m_progress);
  layout->addWidget(m_stop);
  m_progress->setFixedWidth(140);
  m_progress->setTextVisible(false);
  m_progress->setAccessibleName(tr("Progress of the running job"));
  m_stop->setIcon(icon(u"stop"));
  m_stop->setToolTip(tr("Stop (Ctrl+.)"));
  m_stop->setAccessibleName(tr("Stop the running job"));
  connect(m_stop, &QToolButton::clicked, this, &JobsBar::cancelCurrent);
  connect(&jobs, &JobRunner::jobChanged, this, &JobsBar::showState);
  hide();
}

void JobsBar::cancelCurrent() {
  m_text->setText(tr("Cancelling…"));
  m_jobs.cancel(m_current);
}

QString JobsBar::text() const { return m_text->text(); }

void JobsBar::showState(const JobState& state) {
  if (state.quiet) return;
  const bool over = state.status != JobStatus::Running && state.status != JobStatus::Queued;
  if (over) {
    if (state.id == m_current) m_current = 0, hide();
    return;
  }
  if (m_current != 0 && state.id != m_current && state.status == JobStatus::Queued) return;
  m_current = state.id;
  QString text = state.title;
  if (!state.stage.isEmpty()) text += QStringLiteral(" · ") + state.stage;
  if (state.total > 0) text += tr(" · %1 of %2").arg(count(static_cast<std::int64_t>(state.done)), count(static_cast<std::int64_t>(state.total)));
  if (const double left = state.secondsLeft(QDateTime::currentMSecsSinceEpoch()); left >= 0) text += QStringLiteral(" · ") + duration(left);
  m_text->setText(text);
  m_progress->setRange(0, state.total > 0 ? 1000 : 0);
  if (state.total > 0) m_progress->setValue(static_cast<int>(1000.0 * static_cast<double>(state.done) / static_cast<double>(state.total)));
  show();
}

}  // namespace lacuna::ui
