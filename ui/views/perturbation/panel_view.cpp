#include "views/perturbation/panel_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>

#include "theme/icons.h"
#include "theme/theme.h"
#include "views/format.h"
#include "widgets/info_bar.h"
#include "widgets/slider_box.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QComboBox* combo(const QString& name, QWidget* parent) {
  auto* box = new QComboBox(parent);
  box->setAccessibleName(name);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  return box;
}

void selectData(QComboBox* box, const QVariant& data) { box->setCurrentIndex(box->findData(data)); }

QLabel* wrapped(const QString& objectName, QWidget* parent) {
  auto* label = new QLabel(parent);
  label->setObjectName(objectName);
  label->setWordWrap(true);
  return label;
}

}  // namespace

PanelView::PanelView(PanelViewModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_cluster(combo(tr("Target cluster"), this)), m_method(combo(tr("Method"), this)),
      m_layer(combo(tr("Layer"), this)), m_rule(combo(tr("Rule of τ"), this)), m_formula(wrapped(u"secondary"_s, this)),
      m_selected(wrapped(u"secondary"_s, this)), m_previewTitle(wrapped(u"secondary"_s, this)), m_previewBody(wrapped(u"answer"_s, this)),
      m_cost(wrapped(u"secondary"_s, this)), m_tau(new SliderBox(tr("τ"), 0.01, 1, 0.01, 2, this)),
      m_epsilon(new SliderBox(tr("Strength ε"), 0, 2, 0.01, 2, this)), m_seed(new QSpinBox(this)), m_tasks(new QListWidget(this)),
      m_equalDose(new QCheckBox(tr("equal size"), this)), m_live(new QCheckBox(tr("Live preview"), this)),
      m_once(new QPushButton(tr("Preview"), this)), m_run(new QPushButton(tr("Run"), this)),
      m_error(new InfoBar(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 0, 12, 12);
  layout->setSpacing(unit);
  auto* form = new QFormLayout;
  form->setLabelAlignment(Qt::AlignLeft);
  form->setVerticalSpacing(unit);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  layout->addLayout(form);
  buildTarget(form);
  buildStrength(form);
  buildTasks(layout);
  layout->addStretch(1);
  buildPreview(layout);
  connect(&model, &PanelViewModel::changed, this, &PanelView::showParameters);
  connect(&model, &PanelViewModel::previewChanged, this, &PanelView::showPreview);
  connect(&model, &PanelViewModel::previewChanged, m_error, &QWidget::hide);   // what failed works now
  connect(&model, &PanelViewModel::runStored, m_error, &QWidget::hide);
  connect(&model, &PanelViewModel::failed, this, [this](const QString& text) { m_error->showMessage(InfoKind::Error, text); });
  showParameters();
}

void PanelView::buildTarget(QFormLayout* form) {
  form->addRow(tr("Target"), m_cluster);
  form->addRow(tr("Method"), m_method);
  form->addRow(m_formula);
  form->addRow(tr("Layer"), m_layer);
  connect(m_cluster, &QComboBox::activated, this, [this] {
    const ClusterId id(m_cluster->currentData().toInt());
    m_model.setCluster(id);
    m_model.study().selection().setCluster(id);
  });
  connect(m_method, &QComboBox::activated, this, [this] { m_model.setMethod(m_method->currentData().toString()); });
  connect(m_layer, &QComboBox::activated, this, [this] { m_model.setLayer(LayerIndex(m_layer->currentData().toInt())); });
}

void PanelView::buildStrength(QFormLayout* form) {
  m_rule->addItem(tr("share of importance"), u"mass"_s);
  m_rule->addItem(tr("share of neurons"), u"topk"_s);
  m_rule->addItem(tr("permutation null"), u"perm-null"_s);
  m_tau->setDefault(0.25);
  m_epsilon->setDefault(1);
  m_seed->setRange(0, 1000000);
  m_seed->setAccessibleName(tr("Seed"));
  form->addRow(tr("τ rule"), m_rule);
  form->addRow(u"τ"_s, m_tau);
  form->addRow(QString(), m_selected);
  m_doseName = new QLabel(u"ε"_s, this);
  form->addRow(m_doseName, m_epsilon);
  form->addRow(QString(), m_equalDose);
  form->addRow(tr("Seed"), m_seed);
  m_equalDose->setAccessibleName(tr("Equal size"));
  m_equalDose->setToolTip(tr("Sets the relative displacement δ instead of ε; ε is solved for the method and layer, so that they can be compared."));
  connect(m_equalDose, &QCheckBox::clicked, &m_model, &PanelViewModel::switchDose);
  connect(m_rule, &QComboBox::activated, this, [this] { m_model.setTauRule(m_rule->currentData().toString()); });
  connect(m_tau, &SliderBox::valueChanged, this, [this](double v) { if (!m_filling) m_model.setTau(v); });
  connect(m_epsilon, &SliderBox::valueChanged, this, [this](double v) { if (!m_filling) m_model.setEpsilon(v); });
  connect(m_seed, &QSpinBox::valueChanged, this, [this](int v) { if (!m_filling) m_model.setSeed(static_cast<std::uint64_t>(v)); });
}

void PanelView::buildTasks(QVBoxLayout* layout) {
  auto* heading = new QLabel(tr("Tasks of the preview"), this);
  heading->setObjectName(u"heading"_s);
  layout->addWidget(heading);
  layout->addWidget(m_tasks);
  m_tasks->setObjectName(u"tasks"_s);
  m_tasks->setAccessibleName(tr("Tasks of the preview"));
  m_tasks->setToolTip(tr("What the preview scores. A run scores every task of the study, so that its family of tests stays whole."));
  m_tasks->setSpacing(1);
  m_tasks->setFrameShape(QFrame::NoFrame);
  connect(m_tasks, &QListWidget::itemChanged, this, [this] {
    if (m_filling) return;
    std::vector<std::string> tasks;
    for (int i = 0; i < m_tasks->count(); ++i)
      if (m_tasks->item(i)->checkState() == Qt::Checked) tasks.push_back(m_tasks->item(i)->data(Qt::UserRole).toString().toStdString());
    m_model.setTasks(std::move(tasks));
  });
}

void PanelView::buildPreview(QVBoxLayout* layout) {
  auto* row = new QHBoxLayout;
  row->addWidget(m_live);
  row->addStretch(1);
  row->addWidget(m_once);
  layout->addLayout(row);
  layout->addWidget(m_previewTitle);
  layout->addWidget(m_previewBody);
  layout->addWidget(m_error);
  layout->addWidget(m_run);
  layout->addWidget(m_cost);
  m_run->setObjectName(u"primary"_s);
  m_run->setMinimumHeight(36);
  m_run->setToolTip(tr("Ctrl+Return"));
  m_previewBody->setTextFormat(Qt::RichText);
  for (QAbstractButton* button : {static_cast<QAbstractButton*>(m_run), static_cast<QAbstractButton*>(m_once), static_cast<QAbstractButton*>(m_live)})
    button->setAccessibleName(button->text());
  connect(m_live, &QCheckBox::toggled, &m_model, &PanelViewModel::setLive);
  connect(m_once, &QPushButton::clicked, &m_model, &PanelViewModel::preview);
  connect(m_run, &QPushButton::clicked, &m_model, &PanelViewModel::run);
}

/// Methods of the spec, then recipes that this study has run.
void PanelView::showMethods() {
  const QStringList names = m_model.methods();
  while (m_method->count() > 0 && (m_method->count() > names.size() || m_method->itemData(m_method->count() - 1) != names[m_method->count() - 1]))
    m_method->removeItem(m_method->count() - 1);
  for (qsizetype i = m_method->count(); i < names.size(); ++i) {
    m_method->addItem(methodName(names[i]), names[i]);
    m_method->setItemData(static_cast<int>(i), methodFormula(names[i]), Qt::ToolTipRole);
  }
  selectData(m_method, qs(m_model.parameters().method));
  m_formula->setText(methodFormula(qs(m_model.parameters().method)));
}

void PanelView::showDose() {
  const auto& p = m_model.parameters();
  m_equalDose->setChecked(p.equalDose);
  m_doseName->setText(p.equalDose ? u"δ"_s : u"ε"_s);
  m_epsilon->setToolTip(p.equalDose ? tr("Relative displacement ‖Δh‖ / ‖h − μ‖: 0.1 moves the state by a tenth of its spread. Ticks: doses already "
      "run. Double-click resets.")
                                    : tr("0: unchanged. 1: the method as published. Beyond 1 it overshoots. Ticks: strengths already run. "
                                    "Double-click resets."));
  m_epsilon->setName(p.equalDose ? tr("Relative displacement δ") : tr("Strength ε"));
  m_epsilon->setValue(p.epsilon);
  m_epsilon->setGhosts(m_model.strengthsRun());
}

/// Items are made once: this also runs while one of them reports its own change.
void PanelView::showTasks() {
  const auto& tasks = m_model.study().results().tasks;
  const auto& chosen = m_model.parameters().tasks;
  while (m_tasks->count() > static_cast<int>(tasks.size())) delete m_tasks->takeItem(m_tasks->count() - 1);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    auto* item = m_tasks->item(static_cast<int>(i));
    if (!item) item = new QListWidgetItem(m_tasks);
    item->setText(qs(tasks[i].name));
    item->setData(Qt::UserRole, qs(tasks[i].name));
    item->setCheckState(std::find(chosen.begin(), chosen.end(), tasks[i].name) != chosen.end() ? Qt::Checked : Qt::Unchecked);
  }
  m_tasks->setFixedHeight(std::clamp(m_tasks->count(), 1, 8) * (fontMetrics().height() + 8) + 4);
}

void PanelView::showParameters() {
  m_filling = true;
  const auto& p = m_model.parameters();
  const auto& results = m_model.study().results();
  m_cluster->clear();
  for (const auto& c : results.clusters) m_cluster->addItem(m_model.study().clusterLabel(c.id), c.id.value);
  selectData(m_cluster, p.cluster.value);
  showMethods();
  m_layer->clear();
  for (const LayerIndex layer : m_model.layers()) m_layer->addItem(u"L%1"_s.arg(layer.value), layer.value);
  selectData(m_layer, p.layer.value);
  selectData(m_rule, qs(p.tauRule));
  m_tau->setValue(p.tau);
  m_tau->setEnabled(m_model.tauReason().isEmpty());
  m_tau->setToolTip(m_model.tauReason());
  m_rule->setEnabled(usesNeurons(qs(p.method)));
  m_rule->setToolTip(m_rule->isEnabled() ? QString() : m_model.tauReason());
  showDose();
  m_seed->setValue(static_cast<int>(p.seed));
  m_selected->setObjectName(m_model.selectionWarns() ? u"note"_s : u"secondary"_s);
  style()->polish(m_selected);
  m_selected->setText(m_model.selectionText());
  showTasks();
  m_live->setChecked(m_model.live());
  m_once->setVisible(!m_model.live());
  m_run->setText(m_model.runText());
  m_run->setEnabled(m_model.canRun() || m_model.runText() != tr("Run"));
  m_cost->setText(m_model.costText());
  m_filling = false;
  showPreview();
}

void PanelView::showPreview() {
  const auto& result = m_model.previewResult();
  const Theme& theme = Theme::of(palette());
  if (result.tasks.empty()) {
    m_previewTitle->setText(tr("Preview: move a slider to see the estimate on n = %1 items. Not saved.").arg(PanelViewModel::previewItems));
    m_previewBody->hide();
    return;
  }
  m_previewTitle->setText(tr("preview, n = %1, not saved · %2 s").arg(result.tasks.front().n).arg(number(result.seconds, 1)));
  QString rows;
  for (const auto& task : result.tasks) {
    const bool there = std::isfinite(task.ace);
    rows += u"<tr><td style=\"padding-right:10px\">%1</td><td align=\"right\"><b>%2</b></td><td style=\"padding-left:6px\">%3</td></tr>"_s.arg(
        qs(task.task).toHtmlEscaped(), there ? effectText(task.ace, task.low, task.high).section(u' ', 0, 0) : u"–"_s,
        there ? effectText(task.ace, task.low, task.high).section(u' ', 1) : qs(task.status).toHtmlEscaped());
  }
  const QColor ink = m_model.previewFresh() ? theme.text : theme.textDisabled;   // an older value stays, greyed
  m_previewBody->setText(u"<table style=\"color:%1\">%2</table>"_s.arg(ink.name(), rows));
  m_previewBody->show();
}

QString PanelView::previewText() const { return m_previewTitle->text(); }
QString PanelView::selectionText() const { return m_selected->text(); }

}  // namespace lacuna::ui
