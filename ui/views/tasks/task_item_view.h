#pragma once

#include "views/tasks/task_library_view_models.h"
#include "widgets/view_frame.h"

class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTextBrowser;

namespace lacuna::ui {

/// The rendered item, with its number to choose; the model is loaded when first asked for.
class TaskItemView : public ViewFrame {
  Q_OBJECT
 public:
  explicit TaskItemView(StudyContext& study, QWidget* parent = nullptr);

 protected:
  void updateContent() override;

 private:
  TaskItemView(TaskItemViewModel* model, QWidget* content, QWidget* parent);
  TaskItemViewModel* m_item;
  QSpinBox* m_number;
  QPushButton* m_show;
  QTextBrowser* m_text;
};

}  // namespace lacuna::ui
