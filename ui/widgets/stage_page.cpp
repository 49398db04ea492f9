#include "widgets/stage_page.h"

#include <algorithm>

#include <QDataStream>
#include <QIODevice>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "widgets/view_frame.h"

namespace lacuna::ui {

StagePage::StagePage(const QString& stage, QWidget* parent)
    : QWidget(parent), m_stage(stage), m_layout(new QVBoxLayout(this)), m_rows(new QSplitter(Qt::Vertical, this)) {
  setObjectName(QStringLiteral("page"));
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(unit);
  m_layout->addWidget(m_rows, 1);
  m_rows->setHandleWidth(unit);
  m_rows->setChildrenCollapsible(false);
}

void StagePage::addBar(QWidget* bar) { m_layout->insertWidget(m_layout->count() - 1, bar); }

void StagePage::addRow(const std::vector<ViewFrame*>& views, int stretch, const std::vector<int>& widths) {
  auto* row = new QSplitter(Qt::Horizontal, m_rows);
  row->setHandleWidth(unit);
  row->setChildrenCollapsible(false);
  for (std::size_t i = 0; i < views.size(); ++i) {
    ViewFrame* view = views[i];
    row->addWidget(view);
    row->setStretchFactor(static_cast<int>(i), i < widths.size() ? widths[i] : 1);
    view->setMinimumWidth(220);
    m_views.push_back(view);
    connect(view, &ViewFrame::maximiseRequested, this, [this, view] { toggleMaximised(view); });
  }
  QList<int> sizes;
  for (std::size_t i = 0; i < views.size(); ++i) sizes << 400 * (i < widths.size() ? widths[i] : 1);
  row->setSizes(sizes);
  m_rows->setStretchFactor(m_rows->indexOf(row), stretch);
  m_columns.push_back(row);
  QList<int> heights;
  m_stretches.push_back(stretch);
  for (const int height : m_stretches) heights << 150 * height;
  m_rows->setSizes(heights);
}

void StagePage::toggleMaximised(ViewFrame* view) {
  m_maximised = m_maximised == view ? nullptr : view;
  arrange();
}

void StagePage::setHidden(const std::vector<ViewFrame*>& views) {
  m_hidden = views;
  m_maximised = nullptr;
  arrange();
}

void StagePage::arrange() {
  const auto hidden = [this](QWidget* view) { return std::find(m_hidden.begin(), m_hidden.end(), view) != m_hidden.end(); };
  for (QSplitter* row : m_columns) {
    bool any = false;
    for (int i = 0; i < row->count(); ++i) {
      const bool shown = m_maximised ? row->widget(i) == m_maximised : !hidden(row->widget(i));
      row->widget(i)->setVisible(shown);
      any = any || shown;
    }
    row->setVisible(any);
  }
}

QByteArray StagePage::layoutState() const {
  QByteArray state;
  QDataStream stream(&state, QIODevice::WriteOnly);
  stream << m_rows->saveState();
  for (const QSplitter* row : m_columns) stream << row->saveState();
  return state;
}

void StagePage::restoreLayout(const QByteArray& state) {
  QDataStream stream(state);
  QByteArray part;
  stream >> part;
  m_rows->restoreState(part);
  for (QSplitter* row : m_columns) {
    stream >> part;
    row->restoreState(part);
  }
}

}  // namespace lacuna::ui
