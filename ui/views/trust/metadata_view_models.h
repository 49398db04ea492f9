#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// Documents by cluster and by the values of a field that the user chooses.
class ContingencyViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ContingencyViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString summary() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;
  void activate(int cell, Qt::KeyboardModifiers modifiers);
  bool showsCounts() const { return m_showsCounts; }
  void setShowsCounts(bool shown);                 ///< documents instead of shares of the cluster
  QJsonObject state() const override;
  void restore(const QJsonObject& state) override;

 private:
  struct Cell { std::int64_t documents = 0; double expected = 0, population = 0; };
  struct Counts {
    std::vector<QString> values;                   ///< the most frequent first, at most 16; one more holds the rest
    std::vector<std::vector<Cell>> cells;          ///< [clusters][values]
    std::vector<double> populations;               ///< [clusters] documents of the corpus with a value that the cluster's stand for
    bool weighted = false;                         ///< documents stand for different numbers of others
  };
  const Counts& counts() const;
  double share(std::size_t row, std::size_t column) const;
  mutable Counts m_counts;
  mutable std::shared_ptr<const study::Results> m_countsOf;
  mutable std::string m_countsField;
  bool m_showsCounts = false;
};

/// How far the clusters agree with that field, by several measures; purity beside what chance alone would give.
class FieldValidityViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit FieldValidityViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString summary() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  BarFigure figure() const;
  TableData table() const override;               ///< every field
};

}  // namespace lacuna::ui
