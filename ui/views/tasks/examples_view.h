#pragma once

#include "views/tasks/task_library_view_models.h"
#include "widgets/view_frame.h"

class QComboBox;
class QTextBrowser;

namespace lacuna::ui {

class TableView;

/// The table of items, a filter of flips, and a reader of the chosen one.
class ExamplesView : public ViewFrame {
  Q_OBJECT
 public:
  explicit ExamplesView(StudyContext& study, QWidget* parent = nullptr);
  TableView* table() const { return m_table; }

 protected:
  void updateContent() override;

 private:
  ExamplesView(ExamplesViewModel* model, QWidget* content, QWidget* parent);
  ExamplesViewModel* m_examples;
  TableView* m_table;
  QTextBrowser* m_reader;
  QComboBox* m_filter;
  int m_shown = -1;
  bool m_filling = false;
};

}  // namespace lacuna::ui
