#include "widgets/text_card.h"

#include <QPainter>
#include <QTextLayout>

#include "theme/theme.h"

namespace lacuna::ui {
namespace {

/// Lines of a text that fit into a box; the last one is elided when there is more.
QStringList fittingLines(const QString& text, const QFont& font, QSizeF box) {
  const QFontMetricsF metrics(font);
  const int most = std::max(1, static_cast<int>(box.height() / metrics.lineSpacing()));
  QTextLayout layout(text, font);
  QTextOption option;
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  layout.setTextOption(option);
  QStringList lines;
  layout.beginLayout();
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(box.width());
    if (lines.size() == most - 1) {
      lines << metrics.elidedText(text.mid(line.textStart()), Qt::ElideRight, box.width());
      break;
    }
    lines << text.mid(line.textStart(), line.textLength()).trimmed();
  }
  layout.endLayout();
  return lines;
}

}  // namespace

TextCard::TextCard(int number, QWidget* parent) : QPushButton(parent), m_number(number) {
  setObjectName(QStringLiteral("textCard"));
  setCheckable(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void TextCard::setBody(const QString& text) {
  m_body = text.simplified();
  setAccessibleName(m_number > 0 ? tr("%1: %2").arg(m_number).arg(m_body.left(400)) : m_body.left(400));
  update();
}

void TextCard::paintEvent(QPaintEvent* event) {
  QPushButton::paintEvent(event);
  const Theme& theme = Theme::of(palette());
  QPainter painter(this);
  QRectF box = QRectF(rect()).adjusted(1.5 * unit, unit, -1.5 * unit, -unit);
  if (m_number > 0) {
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(theme.accent);
    painter.drawText(box, Qt::AlignLeft | Qt::AlignTop, QString::number(m_number));
    box.setLeft(box.left() + 2 * unit);
  }
  painter.setFont(font());
  painter.setPen(theme.text);
  double y = box.top();
  for (const QString& line : fittingLines(m_body, font(), box.size())) {
    painter.drawText(QRectF(box.left(), y, box.width(), QFontMetricsF(font()).height()), Qt::AlignLeft | Qt::AlignTop, line);
    y += QFontMetricsF(font()).lineSpacing();
  }
}

}  // namespace lacuna::ui
