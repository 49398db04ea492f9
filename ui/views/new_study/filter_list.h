#pragma once

#include <QWidget>

class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace lacuna::ui {

class FilterBox;
class InputLines;
class NewStudyViewModel;

/// Clusters by filters: a name and an expression each, in the order in which a document is tried on them.
class FilterList : public QWidget {
  Q_OBJECT
 public:
  explicit FilterList(NewStudyViewModel& model, QWidget* parent = nullptr);

 private:
  struct Row {
    QWidget* widget;
    QLineEdit* name;
    FilterBox* filter;
    InputLines* note;
    QToolButton *up, *down;
  };
  Row makeRow(int place);
  void refresh();

  NewStudyViewModel& m_model;
  QVBoxLayout* m_layout;
  QList<Row> m_rows;
};

}  // namespace lacuna::ui
