#include "widgets/slider_box.h"

#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <cmath>

#include "theme/theme.h"

namespace lacuna::ui {

SliderBox::SliderBox(const QString& name, double low, double high, double step, int decimals, QWidget* parent)
    : QWidget(parent), m_slider(new QSlider(Qt::Horizontal, this)), m_spin(new QDoubleSpinBox(this)), m_low(low), m_step(step), m_default(low) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 4);
  layout->setSpacing(unit);
  layout->addWidget(m_slider, 1);
  layout->addWidget(m_spin);
  m_slider->setRange(0, static_cast<int>(std::lround((high - low) / step)));
  m_slider->setPageStep(std::max(1, m_slider->maximum() / 10));
  m_slider->installEventFilter(this);
  m_spin->setDecimals(decimals);
  m_spin->setRange(low, high);
  m_spin->setSingleStep(step);
  setName(name);
  m_spin->setMinimumWidth(76);
  m_spin->setKeyboardTracking(false);
  connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
    const QSignalBlocker blocker(m_spin);
    m_spin->setValue(m_low + position * m_step);
    Q_EMIT valueChanged(value());
  });
  connect(m_spin, &QDoubleSpinBox::valueChanged, this, [this](double v) {
    const QSignalBlocker blocker(m_slider);
    m_slider->setValue(static_cast<int>(std::lround((v - m_low) / m_step)));
    Q_EMIT valueChanged(v);
  });
}

double SliderBox::value() const { return m_spin->value(); }
void SliderBox::setValue(double v) { m_spin->setValue(v); }

void SliderBox::setName(const QString& name) {
  m_slider->setAccessibleName(name);
  m_spin->setAccessibleName(name);
}

void SliderBox::setGhosts(std::vector<double> values) {
  m_ghosts = std::move(values);
  update();
}

bool SliderBox::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::MouseButtonDblClick) {
    setValue(m_default);
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void SliderBox::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(QPen(Theme::of(palette()).textSecondary, 1.5));
  const int handle = style()->pixelMetric(QStyle::PM_SliderLength, nullptr, m_slider);
  for (const double ghost : m_ghosts) {
    const int position = static_cast<int>(std::lround((ghost - m_low) / m_step));
    if (position < 0 || position > m_slider->maximum()) continue;
    const int x = m_slider->x() + handle / 2 + QStyle::sliderPositionFromValue(0, m_slider->maximum(), position, m_slider->width() - handle);
    painter.drawLine(x, height() - 5, x, height() - 1);
  }
}

}  // namespace lacuna::ui
