#pragma once

#include <QJsonObject>
#include <QObject>

#include "selection/study_context.h"
#include "views/table_data.h"

namespace lacuna::ui {

/// Shown in place of a view: what it will show, why it is empty, and the one thing to do.
struct EmptyState {
  QString what, why, actionId, actionText;
  bool shown() const { return !what.isEmpty(); }
};

/// The part of a view without widgets: turns results and selection into figure data, table, caption and sentences.
class ViewModel : public QObject {
  Q_OBJECT
 public:
  ViewModel(StudyContext& study, QString id, QString title);

  const QString& id() const { return m_id; }          ///< "forest"; also its key in the study's view state
  const QString& title() const { return m_title; }
  virtual QString subtitle() const = 0;               ///< n and filter
  virtual QString note() const { return {}; }         ///< a warning in words
  virtual EmptyState emptyState() const { return {}; }
  virtual TableData table() const = 0;
  virtual QString caption() const { return title() + QStringLiteral(". ") + subtitle() + u'.'; }
  virtual QString summary() const { return subtitle(); }   ///< for screen readers: the finding in one sentence
  virtual QJsonObject state() const { return {}; }
  virtual void restore(const QJsonObject&) {}

  /// An unlinked view keeps what it shows while the selection moves on.
  bool linked() const { return m_linked; }
  void setLinked(bool linked);

 Q_SIGNALS:
  void changed();

 protected:
  virtual void peopleChanged() {}                      ///< what people said was renewed; a view that shows it announces a change
  const study::Results& results() const { return m_study.results(); }
  StudyContext& study() const { return m_study; }
  /// What the view shows: the window's selection or, unlinked, the one at that moment. Acts go to study().selection().
  const SelectionModel& selection() const { return m_linked ? m_study.selection() : m_kept; }
  ClusterId shownCluster() const;                      ///< the selected one, else the first

 private:
  StudyContext& m_study;
  QString m_id, m_title;
  SelectionModel m_kept;
  bool m_linked = true;
};

}  // namespace lacuna::ui
