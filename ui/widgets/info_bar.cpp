#include "widgets/info_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

#include "theme/icons.h"
#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

InfoBar::InfoBar(QWidget* parent) : QFrame(parent), m_text(new QLabel(this)), m_action(new QPushButton(this)) {
  setObjectName(u"infoBar"_s);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, 6, 6, 6);
  layout->addWidget(m_text, 1);
  layout->addWidget(m_action);
  auto* close = new QToolButton(this);
  close->setIcon(icon(u"close"));
  close->setAccessibleName(tr("Dismiss message"));
  layout->addWidget(close);
  m_text->setWordWrap(true);
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  connect(close, &QToolButton::clicked, this, &QWidget::hide);
  connect(m_action, &QPushButton::clicked, this, [this] {
    hide();
    if (m_run) m_run();
  });
  hide();
}

void InfoBar::showMessage(InfoKind kind, const QString& text, const QString& actionText, std::function<void()> action) {
  static const QString names[] = {u"note"_s, u"warning"_s, u"error"_s, u"success"_s};
  setProperty("kind", names[static_cast<int>(kind)]);
  style()->unpolish(this);
  style()->polish(this);
  m_text->setText(text);
  m_run = std::move(action);
  m_action->setText(actionText);
  m_action->setAccessibleName(actionText);
  m_action->setVisible(!actionText.isEmpty());
  setAccessibleName(text);
  show();
}

QString InfoBar::text() const { return m_text->text(); }

}  // namespace lacuna::ui
