#include "theme/icons.h"

#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QSvgRenderer>

/// Resources of a static library are registered by hand, outside any namespace.
static void registerIcons() { Q_INIT_RESOURCE(lacuna); }

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QByteArray readIcon(const QString& name) {
  registerIcons();
  QFile file(u":/icons/"_s + name + u".svg"_s);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Fills the SVG's currentColor from the palette when it is painted.
class SymbolicEngine : public QIconEngine {
 public:
  explicit SymbolicEngine(QByteArray svg) : m_svg(std::move(svg)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const QPalette palette = QApplication::palette();
    const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
    QByteArray svg = m_svg;
    svg.replace("currentColor", palette.color(group, QPalette::ButtonText).name().toLatin1());
    QSvgRenderer(svg).render(painter, QRectF(rect));
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new SymbolicEngine(m_svg); }

 private:
  QByteArray m_svg;
};

}  // namespace

QIcon applicationIcon() {
  registerIcons();
  return QIcon(u":/icons/lacuna.svg"_s);
}

QIcon icon(QStringView name) { return QIcon(new SymbolicEngine(readIcon(name.toString()))); }

}  // namespace lacuna::ui
