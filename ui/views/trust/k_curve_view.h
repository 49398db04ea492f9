#pragma once

#include "views/trust/trust_view_models.h"
#include "widgets/view_frame.h"

class QComboBox;
class QPushButton;

namespace lacuna::ui {

class SeriesPlot;

/// The curve over numbers of clusters, and under it the way to take another of them, or to try others.
class KCurveView : public ViewFrame {
  Q_OBJECT
 public:
  explicit KCurveView(StudyContext& study, QWidget* parent = nullptr);

 Q_SIGNALS:
  void useRequested(int k);

 protected:
  void updateContent() override;

 private:
  KCurveView(KCurveViewModel* model, SeriesPlot* plot, QWidget* content, QWidget* parent);
  void build(QWidget* content);
  void showMenu(QPoint at);
  void pickItem(int item);

  KCurveViewModel* m_curve;
  SeriesPlot* m_series;
  QComboBox* m_tried = nullptr;
  QPushButton* m_use = nullptr;
};

}  // namespace lacuna::ui
