#pragma once

#include <QWidget>
#include <vector>

class QDoubleSpinBox;
class QSlider;

namespace lacuna::ui {

/// A slider and a spin box for one number; ghost ticks under it show values that were run before. Double-click resets.
class SliderBox : public QWidget {
  Q_OBJECT
 public:
  SliderBox(const QString& name, double low, double high, double step, int decimals, QWidget* parent = nullptr);
  double value() const;
  void setValue(double value);
  void setDefault(double value) { m_default = value; }
  void setName(const QString& name);      ///< for screen readers
  void setGhosts(std::vector<double> values);
  QDoubleSpinBox* spinBox() const { return m_spin; }
  QSlider* slider() const { return m_slider; }

 Q_SIGNALS:
  void valueChanged(double value);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  QSlider* m_slider;
  QDoubleSpinBox* m_spin;
  double m_low, m_step, m_default;
  std::vector<double> m_ghosts;
};

}  // namespace lacuna::ui
