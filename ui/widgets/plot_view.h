#pragma once

#include <QScrollArea>

#include "widgets/view_frame.h"

namespace lacuna::ui {

/// The plot itself, or a scroll area around one that grows with its rows.
template <class Plot>
QWidget* framed(Plot* plot) {
  if constexpr (requires { Plot::scrolls; }) {
    auto* area = new QScrollArea;
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setMinimumHeight(120);
    area->setWidget(plot);
    plot->setAutoFillBackground(false);   // the card shows through
    area->viewport()->setAutoFillBackground(false);
    return area;
  } else {
    return plot;
  }
}

/// A view that is one plot: takes the model's figure, gives clicks and questions for tooltips back to the model.
template <class Model, class Plot>
class PlotView : public ViewFrame {
 public:
  explicit PlotView(StudyContext& study, QWidget* parent = nullptr) : PlotView(new Model(study), new Plot, parent) {}
  PlotView(Model* model, Plot* plot, QWidget* parent) : ViewFrame(model, framed(plot), plot, parent), m_typedModel(model), m_typedPlot(plot) {
    if constexpr (requires { model->activate(0, Qt::KeyboardModifiers()); } && !requires { plot->placeOf(0); })
      connect(plot, &PlotBase::activated, model, [model](int item, Qt::KeyboardModifiers modifiers) { model->activate(item, modifiers); });
    if constexpr (requires { plot->placeOf(0); })
      connect(plot, &PlotBase::activated, model, [model, plot](int item, Qt::KeyboardModifiers modifiers) {
        const auto place = plot->placeOf(item);
        if (place.document >= 0) model->activateDocument(place.blade, place.document, modifiers);
        else model->activate(item, modifiers);
      });
    if constexpr (requires { plot->setDescriber(nullptr); })
      plot->setDescriber([model](auto... at) { return model->describe(at...); });
    refresh();
  }
  Model& typedModel() const { return *m_typedModel; }
  Plot& typedPlot() const { return *m_typedPlot; }

 protected:
  void updateContent() override {
    if (m_typedPlot) m_typedPlot->setFigure(m_typedModel->figure());
  }

 private:
  Model* m_typedModel = nullptr;
  Plot* m_typedPlot = nullptr;
};

}  // namespace lacuna::ui
