#pragma once

#include <QRectF>
#include <QWidget>
#include <memory>
#include <optional>

#include "plots/plot_style.h"

class QCustomPlot;
class QMouseEvent;

namespace lacuna::ui {

/// What every plot shares: theme, zoom, hover, keyboard, accessible text, and a second drawing on paper for the exporter.
/// A subclass draws all of its figure in compose(); it holds plain data and no canvas objects.
class PlotBase : public QWidget {
  Q_OBJECT
 public:
  explicit PlotBase(QWidget* parent = nullptr);
  ~PlotBase() override;

  QCustomPlot* canvas() const { return m_canvas; }
  /// Draws anew at the next turn of the event loop; many calls cost one drawing.
  void refresh();
  void refreshNow();
  /// The same figure on a canvas of its own, `size` in px = pt.
  std::unique_ptr<QCustomPlot> figure(const PlotStyle& style, QSize size) const;

  std::optional<QRectF> zoom() const { return m_zoom; }   ///< axis ranges set by the user, empty when fitted
  void setZoom(std::optional<QRectF> range);

  /// Things that can be pointed at: marks, cells, rows. Positions are in axis coordinates.
  virtual int itemCount() const { return 0; }
  virtual QPointF itemPosition(int) const { return {}; }
  virtual QString itemText(int) const { return {}; }
  virtual int itemStride() const { return 1; }            ///< items a press of Up or Down moves
  virtual int itemAt(QPointF pixel) const;                ///< −1: none
  virtual bool zoomable() const { return false; }
  QSize sizeHint() const override { return {480, 320}; }
  QSize minimumSizeHint() const override { return {180, 120}; }

 Q_SIGNALS:
  void activated(int item, Qt::KeyboardModifiers modifiers);
  void hovered(int item);
  void zoomChanged();

 protected:
  virtual void compose(QCustomPlot& canvas, const PlotStyle& style) const = 0;
  /// A subclass's own drag (lasso, movable line); true: handled.
  virtual bool gesture(QMouseEvent*) { return false; }

  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

  QPointF toPixel(QPointF coordinates) const;
  QPointF toCoordinates(QPointF pixel) const;

 private:
  void draw(QCustomPlot& canvas, const PlotStyle& style) const;
  void pan(QPointF pixelDelta);
  void zoomBy(double factor, QPointF pixelCentre, Qt::Orientations directions);
  void moveCursor(int item);
  void pointAt(QPointF pixel, QPoint global);
  bool mouse(QMouseEvent* event);

  QCustomPlot* m_canvas;
  std::optional<QRectF> m_zoom;
  QPointF m_panFrom;
  bool m_panning = false, m_refreshQueued = false;
  int m_hovered = -1, m_cursor = -1;
};

}  // namespace lacuna::ui
