#include "widgets/table_model.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <algorithm>
#include <numeric>

#include "theme/theme.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr int widestColumn = 360;

bool holdsAll(const TableData& table, const std::vector<TableCell>& row, const QStringList& words) {
  return std::all_of(words.begin(), words.end(), [&](const QString& word) {
    for (std::size_t c = 0; c < row.size(); ++c)
      if (cellText(table.columns[c], row[c]).contains(word, Qt::CaseInsensitive)) return true;
    return false;
  });
}

}  // namespace

void TableModel::setLazy(LazyTable table) {
  beginResetModel();
  m_table = {table.columns, {}};
  m_highlighted.assign(table.rows, false);
  m_order.resize(table.rows);
  std::iota(m_order.begin(), m_order.end(), 0);
  m_lazy = std::move(table);
  endResetModel();
  if (m_sortColumn >= 0 || !m_words.isEmpty()) Q_EMIT orderRequested(m_sortColumn, m_sortOrder, m_words.join(u' '));
}

void TableModel::setOrder(std::vector<int> order) {
  beginResetModel();
  m_order = std::move(order);
  endResetModel();
}

TableCell TableModel::cell(std::size_t row, std::size_t column) const { return m_lazy ? m_lazy->cell(row, column) : m_table.rows[row][column]; }

void TableModel::setTable(TableData table) {
  beginResetModel();
  m_lazy.reset();
  m_table = std::move(table);
  m_highlighted.assign(m_table.rows.size(), false);
  rebuild();
  endResetModel();
}

void TableModel::setFilter(const QString& words) {
  m_words = words.split(u' ', Qt::SkipEmptyParts);
  if (m_lazy) return Q_EMIT orderRequested(m_sortColumn, m_sortOrder, words);
  beginResetModel();
  rebuild();
  endResetModel();
}

void TableModel::setHighlighted(std::vector<int> sourceRows) {
  m_highlighted.assign(m_highlighted.size(), false);
  for (const int row : sourceRows) m_highlighted[static_cast<std::size_t>(row)] = true;
  if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void TableModel::rebuild() {
  m_order.clear();
  for (std::size_t i = 0; i < m_table.rows.size(); ++i)
    if (m_words.isEmpty() || holdsAll(m_table, m_table.rows[i], m_words)) m_order.push_back(static_cast<int>(i));
  if (m_sortColumn < 0 || m_sortColumn >= columnCount()) return;
  const auto column = static_cast<std::size_t>(m_sortColumn);
  std::stable_sort(m_order.begin(), m_order.end(), [&](int a, int b) {
    const auto &x = m_table.rows[static_cast<std::size_t>(a)][column], &y = m_table.rows[static_cast<std::size_t>(b)][column];
    return m_sortOrder == Qt::AscendingOrder ? x < y : y < x;
  });
}

int TableModel::rowOfSource(int source) const {
  const auto found = std::find(m_order.begin(), m_order.end(), source);
  return found == m_order.end() ? -1 : static_cast<int>(found - m_order.begin());
}

int TableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_order.size()); }
int TableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size()); }

QVariant TableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const auto row = static_cast<std::size_t>(sourceRow(index.row())), column = static_cast<std::size_t>(index.column());
  const TableColumn& c = m_table.columns[column];
  if (role == Qt::DisplayRole) return cellText(c, cell(row, column)).simplified();
  if (role == Qt::TextAlignmentRole) return int((c.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role == Qt::BackgroundRole && m_highlighted[row]) return Theme::of(QApplication::palette()).selection;
  return {};
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  const TableColumn& column = m_table.columns[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return column.title;
  if (role == Qt::TextAlignmentRole) return int((column.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  return {};
}

void TableModel::sort(int column, Qt::SortOrder order) {
  m_sortColumn = column;
  m_sortOrder = order;
  if (m_lazy) return Q_EMIT orderRequested(column, order, m_words.join(u' '));
  beginResetModel();
  rebuild();
  endResetModel();
}

TableView::TableView(const QString& name, QWidget* parent) : QTableView(parent) {
  setModel(&m_model);
  setAccessibleName(name);
  setSelectionBehavior(SelectRows);
  setTabKeyNavigation(false);
  setShowGrid(false);
  setAlternatingRowColors(true);
  setWordWrap(false);
  setFrameShape(NoFrame);
  setHorizontalScrollMode(ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + unit);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setStretchLastSection(true);
  horizontalHeader()->setSortIndicatorShown(true);
  horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  horizontalHeader()->setFocusPolicy(Qt::NoFocus);
  setSortingEnabled(true);
  connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int section) {
    if (!m_fitting && section + 1 < m_model.columnCount() && isVisible() && QApplication::mouseButtons() != Qt::NoButton) m_widthsByHand = true;
  });
}

void TableView::setTable(TableData table) {
  const bool newColumns = static_cast<int>(table.columns.size()) != m_model.columnCount();
  m_model.setTable(std::move(table));
  if (newColumns) m_wanted.clear();
  if (m_wanted.empty() && m_model.rowCount() > 0) measureColumns();
}

void TableView::setLazy(LazyTable table) {
  const bool newColumns = static_cast<int>(table.columns.size()) != m_model.columnCount();
  m_model.setLazy(std::move(table));
  if (newColumns) m_wanted.clear();
  if (m_wanted.empty() && m_model.rowCount() > 0) measureColumns();
}

void TableView::measureColumns() {
  m_wanted.clear();
  const auto& columns = m_model.table().columns;
  horizontalHeader()->setStretchLastSection(columns.empty() || !columns.back().numeric);   // a number stays by its neighbours
  for (int c = 0; c < m_model.columnCount(); ++c) {  // widths from a sample of rows: never all of them
    int width = horizontalHeader()->fontMetrics().horizontalAdvance(m_model.headerData(c, Qt::Horizontal, Qt::DisplayRole).toString()) + 28;
    for (int r = 0; r < std::min(m_model.rowCount(), 100); ++r)
      width = std::max(width, fontMetrics().horizontalAdvance(m_model.data(m_model.index(r, c), Qt::DisplayRole).toString()) + 24);
    m_wanted.push_back(std::min(width, widestColumn));
  }
  fitColumns();
}

void TableView::fitColumns() {
  if (m_wanted.empty() || m_widthsByHand) return;
  const int least = fontMetrics().averageCharWidth() * 16, room = viewport()->width();
  int cap = widestColumn;
  const auto total = [&] {
    int sum = 0;
    for (const int width : m_wanted) sum += std::min(width, cap);
    return sum;
  };
  while (cap > least && total() > room) --cap;
  m_fitting = true;
  for (int c = 0; c < m_model.columnCount(); ++c) setColumnWidth(c, std::min(m_wanted[static_cast<std::size_t>(c)], cap));
  m_fitting = false;
}

void TableView::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  fitColumns();
}

void TableView::keyPressEvent(QKeyEvent* event) {
  if (!event->matches(QKeySequence::Copy)) return QTableView::keyPressEvent(event);
  QStringList lines;
  for (const QModelIndex& row : selectionModel()->selectedRows()) {
    QStringList cells;
    for (int c = 0; c < m_model.columnCount(); ++c) cells << m_model.data(m_model.index(row.row(), c), Qt::DisplayRole).toString();
    lines << cells.join(u'\t');
  }
  QApplication::clipboard()->setText(lines.join(u'\n'));
}

}  // namespace lacuna::ui
