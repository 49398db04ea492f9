#pragma once

#include <QMouseEvent>
#include <QTest>

#include "plots/plot_base.h"
#include "plots/qcp.h"

/// Plots as a user meets them: real mouse events at places given in axis coordinates, and what is drawn as lists of objects.
namespace lacuna::test {

/// The canvas with all queued drawing done.
inline QCustomPlot& drawn(ui::PlotBase& plot) {
  plot.refreshNow();
  plot.canvas()->replot(QCustomPlot::rpImmediateRefresh);
  return *plot.canvas();
}

inline QPointF pixelOf(ui::PlotBase& plot, QPointF at) {
  return {plot.canvas()->xAxis->coordToPixel(at.x()), plot.canvas()->yAxis->coordToPixel(at.y())};
}

inline void mouse(ui::PlotBase& plot, QEvent::Type type, QPointF pixel, Qt::KeyboardModifiers modifiers = {}) {
  const bool held = type != QEvent::MouseButtonRelease;
  QMouseEvent event(type, pixel, plot.canvas()->mapToGlobal(pixel), type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton,
                    held ? Qt::LeftButton : Qt::NoButton, modifiers);
  QCoreApplication::sendEvent(plot.canvas(), &event);
}

inline void clickPixel(ui::PlotBase& plot, QPointF pixel, Qt::KeyboardModifiers modifiers = {}) {
  mouse(plot, QEvent::MouseButtonPress, pixel, modifiers);
  mouse(plot, QEvent::MouseButtonRelease, pixel, modifiers);
}

inline void click(ui::PlotBase& plot, QPointF at, Qt::KeyboardModifiers modifiers = {}) {
  drawn(plot);
  clickPixel(plot, pixelOf(plot, at), modifiers);
}

/// Press at the first place, move along, release at the last; pixels are fixed before the first event, as a hand's are.
inline void drag(ui::PlotBase& plot, const QList<QPointF>& path, Qt::KeyboardModifiers modifiers = {}) {
  drawn(plot);
  QList<QPointF> pixels;
  for (const QPointF& at : path) pixels << pixelOf(plot, at);
  mouse(plot, QEvent::MouseButtonPress, pixels.front(), modifiers);
  for (const QPointF& pixel : pixels.mid(1)) mouse(plot, QEvent::MouseMove, pixel, modifiers);
  mouse(plot, QEvent::MouseButtonRelease, pixels.back(), modifiers);
}

template <class Item>
QList<Item*> itemsOf(QCustomPlot& canvas) {
  QList<Item*> found;
  for (int i = 0; i < canvas.itemCount(); ++i)
    if (auto* item = dynamic_cast<Item*>(canvas.item(i))) found << item;
  return found;
}

template <class Plottable>
QList<Plottable*> plottablesOf(QCustomPlot& canvas) {
  QList<Plottable*> found;
  for (int i = 0; i < canvas.plottableCount(); ++i)
    if (auto* plottable = dynamic_cast<Plottable*>(canvas.plottable(i))) found << plottable;
  return found;
}

inline QCPGraph* graphOf(QCustomPlot& canvas, const QString& name) {
  for (QCPGraph* graph : plottablesOf<QCPGraph>(canvas))
    if (graph->name() == name) return graph;
  return nullptr;
}

inline QStringList textsOf(QCustomPlot& canvas) {
  QStringList texts;
  for (const QCPItemText* item : itemsOf<QCPItemText>(canvas)) texts << item->text();
  return texts;
}

}  // namespace lacuna::test
