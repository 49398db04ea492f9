#pragma once

#include <QWidget>

#include "views/perturbation/panel_view_model.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QListWidget;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace lacuna::ui {

class InfoBar;
class SliderBox;

/// Target, method, layer, τ, ε or δ, tasks, seed; the preview; Run. What does not apply stays, disabled, and says why.
class PanelView : public QWidget {
  Q_OBJECT
 public:
  explicit PanelView(PanelViewModel& model, QWidget* parent = nullptr);
  SliderBox* epsilon() const { return m_epsilon; }
  SliderBox* tau() const { return m_tau; }
  QString previewText() const;
  QString selectionText() const;
  QSize sizeHint() const override { return {300, 640}; }

 private:
  void buildTarget(QFormLayout* form);
  void buildStrength(QFormLayout* form);
  void buildTasks(QVBoxLayout* layout);
  void buildPreview(QVBoxLayout* layout);
  void showParameters();
  void showMethods();
  void showDose();
  void showTasks();
  void showPreview();

  PanelViewModel& m_model;
  QComboBox *m_cluster, *m_method, *m_layer, *m_rule;
  QLabel *m_formula, *m_selected, *m_previewTitle, *m_previewBody, *m_cost;
  SliderBox *m_tau, *m_epsilon;
  QSpinBox* m_seed;
  QListWidget* m_tasks;
  QCheckBox *m_equalDose, *m_live;
  QLabel* m_doseName = nullptr;
  QPushButton *m_once, *m_run;
  InfoBar* m_error;
  bool m_filling = false;
};

}  // namespace lacuna::ui
