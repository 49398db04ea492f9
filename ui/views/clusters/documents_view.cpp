#include "views/clusters/documents_view.h"

#include <QItemSelectionModel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStyle>
#include <QTextBrowser>

#include "theme/theme.h"
#include "widgets/table_model.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

DocumentsView::DocumentsView(StudyContext& study, QWidget* parent)
    : DocumentsView(new DocumentsViewModel(study), new QSplitter(Qt::Vertical), parent) {}

DocumentsView::DocumentsView(DocumentsViewModel* model, QWidget* content, QWidget* parent)
    : ViewFrame(model, content, nullptr, parent), m_documents(model), m_table(new TableView(tr("Documents"))),
      m_reader(new QTextBrowser), m_filter(new QLineEdit(this)) {
  auto* splitter = static_cast<QSplitter*>(content);
  splitter->addWidget(m_table);
  splitter->addWidget(m_reader);
  splitter->setSizes({220, 120});
  splitter->setChildrenCollapsible(false);
  m_reader->setAccessibleName(tr("Reader of the selected document"));
  m_filter->setPlaceholderText(tr("Filter"));
  m_filter->setToolTip(tr("Words that all must occur in the whole text, or an expression between slashes: /plus|minus/\nEnter selects the documents that match: the map and all other views show them"));
  m_filter->setAccessibleName(tr("Filter documents"));
  m_filter->setClearButtonEnabled(true);
  m_filter->setMaximumWidth(160);
  addOption(m_filter);
  connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& words) { m_table->tableModel().setFilter(words); });
  connect(model, &DocumentsViewModel::searchRequested, m_filter, &QLineEdit::setText);
  connect(m_filter, &QLineEdit::returnPressed, this, [this] {
    if (!m_filter->text().trimmed().isEmpty() && m_documents->note().isEmpty()) m_documents->selectDocuments(m_table->tableModel().order());
  });
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
    if (index.isValid()) m_documents->showDocument(m_table->tableModel().sourceRow(index.row()));
  });
  connect(&m_table->tableModel(), &TableModel::orderRequested, model, &DocumentsViewModel::findOrder);
  connect(model, &DocumentsViewModel::orderFound, this, [this](const std::vector<int>& order) { m_table->tableModel().setOrder(order); });
  refresh();
}

void DocumentsView::updateContent() {
  if (!m_table) return;
  const QSignalBlocker blocker(m_table->selectionModel());
  const void* shown = m_documents->tableVersion();
  if (std::exchange(m_shown, shown) != shown) m_table->setLazy(m_documents->lazyTable());
  const std::vector<int> rows = m_documents->highlightedRows();
  m_table->tableModel().setHighlighted(rows);
  const int wanted = m_documents->primaryRow() >= 0 ? m_documents->primaryRow() : rows.empty() ? -1 : rows.front();
  const int row = wanted < 0 ? -1 : m_table->tableModel().rowOfSource(wanted);
  if (row >= 0) m_table->scrollTo(m_table->tableModel().index(row, 0));
  const bool wrong = !m_documents->note().isEmpty();
  if (m_filter->property("wrong").toBool() != wrong) {
    m_filter->setProperty("wrong", wrong);
    m_filter->setAccessibleDescription(m_documents->note());
    m_filter->style()->unpolish(m_filter);
    m_filter->style()->polish(m_filter);
  }
  m_reader->setHtml(m_documents->readerHtml(Theme::of(palette()).accent));
}

}  // namespace lacuna::ui
