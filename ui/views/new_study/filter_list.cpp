#include "views/new_study/filter_list.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "views/new_study/filter_box.h"
#include "views/new_study/new_study_view_model.h"
#include "views/new_study/setup_parts.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

FilterList::FilterList(NewStudyViewModel& model, QWidget* parent) : QWidget(parent), m_model(model), m_layout(new QVBoxLayout) {
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(unit);
  m_layout->setSpacing(unit + unit / 2);
  outer->addLayout(m_layout);
  auto* add = new QPushButton(tr("Add a cluster"), this);
  add->setToolTip(tr("A name, and a filter for its documents"));
  auto* line = new QHBoxLayout;
  line->addWidget(add);
  line->addStretch(1);
  outer->addLayout(line);
  connect(add, &QPushButton::clicked, &m_model, [this] {
    m_model.clusterSetup().addFilter();
    m_rows.last().name->setFocus();
  });
  connect(&m_model, &NewStudyViewModel::changed, this, &FilterList::refresh);
  refresh();
}

FilterList::Row FilterList::makeRow(int place) {
  ClusterSetup& clusters = m_model.clusterSetup();
  auto* widget = new QWidget(this);
  auto* row = new QHBoxLayout(widget);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(unit + unit / 2);
  auto* name = new QLineEdit(widget);
  name->setFixedWidth(labelWidth);
  name->setPlaceholderText(tr("Name"));
  name->setAccessibleName(tr("Name of cluster %1").arg(place + 1));
  auto* column = new QVBoxLayout;
  column->setSpacing(2);
  auto* filter = new FilterBox(tr("Filter of cluster %1").arg(place + 1), widget);
  auto* note = new InputLines(widget);
  column->addWidget(filter);
  column->addWidget(note);
  row->addWidget(name, 0, Qt::AlignTop);
  row->addLayout(column, 1);
  const auto button = [&](const QString& text, const QString& what, auto act) {
    auto* made = new QToolButton(widget);
    made->setText(text);
    made->setMinimumSize(24, 24);
    made->setFocusPolicy(Qt::StrongFocus);
    made->setToolTip(what);
    made->setAccessibleName(tr("Cluster %1: %2").arg(place + 1).arg(what));
    connect(made, &QToolButton::clicked, &clusters, act);
    row->addWidget(made, 0, Qt::AlignTop);
    return made;
  };
  QToolButton* up = button(u"↑"_s, tr("try it earlier"), [&clusters, place] { clusters.moveFilter(place, -1); });
  QToolButton* down = button(u"↓"_s, tr("try it later"), [&clusters, place] { clusters.moveFilter(place, 1); });
  button(u"✕"_s, tr("remove it"), [&clusters, place] { clusters.removeFilter(place); });
  connect(name, &QLineEdit::textEdited, &clusters, [&clusters, place](const QString& text) { clusters.setFilter(place, {text, clusters.filters()[place].where}); });
  connect(filter, &FilterBox::edited, &clusters, [&clusters, place](const QString& where) { clusters.setFilter(place, {clusters.filters()[place].name, where}); });
  m_layout->addWidget(widget);
  return {widget, name, filter, note, up, down};
}

void FilterList::refresh() {
  ClusterSetup& clusters = m_model.clusterSetup();
  setVisible(clusters.shows(u"filters"_s));
  const auto& filters = clusters.filters();
  while (m_rows.size() > filters.size()) m_rows.takeLast().widget->deleteLater();
  while (m_rows.size() < filters.size()) m_rows.append(makeRow(static_cast<int>(m_rows.size())));
  for (int place = 0; place < m_rows.size(); ++place) {
    const Row& row = m_rows[place];
    if (row.name->text() != filters[place].name) row.name->setText(filters[place].name);
    row.filter->setState(m_model.corpusSetup().stateOf(filters[place].where), m_model.corpusSetup().look());
    const QString note = clusters.filterNote(place);
    row.note->setLines(note.isEmpty() ? QList<InputLine>{} : QList<InputLine>{{InputLine::Kind::Note, note}});
    row.up->setEnabled(place > 0);
    row.down->setEnabled(place + 1 < m_rows.size());
  }
}

}  // namespace lacuna::ui
