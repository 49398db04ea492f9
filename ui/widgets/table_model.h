#pragma once

#include <QAbstractTableModel>
#include <QTableView>
#include <optional>

#include "views/table_data.h"

namespace lacuna::ui {

/// A TableData under a QTableView: sorted and filtered by an index, so that rows keep their identity. A LazyTable is put in order by whoever
/// gave it: sorting and filtering announce orderRequested, and setOrder brings the answer.
class TableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  void setTable(TableData table);
  void setLazy(LazyTable table);
  void setOrder(std::vector<int> order);           ///< of a lazy table: source rows, as shown
  void setFilter(const QString& words);            ///< rows that hold every word
  const TableData& table() const { return m_table; }   ///< without rows where it is lazy
  const std::vector<int>& order() const { return m_order; }   ///< source rows, as shown
  int sourceRow(int row) const { return m_order[static_cast<std::size_t>(row)]; }
  int rowOfSource(int source) const;               ///< −1: filtered out
  void setHighlighted(std::vector<int> sourceRows);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

 Q_SIGNALS:
  void orderRequested(int column, Qt::SortOrder order, const QString& words);   ///< column −1: as it is

 private:
  void rebuild();
  TableCell cell(std::size_t row, std::size_t column) const;
  TableData m_table;
  std::optional<LazyTable> m_lazy;
  std::vector<int> m_order;
  std::vector<bool> m_highlighted;
  QStringList m_words;
  int m_sortColumn = -1;
  Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

/// A table in the window's manner: rows, no grid, Tab leaves it, Ctrl+C copies the selected rows as TSV.
class TableView : public QTableView {
  Q_OBJECT
 public:
  explicit TableView(const QString& name, QWidget* parent = nullptr);
  TableModel& tableModel() { return m_model; }
  void setTable(TableData table);
  void setLazy(LazyTable table);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void measureColumns();
  /// Columns as wide as they need; where that is wider than the view, the widest give way first, down to a few characters.
  void fitColumns();
  TableModel m_model;
  std::vector<int> m_wanted;             ///< widths that show what the first rows hold
  bool m_widthsByHand = false, m_fitting = false;
};

}  // namespace lacuna::ui
