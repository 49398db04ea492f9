#pragma once

#include <QItemSelectionModel>
#include <QKeyEvent>

#include "widgets/table_model.h"
#include "widgets/view_frame.h"

namespace lacuna::ui {

/// A view that is one table. Rows select by the model's activateRow; Space pins where the model can.
template <class Model>
class TableContentView : public ViewFrame {
 public:
  explicit TableContentView(StudyContext& study, QWidget* parent = nullptr) : TableContentView(new Model(study), new TableView({}), parent) {}
  TableContentView(Model* model, TableView* content, QWidget* parent) : ViewFrame(model, content, nullptr, parent), m_rows(model), m_content(content) {
    content->setAccessibleName(model->title());
    content->installEventFilter(this);
    if constexpr (requires { model->activateRow(0); })
      connect(content->selectionModel(), &QItemSelectionModel::currentRowChanged, model, [this](const QModelIndex& index) {
        if (index.isValid() && !m_filling) m_rows->activateRow(m_content->tableModel().sourceRow(index.row()));
      });
    refresh();
  }

 protected:
  void updateContent() override {
    if (!m_content || m_filling) return;
    m_filling = true;
    const QModelIndex current = m_content->currentIndex();
    m_content->setTable(m_rows->table());
    if constexpr (requires { m_rows->highlightedRows(); }) m_content->tableModel().setHighlighted(m_rows->highlightedRows());
    if (current.isValid() && m_content->hasFocus()) m_content->setCurrentIndex(m_content->tableModel().index(current.row(), current.column()));
    m_filling = false;
  }
  bool eventFilter(QObject* watched, QEvent* event) override {
    if constexpr (requires { m_rows->pinRow(0); }) {
      if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space && m_content->currentIndex().isValid()) {
        m_rows->pinRow(m_content->tableModel().sourceRow(m_content->currentIndex().row()));
        return true;
      }
    }
    return ViewFrame::eventFilter(watched, event);
  }

 private:
  Model* m_rows = nullptr;
  TableView* m_content = nullptr;
  bool m_filling = false;
};

}  // namespace lacuna::ui
