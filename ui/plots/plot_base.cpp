#include "plots/plot_base.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {

PlotBase::PlotBase(QWidget* parent) : QWidget(parent), m_canvas(new QCustomPlot(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);  // room for the focus ring
  layout->addWidget(m_canvas);
  setFocusPolicy(Qt::StrongFocus);
  m_canvas->setMinimumSize(8, 8);   // a view squeezed to nothing must still have something to paint on
  m_canvas->setFocusPolicy(Qt::NoFocus);
  m_canvas->setFocusProxy(this);
  m_canvas->setMouseTracking(true);
  m_canvas->installEventFilter(this);
  m_canvas->setNoAntialiasingOnDrag(false);
  m_canvas->setPlottingHint(QCP::phCacheLabels, true);
}

PlotBase::~PlotBase() = default;

void PlotBase::refresh() {
  if (m_refreshQueued) return;
  m_refreshQueued = true;
  QMetaObject::invokeMethod(this, [this] { refreshNow(); }, Qt::QueuedConnection);
}

void PlotBase::refreshNow() {
  m_refreshQueued = false;
  draw(*m_canvas, PlotStyle::screen(Theme::of(palette()), font()));
  m_canvas->replot(QCustomPlot::rpQueuedReplot);
}

std::unique_ptr<QCustomPlot> PlotBase::figure(const PlotStyle& style, QSize size) const {
  auto canvas = std::make_unique<QCustomPlot>();
  canvas->resize(size);
  canvas->setViewport(QRect(QPoint(), size));
  draw(*canvas, style);
  return canvas;
}

void PlotBase::draw(QCustomPlot& canvas, const PlotStyle& style) const {
  compose(canvas, style);
  if (!m_zoom || !zoomable()) return;
  canvas.xAxis->setRange(m_zoom->left(), m_zoom->right());
  canvas.yAxis->setRange(m_zoom->top(), m_zoom->bottom());
}

void PlotBase::setZoom(std::optional<QRectF> range) {
  m_zoom = range;
  refresh();
  Q_EMIT zoomChanged();
}

QPointF PlotBase::toPixel(QPointF p) const {
  return m_canvas->xAxis ? QPointF(m_canvas->xAxis->coordToPixel(p.x()), m_canvas->yAxis->coordToPixel(p.y())) : QPointF();
}

QPointF PlotBase::toCoordinates(QPointF p) const {
  return m_canvas->xAxis ? QPointF(m_canvas->xAxis->pixelToCoord(p.x()), m_canvas->yAxis->pixelToCoord(p.y())) : QPointF();
}

int PlotBase::itemAt(QPointF pixel) const {
  constexpr double reach = 12;
  double nearest = reach * reach;
  int found = -1;
  for (int i = 0; i < itemCount(); ++i) {
    const QPointF d = toPixel(itemPosition(i)) - pixel;
    const double distance = QPointF::dotProduct(d, d);
    if (distance < nearest) nearest = distance, found = i;
  }
  return found;
}

void PlotBase::zoomBy(double factor, QPointF pixelCentre, Qt::Orientations directions) {
  if (!zoomable()) return;
  const QPointF centre = toCoordinates(pixelCentre);
  if (directions & Qt::Horizontal) m_canvas->xAxis->scaleRange(factor, centre.x());
  if (directions & Qt::Vertical) m_canvas->yAxis->scaleRange(factor, centre.y());
  const QCPRange x = m_canvas->xAxis->range(), y = m_canvas->yAxis->range();
  m_zoom = QRectF(QPointF(x.lower, y.lower), QPointF(x.upper, y.upper));
  m_canvas->replot(QCustomPlot::rpQueuedReplot);
  Q_EMIT zoomChanged();
}

void PlotBase::pan(QPointF pixelDelta) {
  const QPointF from = toCoordinates({}), to = toCoordinates(pixelDelta);
  m_canvas->xAxis->moveRange(from.x() - to.x());
  m_canvas->yAxis->moveRange(from.y() - to.y());
  const QCPRange x = m_canvas->xAxis->range(), y = m_canvas->yAxis->range();
  m_zoom = QRectF(QPointF(x.lower, y.lower), QPointF(x.upper, y.upper));
  m_canvas->replot(QCustomPlot::rpQueuedReplot);
  Q_EMIT zoomChanged();
}

void PlotBase::pointAt(QPointF pixel, QPoint global) {
  const int item = itemAt(pixel);
  if (item == m_hovered) return;
  m_hovered = item;
  if (item >= 0) QToolTip::showText(global, itemText(item), m_canvas);
  else QToolTip::hideText();
  m_canvas->setCursor(item >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  Q_EMIT hovered(item);
}

void PlotBase::moveCursor(int item) {
  if (itemCount() == 0) return;
  m_cursor = std::clamp(item, 0, itemCount() - 1);
  const QPoint at = m_canvas->mapToGlobal(toPixel(itemPosition(m_cursor)).toPoint());
  QToolTip::showText(at, itemText(m_cursor), m_canvas);
  setAccessibleDescription(itemText(m_cursor));
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
  Q_EMIT hovered(m_cursor);
}

bool PlotBase::mouse(QMouseEvent* event) {
  if (event->type() == QEvent::MouseButtonPress && event->button() == Qt::LeftButton) setFocus(Qt::MouseFocusReason);
  if (gesture(event)) return true;
  switch (event->type()) {
    case QEvent::MouseButtonPress:
      m_panning = zoomable() && event->button() == Qt::MiddleButton;
      m_panFrom = event->position();
      return true;
    case QEvent::MouseMove:
      if (m_panning) {
        pan(event->position() - m_panFrom);
        m_panFrom = event->position();
      } else {
        pointAt(event->position(), event->globalPosition().toPoint());
      }
      return true;
    case QEvent::MouseButtonRelease: {
      if (std::exchange(m_panning, false) || event->button() != Qt::LeftButton) return true;
      const int item = itemAt(event->position());
      if (item >= 0) Q_EMIT activated(m_cursor = item, event->modifiers());
      return true;
    }
    case QEvent::MouseButtonDblClick:
      if (zoomable()) setZoom(std::nullopt);
      return true;
    default: return false;
  }
}

bool PlotBase::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::MouseButtonPress:
    case QEvent::MouseMove:
    case QEvent::MouseButtonRelease:
    case QEvent::MouseButtonDblClick: return mouse(static_cast<QMouseEvent*>(event));
    case QEvent::Leave:
      m_hovered = -1;
      Q_EMIT hovered(-1);
      return false;
    case QEvent::Wheel: {
      const auto* wheel = static_cast<QWheelEvent*>(event);
      if (!zoomable()) {   // the page around it may scroll
        event->ignore();
        return true;
      }
      Qt::Orientations directions = Qt::Horizontal | Qt::Vertical;
      if (wheel->modifiers() & Qt::ShiftModifier) directions = Qt::Horizontal;
      if (wheel->modifiers() & Qt::ControlModifier) directions = Qt::Vertical;
      const int turn = wheel->angleDelta().y() != 0 ? wheel->angleDelta().y() : wheel->angleDelta().x();
      zoomBy(std::pow(0.85, turn / 120.0), wheel->position(), directions);
      return true;
    }
    default: return QWidget::eventFilter(watched, event);
  }
}

void PlotBase::keyPressEvent(QKeyEvent* event) {
  const QPointF centre = m_canvas->xAxis ? QPointF(m_canvas->xAxis->axisRect()->center()) : QPointF();
  switch (event->key()) {
    case Qt::Key_Right: return moveCursor(m_cursor + 1);
    case Qt::Key_Left: return moveCursor(m_cursor - 1);
    case Qt::Key_Down: return moveCursor(m_cursor + itemStride());
    case Qt::Key_Up: return moveCursor(m_cursor - itemStride());
    case Qt::Key_Home: return moveCursor(0);
    case Qt::Key_End: return moveCursor(itemCount() - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (m_cursor >= 0 && m_cursor < itemCount()) Q_EMIT activated(m_cursor, event->modifiers());
      return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoomBy(0.8, centre, Qt::Horizontal | Qt::Vertical);
    case Qt::Key_Minus: return zoomBy(1.25, centre, Qt::Horizontal | Qt::Vertical);
    case Qt::Key_0:
      if (event->modifiers() & Qt::ControlModifier) return setZoom(std::nullopt);
      break;
    default: break;
  }
  QWidget::keyPressEvent(event);
}

void PlotBase::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) refresh();
  QWidget::changeEvent(event);
}

void PlotBase::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  refresh();
}

void PlotBase::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void PlotBase::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void PlotBase::paintEvent(QPaintEvent*) {
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setPen(QPen(Theme::of(palette()).accent, 2));
  painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

}  // namespace lacuna::ui
