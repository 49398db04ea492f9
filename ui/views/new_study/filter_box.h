#pragma once

#include <QWidget>

#include "views/new_study/filter_state.h"

class QLabel;
class QLineEdit;
class QToolButton;

namespace lacuna::ui {

class ConditionBuilder;
class FlowLayout;

/// A filter: the expression, which is the truth, what is wrong with it and where, its conditions as chips that can be taken off, and a way to
/// click further ones together.
class FilterBox : public QWidget {
  Q_OBJECT
 public:
  /// name: what the filter is for, for screen readers.
  explicit FilterBox(const QString& name, QWidget* parent = nullptr);
  void setState(const FilterState& state, const study::CorpusLook* look);
  QLineEdit* edit() const { return m_edit; }

 Q_SIGNALS:
  void edited(const QString& expression);

 private:
  void refreshChips();

  FilterState m_state;
  QString m_name;
  QLineEdit* m_edit;
  QLabel *m_place, *m_fault, *m_passing;
  QWidget* m_line;
  FlowLayout* m_chips;
  QToolButton* m_more;
  ConditionBuilder* m_builder;
  QStringList m_shown;
};

}  // namespace lacuna::ui
