#include "views/annotation/rating_bar.h"

#include <QHBoxLayout>
#include <QPushButton>

#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

RatingBar::RatingBar(QWidget* parent) : QWidget(parent), m_results(new QPushButton(tr("Show results"), this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(4, 0, 4, 0);
  row->setSpacing(unit);
  m_results->setCheckable(true);
  m_results->setAccessibleName(tr("Show results"));
  m_results->setToolTip(tr("Agreement and intruders found, in place of the sheet: they name the clusters"));
  row->addWidget(m_results);
  row->addStretch(1);
  addButton(row, tr("Export sheet…"), tr("Write a CSV for a rater elsewhere"), u"annotate.export-sheet"_s);
  addButton(row, tr("Import answers…"), tr("Read the CSV that a rater sent back"), u"annotate.import-answers"_s);
  connect(m_results, &QPushButton::toggled, this, &RatingBar::resultsShown);
}

bool RatingBar::showsResults() const { return m_results->isChecked(); }
void RatingBar::setShowsResults(bool shown) { m_results->setChecked(shown); }

void RatingBar::addButton(QHBoxLayout* row, const QString& text, const QString& tip, const QString& actionId) {
  auto* button = new QPushButton(text, this);
  button->setAccessibleName(text);
  button->setToolTip(tip);
  row->addWidget(button);
  connect(button, &QPushButton::clicked, this, [this, actionId] { Q_EMIT actionRequested(actionId); });
}

}  // namespace lacuna::ui
