#include "widgets/condition_bar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <algorithm>

#include "theme/theme.h"
#include "views/corpus_words.h"
#include "views/effects/effect_selection.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

ConditionBar::ConditionBar(StudyContext& study, QWidget* parent)
    : QWidget(parent), m_study(study), m_rows(new QBoxLayout(QBoxLayout::LeftToRight, this)), m_method(new QComboBox(this)),
      m_strength(new QComboBox(this)), m_task(new QComboBox(this)), m_outcome(new QComboBox(this)), m_equalDose(new QCheckBox(tr("equal dose"), this)) {
  m_rows->setContentsMargins(4, 0, 4, 0);
  m_rows->setSpacing(unit);
  auto* how = new QHBoxLayout;
  auto* what = new QHBoxLayout;
  addBox(how, tr("Method"), m_method);
  m_symbol = addBox(how, u"ε"_s, m_strength);
  how->addWidget(m_equalDose);
  how->addSpacing(unit);
  addBox(what, tr("Task"), m_task);
  addBox(what, tr("Outcome"), m_outcome);
  for (QHBoxLayout* row : {how, what}) row->addStretch(1);
  m_rows->addLayout(how);
  m_rows->addLayout(what, 1);
  m_equalDose->setAccessibleName(tr("Shown strength: equal dose"));
  connect(m_equalDose, &QCheckBox::clicked, this, &ConditionBar::apply);
  m_outcome->addItem(tr("log-probability margin"), static_cast<int>(Outcome::Margin));
  m_outcome->addItem(tr("accuracy"), static_cast<int>(Outcome::Accuracy));
  m_outcome->setToolTip(tr("The margin is the primary outcome: accuracy moves only where an answer flips."));
  connect(&study, &StudyContext::resultsChanged, this, &ConditionBar::fill);
  connect(&study.selection(), &SelectionModel::conditionChanged, this, &ConditionBar::fill);
  fill();
}

QLabel* ConditionBar::addBox(QHBoxLayout* row, const QString& name, QComboBox* box) {
  auto* label = new QLabel(name, this);
  label->setObjectName(u"secondary"_s);
  row->addWidget(label);
  row->addWidget(box);
  row->addSpacing(unit);
  box->setAccessibleName(tr("Shown %1").arg(name));
  box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  connect(box, &QComboBox::activated, this, &ConditionBar::apply);
  return label;
}

void ConditionBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void ConditionBar::arrange() {
  int wanted = m_rows->contentsMargins().left() + m_rows->contentsMargins().right() + m_rows->spacing();
  for (int i = 0; i < m_rows->count(); ++i) wanted += m_rows->itemAt(i)->sizeHint().width();
  m_rows->setDirection(wanted > width() ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void ConditionBar::fill() {
  if (m_filling) return;
  m_filling = true;
  const Condition& c = m_study.selection().condition();
  m_method->clear();
  for (const QString& method : methodsOf(m_study.results())) m_method->addItem(methodName(method), method);
  m_method->setCurrentIndex(m_method->findData(c.method));
  m_strength->clear();
  for (const double dose : strengthsOf(m_study.results(), c.method, c.equalDose)) m_strength->addItem(stripped(dose), dose);
  for (int i = 0; i < m_strength->count(); ++i)
    if (std::abs(m_strength->itemData(i).toDouble() - c.epsilon) < 1e-9) m_strength->setCurrentIndex(i);
  fillEqualDose();
  m_task->clear();
  m_task->addItem(tr("all tasks"), QString());
  for (const auto& task : m_study.results().tasks) m_task->addItem(qs(task.name), qs(task.name));
  m_task->setCurrentIndex(std::max(0, m_task->findData(c.task)));
  m_outcome->setCurrentIndex(m_outcome->findData(static_cast<int>(c.outcome)));
  m_filling = false;
  arrange();
}

/// The switch stays in place where it does not apply, and says why.
void ConditionBar::fillEqualDose() {
  const bool equal = m_study.selection().condition().equalDose, any = hasEqualDoses(m_study.results());
  m_equalDose->setChecked(equal);
  m_equalDose->setEnabled(any || equal);
  m_equalDose->setToolTip(any ? tr("Lists relative displacements δ = ‖Δh‖ / ‖h − μ‖ instead of ε, so that methods and layers are compared at the same size.")
                              : tr("No run of this study was made at an equal dose: give \"displacements\" in the spec, or tick \"equal size\" in the panel."));
  m_symbol->setText(doseSymbol(equal));
}

void ConditionBar::apply() {
  Condition c{m_method->currentData().toString(), m_task->currentData().toString(), m_strength->currentData().toDouble(),
              static_cast<Outcome>(m_outcome->currentData().toInt()), m_equalDose->isChecked()};
  const auto strengths = strengthsOf(m_study.results(), c.method, c.equalDose);
  if (!strengths.empty() && std::none_of(strengths.begin(), strengths.end(), [&](double e) { return std::abs(e - c.epsilon) < 1e-9; }))
    c.epsilon = strengths.back();
  m_study.selection().setCondition(c);
}

SelectionBar::SelectionBar(StudyContext& study, QWidget* parent)
    : QWidget(parent), m_study(study), m_chips(new QHBoxLayout), m_count(new QLabel(this)), m_clear(new QPushButton(tr("Clear"), this)) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(4, 0, 4, 0);
  layout->setSpacing(unit);
  layout->addLayout(m_chips);
  m_chips->setSpacing(unit);
  m_count->setObjectName(u"secondary"_s);
  layout->addWidget(m_count);
  layout->addStretch(1);
  layout->addWidget(m_clear);
  m_clear->setAccessibleName(tr("Clear the selection"));
  connect(m_clear, &QPushButton::clicked, &study.selection(), &SelectionModel::clear);
  connect(&study.selection(), &SelectionModel::changed, this, &SelectionBar::fill);
  connect(&study, &StudyContext::resultsChanged, this, &SelectionBar::fill);
  fill();
}

QPushButton* SelectionBar::addChip(const QString& text, const QString& name) {
  auto* chip = new QPushButton(text + u"  ✕"_s, this);
  chip->setObjectName(u"chip"_s);
  chip->setAccessibleName(name);
  m_chips->addWidget(chip);
  return chip;
}

void SelectionBar::fill() {
  while (QLayoutItem* item = m_chips->takeAt(0)) {
    item->widget()->hide();
    item->widget()->deleteLater();
    delete item;
  }
  SelectionModel& s = m_study.selection();
  if (s.cluster().valid())
    connect(addChip(tr("cluster: %1").arg(m_study.clusterLabel(s.cluster())), tr("Deselect the cluster")), &QPushButton::clicked, &s, [&s] { s.setCluster({}); });
  if (!s.documents().empty())
    connect(addChip(tr("%1 documents").arg(count(static_cast<std::int64_t>(s.documents().size()))), tr("Deselect the documents")), &QPushButton::clicked, &s,
            [&s] { s.setDocuments({}, {}); });
  if (s.neuron())
    connect(addChip(tr("neuron: L%1 n%2").arg(s.neuron()->layer.value).arg(s.neuron()->neuron.value), tr("Deselect the neuron")), &QPushButton::clicked, &s,
            [&s] { s.setNeuron(std::nullopt); });
  if (s.run() > 0) connect(addChip(tr("run #%1").arg(s.run()), tr("Deselect the run")), &QPushButton::clicked, &s, [&s] { s.setRun(0); });
  m_clear->setVisible(!s.empty());
  m_count->setText(text());
}

QString SelectionBar::text() const {
  const auto total = static_cast<std::int64_t>(m_study.results().documents.size());
  const SelectionModel& s = m_study.selection();
  if (!s.documents().empty()) return tr("%1 of %2 documents").arg(count(static_cast<std::int64_t>(s.documents().size())), count(total));
  if (const auto* c = m_study.cluster(s.cluster())) return tr("%1 of %2 documents").arg(count(c->size), count(total));
  return tr("%1 · click or lasso to select; every view follows").arg(documentsText(m_study.results()));
}

}  // namespace lacuna::ui
