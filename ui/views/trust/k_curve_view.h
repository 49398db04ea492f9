#pragma once

#include "views/trust/trust_view_models.h"
#include "widgets/view_frame.h"

class QMenu;
class QToolButton;

namespace lacuna::ui {

class SeriesPlot;

/// The curve over numbers of clusters. Another of them is taken by a button with all that were tried, or at its point by the context menu.
class KCurveView : public ViewFrame {
  Q_OBJECT
 public:
  explicit KCurveView(StudyContext& study, QWidget* parent = nullptr);

 Q_SIGNALS:
  void useRequested(int k);

 protected:
  void updateContent() override;

 private:
  KCurveView(KCurveViewModel* model, SeriesPlot* plot, QWidget* parent);
  void addUse(QMenu* menu, int k);
  void addOthers(QMenu* menu);
  void showMenu(QPoint at);
  void pickItem(int item);

  KCurveViewModel* m_curve;
  SeriesPlot* m_series;
  QToolButton* m_tried = nullptr;
};

}  // namespace lacuna::ui
