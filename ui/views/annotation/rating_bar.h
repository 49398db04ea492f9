#pragma once

#include <QWidget>

class QHBoxLayout;
class QPushButton;

namespace lacuna::ui {

/// Above the sheet: whether the results stand in its place, and sheets for raters elsewhere. Results are hidden until asked for, since they name
/// clusters: who has them in sight rates no more.
class RatingBar : public QWidget {
  Q_OBJECT
 public:
  explicit RatingBar(QWidget* parent = nullptr);
  bool showsResults() const;
  void setShowsResults(bool shown);

 Q_SIGNALS:
  void resultsShown(bool shown);
  void actionRequested(const QString& actionId);

 private:
  void addButton(QHBoxLayout* row, const QString& text, const QString& tip, const QString& actionId);
  QPushButton* m_results;
};

}  // namespace lacuna::ui
