#pragma once

#include "widgets/view_frame.h"

namespace lacuna::ui {

/// A view that is one plot: takes the model's figure, gives clicks and questions for tooltips back to the model.
template <class Model, class Plot>
class PlotView : public ViewFrame {
 public:
  explicit PlotView(StudyContext& study, QWidget* parent = nullptr) : PlotView(new Model(study), new Plot, parent) {}
  PlotView(Model* model, Plot* plot, QWidget* parent) : ViewFrame(model, plot, plot, parent), m_typedModel(model), m_typedPlot(plot) {
    if constexpr (requires { model->activate(0, Qt::KeyboardModifiers()); })
      connect(plot, &PlotBase::activated, model, [model](int item, Qt::KeyboardModifiers modifiers) { model->activate(item, modifiers); });
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
