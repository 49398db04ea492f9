#pragma once

#include <QWidget>

#include "lacuna/study/filters.h"
#include "lacuna/study/looks.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace lacuna::ui {

/// A condition by clicks: a field that the first rows have, what is asked of it, and its values as they were counted.
class ConditionBuilder : public QWidget {
  Q_OBJECT
 public:
  explicit ConditionBuilder(QWidget* parent = nullptr);
  void setLook(const study::CorpusLook* look);
  QString condition() const;                       ///< empty: nothing was chosen yet

 Q_SIGNALS:
  void built(const QString& condition);

 private:
  void fieldChosen();
  void refresh();
  const study::FieldLook* field() const;
  study::FilterTest test() const;
  QStringList values() const;

  QComboBox *m_field, *m_test;
  QListWidget* m_values;
  QLineEdit* m_value;
  QLabel* m_preview;
  QPushButton* m_add;
  std::vector<study::FieldLook> m_fields;
};

}  // namespace lacuna::ui
