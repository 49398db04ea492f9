#pragma once

#include <QWidget>

#include "jobs/job_runner.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace lacuna::ui {

/// In the status bar: the job in front, its progress, time left, and Stop.
class JobsBar : public QWidget {
  Q_OBJECT
 public:
  explicit JobsBar(JobRunner& jobs, QWidget* parent = nullptr);
  void cancelCurrent();
  QString text() const;

 private:
  void showState(const JobState& state);
  JobRunner& m_jobs;
  int m_current = 0;
  QLabel* m_text;
  QProgressBar* m_progress;
  QToolButton* m_stop;
};

}  // namespace lacuna::ui
