#include "widgets/view_frame.h"

#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>

#include "theme/icons.h"
#include "widgets/info_bar.h"
#include "widgets/table_model.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

ViewFrame::ViewFrame(ViewModel* model, QWidget* content, PlotBase* plot, QWidget* parent)
    : QFrame(parent), m_model(model), m_plot(plot), m_header(new QHBoxLayout), m_title(new QLabel(model->title(), this)),
      m_subtitle(new QLabel(this)), m_note(new QLabel(this)), m_stack(new QStackedWidget(this)), m_content(content),
      m_table(new TableView(tr("%1 as a table").arg(model->title()), this)), m_error(new InfoBar(this)) {
  setObjectName(u"card"_s);
  setProperty("viewId", model->id());
  model->setParent(this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 6, 8, 8);
  layout->setSpacing(2);
  buildHeader();
  layout->addLayout(m_header);
  m_subtitle->setObjectName(u"secondary"_s);
  m_note->setObjectName(u"note"_s);
  for (QLabel* label : {m_subtitle, m_note}) {
    label->setWordWrap(true);
    layout->addWidget(label);
  }
  layout->addWidget(m_error);
  layout->addWidget(m_stack, 1);
  m_stack->addWidget(content);
  m_stack->addWidget(m_table);
  m_stack->addWidget(buildEmptyPage());
  if (plot) plot->setAccessibleName(model->title());
  connect(model, &ViewModel::changed, this, &ViewFrame::refresh);
}

QToolButton* ViewFrame::addButton(const QString& iconName, const QString& name, bool checkable) {
  auto* button = new QToolButton(this);
  button->setIcon(icon(iconName));
  button->setIconSize({16, 16});
  button->setMinimumSize(24, 24);
  button->setCheckable(checkable);
  button->setToolTip(name);
  button->setAccessibleName(u"%1: %2"_s.arg(m_model->title(), name));
  m_header->addWidget(button);
  return button;
}

void ViewFrame::buildHeader() {
  m_title->setObjectName(u"cardTitle"_s);
  m_header->setSpacing(2);
  m_title->setWordWrap(true);   // a narrow card breaks its title rather than cut it
  m_header->addWidget(m_title, 1);
  m_link = addButton(u"link"_s, tr("Follows the selection, hover and condition of the other views"), true);
  m_link->setChecked(true);
  m_link->setObjectName(u"link"_s);
  m_tableButton = addButton(u"table"_s, tr("Show as a table"), true);
  auto* save = addButton(u"export"_s, tr("Export figure and data"), false);
  auto* maximise = addButton(u"maximise"_s, tr("Maximise this view"), false);
  m_tableButton->setVisible(m_plot != nullptr);
  connect(m_link, &QToolButton::toggled, m_model, &ViewModel::setLinked);
  connect(m_tableButton, &QToolButton::toggled, this, [this] { refresh(); });
  connect(save, &QToolButton::clicked, this, &ViewFrame::exportRequested);
  connect(maximise, &QToolButton::clicked, this, &ViewFrame::maximiseRequested);
}

QWidget* ViewFrame::buildEmptyPage() {
  auto* page = new QWidget(this);
  auto* layout = new QVBoxLayout(page);
  m_emptyWhat = new QLabel(page);
  m_emptyWhy = new QLabel(page);
  m_emptyAction = new QPushButton(page);
  m_emptyWhat->setObjectName(u"heading"_s);
  m_emptyWhy->setObjectName(u"secondary"_s);
  layout->addStretch(1);
  for (QLabel* label : {m_emptyWhat, m_emptyWhy}) {
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    layout->addWidget(label);
  }
  layout->addSpacing(unit);
  layout->addWidget(m_emptyAction, 0, Qt::AlignCenter);
  layout->addStretch(1);
  connect(m_emptyAction, &QPushButton::clicked, this, [this] { Q_EMIT actionRequested(m_model->emptyState().actionId); });
  return page;
}

void ViewFrame::addOption(QWidget* widget) { m_header->insertWidget(m_header->indexOf(m_link), widget); }

bool ViewFrame::showsTable() const { return m_tableButton->isChecked(); }
void ViewFrame::setShowsTable(bool shown) { m_tableButton->setChecked(shown); }
void ViewFrame::showError(const QString& text) { m_error->showMessage(InfoKind::Error, text); }

void ViewFrame::showEmptyState(const EmptyState& state) {
  m_emptyWhat->setText(state.what);
  m_emptyWhy->setText(state.why);
  m_emptyAction->setText(state.actionText);
  m_emptyAction->setAccessibleName(state.actionText);
  m_emptyAction->setVisible(!state.actionText.isEmpty());
  m_stack->setCurrentIndex(2);
}

void ViewFrame::refresh() {
  const QString subtitle = m_model->subtitle(), note = m_model->note();
  m_subtitle->setText(subtitle);
  m_subtitle->setVisible(!subtitle.isEmpty());
  m_note->setText(note);
  m_note->setVisible(!note.isEmpty());
  if (const EmptyState empty = m_model->emptyState(); empty.shown()) return showEmptyState(empty);
  if (showsTable()) m_table->setTable(m_model->table());
  m_stack->setCurrentIndex(showsTable() ? 1 : 0);
  updateContent();
  if (m_plot) m_plot->setAccessibleDescription(m_model->summary());
}

QJsonObject ViewFrame::state() const {
  QJsonObject state{{u"table"_s, showsTable()}, {u"linked"_s, m_model->linked()}, {u"model"_s, m_model->state()}};
  if (m_plot && m_plot->zoom()) {
    const QRectF zoom = *m_plot->zoom();
    state[u"zoom"_s] = QJsonArray{zoom.left(), zoom.right(), zoom.top(), zoom.bottom()};
  }
  return state;
}

void ViewFrame::restore(const QJsonObject& state) {
  m_model->restore(state[u"model"_s].toObject());
  m_link->setChecked(state[u"linked"_s].toBool(true));
  m_tableButton->setChecked(state[u"table"_s].toBool());
  const QJsonArray zoom = state[u"zoom"_s].toArray();
  if (m_plot && zoom.size() == 4)
    m_plot->setZoom(QRectF(QPointF(zoom[0].toDouble(), zoom[2].toDouble()), QPointF(zoom[1].toDouble(), zoom[3].toDouble())));
  refresh();
}

}  // namespace lacuna::ui
