#pragma once

#include "views/clusters/cluster_view_models.h"
#include "widgets/view_frame.h"

class QLineEdit;
class QTextBrowser;

namespace lacuna::ui {

class TableView;

/// The table of documents, a filter, and a reader under it.
class DocumentsView : public ViewFrame {
  Q_OBJECT
 public:
  explicit DocumentsView(StudyContext& study, QWidget* parent = nullptr);
  TableView* table() const { return m_table; }

 protected:
  void updateContent() override;

 private:
  DocumentsView(DocumentsViewModel* model, QWidget* content, QWidget* parent);
  DocumentsViewModel* m_documents;
  TableView* m_table;
  QTextBrowser* m_reader;
  QLineEdit* m_filter;
  const void* m_shown = nullptr;
};

}  // namespace lacuna::ui
