#include "welcome_page.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "theme/icons.h"
#include "theme/theme.h"

namespace lacuna::app {

using namespace Qt::Literals::StringLiterals;

WelcomePage::WelcomePage(const QStringList& recent, QWidget* parent) : QWidget(parent), m_recent(new QListWidget) {
  setObjectName(u"page"_s);
  auto* layout = new QVBoxLayout(this);
  layout->addStretch(2);
  layout->addWidget(buildCard(), 0, Qt::AlignHCenter);
  layout->addStretch(3);
  setRecent(recent);
}

QWidget* WelcomePage::buildCard() {
  auto* card = new QFrame(this);
  card->setObjectName(u"card"_s);
  card->setFixedWidth(600);
  auto* layout = new QVBoxLayout(card);
  layout->setContentsMargins(40, 36, 40, 32);
  layout->setSpacing(ui::unit);
  auto* head = new QHBoxLayout;
  auto* logo = new QLabel(card);
  logo->setPixmap(ui::applicationIcon().pixmap(QSize(56, 56), devicePixelRatioF()));
  auto* words = new QVBoxLayout;
  auto* title = new QLabel(u"Lacuna"_s, card);
  title->setObjectName(u"pageTitle"_s);
  auto* question = new QLabel(tr("Which part of the pre-training data does this ability lean on?"), card);
  question->setObjectName(u"secondary"_s);
  words->addWidget(title);
  words->addWidget(question);
  head->addWidget(logo);
  head->addSpacing(ui::unit);
  head->addLayout(words, 1);
  layout->addLayout(head);
  layout->addSpacing(2 * ui::unit);
  auto* demo = new QPushButton(tr("Open demo study"), card);
  demo->setObjectName(u"primary"_s);
  demo->setMinimumHeight(40);
  auto* open = new QPushButton(ui::icon(u"open"), tr("Open study…"), card);
  open->setMinimumHeight(40);
  auto* fresh = new QPushButton(ui::icon(u"add"), tr("New study…"), card);
  fresh->setMinimumHeight(40);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(demo, 1);
  buttons->addWidget(fresh, 1);
  buttons->addWidget(open, 1);
  layout->addLayout(buttons);
  layout->addSpacing(2 * ui::unit);
  auto* heading = new QLabel(tr("Recent"), card);
  heading->setObjectName(u"heading"_s);
  layout->addWidget(heading);
  layout->addWidget(m_recent);
  auto* hint = new QLabel(tr("Ctrl+Shift+P finds any command. Models, corpora and studies can be dropped on the window."), card);
  hint->setObjectName(u"secondary"_s);
  hint->setWordWrap(true);
  layout->addWidget(hint);
  for (QPushButton* button : {demo, fresh, open}) button->setAccessibleName(button->text());
  m_recent->setAccessibleName(tr("Recent studies"));
  m_recent->setFrameShape(QFrame::NoFrame);
  connect(demo, &QPushButton::clicked, this, &WelcomePage::demoRequested);
  connect(fresh, &QPushButton::clicked, this, &WelcomePage::newRequested);
  connect(open, &QPushButton::clicked, this, &WelcomePage::openRequested);
  connect(m_recent, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { Q_EMIT fileRequested(item->data(Qt::UserRole).toString()); });
  return card;
}

void WelcomePage::setRecent(const QStringList& files) {
  m_recent->clear();
  for (const QString& file : files) {
    const QFileInfo info(file);
    auto* item = new QListWidgetItem(tr("%1    %2%3").arg(info.completeBaseName(), info.absolutePath(), info.exists() ? QString() : tr("  (missing)")), m_recent);
    item->setData(Qt::UserRole, file);
    if (!info.exists()) item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
  }
  m_recent->setFixedHeight(std::clamp(static_cast<int>(files.size()), 1, 6) * (fontMetrics().height() + ui::unit) + 4);
  if (!files.isEmpty()) return;
  auto* none = new QListWidgetItem(tr("Studies you open will be listed here."), m_recent);
  none->setFlags(Qt::NoItemFlags);
}

}  // namespace lacuna::app
