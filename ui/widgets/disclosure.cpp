#include "widgets/disclosure.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

Disclosure::Disclosure(const QString& title, QWidget* parent)
    : QWidget(parent), m_button(new QToolButton(this)), m_summary(new QLabel(this)), m_inner(new QWidget(this)), m_content(new QVBoxLayout(m_inner)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(unit);
  auto* head = new QHBoxLayout;
  head->setSpacing(unit);
  head->addWidget(m_button);
  head->addWidget(m_summary, 1);
  head->addStretch(0);   // keeps the button at the left while there is no summary
  layout->addLayout(head);
  layout->addWidget(m_inner);
  m_inner->setObjectName(u"disclosed"_s);
  m_inner->setAttribute(Qt::WA_StyledBackground);
  m_content->setContentsMargins(disclosedIndent, 0, 0, 0);
  m_content->setSpacing(unit);
  m_button->setText(title);
  m_button->setAccessibleName(title);
  m_button->setCheckable(true);
  m_button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  m_button->setFocusPolicy(Qt::StrongFocus);
  m_button->setObjectName(u"disclosure"_s);
  m_button->setMinimumHeight(24);
  m_summary->setObjectName(u"secondary"_s);
  m_summary->setWordWrap(true);
  connect(m_button, &QToolButton::toggled, this, &Disclosure::setOpen);
  setOpen(false);
}

void Disclosure::setSummary(const QString& summary) {
  m_summary->setText(summary);
  m_button->setAccessibleDescription(summary);
}

bool Disclosure::isOpen() const { return m_button->isChecked(); }

void Disclosure::setOpen(bool open) {
  m_button->setChecked(open);
  m_button->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
  m_inner->setVisible(open);
  m_summary->setVisible(!open);
}

}  // namespace lacuna::ui
