#include "workspace.h"

#include <QApplication>
#include <QClipboard>
#include <QCursor>
#include <QFileDialog>
#include <QJsonArray>
#include <QJsonDocument>
#include <QMenu>
#include <QSaveFile>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "composition.h"
#include "plots/exporter.h"
#include "theme/theme.h"
#include "views/annotation/annotation_view.h"
#include "views/annotation/rating_bar.h"
#include "views/format.h"
#include "views/trust/clusters_dialog.h"
#include "views/trust/k_curve_view.h"
#include "views/trust/refine_log_view.h"
#include "widgets/condition_bar.h"
#include "widgets/info_bar.h"
#include "widgets/stage_page.h"
#include "widgets/view_frame.h"

namespace lacuna::app {

using namespace ui;
using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray json(const QJsonObject& object) { return QJsonDocument(object).toJson(QJsonDocument::Compact); }
QJsonObject parsed(const std::string& text) { return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object(); }

}  // namespace

Workspace::Workspace(std::shared_ptr<study::Session> session, JobRunner& jobs, QWidget* parent)
    : QWidget(parent), m_study(std::move(session), &jobs), m_panel(m_study, jobs), m_editor(new ClusterEditor(m_study)), m_commands(new ClusterCommands(m_study, *m_editor, this)),
      m_exchange(new SheetExchange(m_study, this)), m_sheets(new SheetCommands(*m_exchange, this)), m_info(new InfoBar(this)), m_selectionBar(new SelectionBar(m_study, this)),
      m_pages(new QStackedWidget(this)) {
  setObjectName(u"page"_s);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(unit, unit, unit, unit);
  layout->setSpacing(unit);
  layout->addWidget(m_info);
  layout->addWidget(m_selectionBar);
  layout->addWidget(m_pages, 1);
  connect(m_editor, &ClusterEditor::edited, this, &Workspace::sayEdited);
  connect(m_editor, &ClusterEditor::failed, this, [this](const QString& text) { m_info->showMessage(InfoKind::Warning, text); });
  connect(m_exchange, &SheetExchange::said, this, [this](const QString& text) { m_info->showMessage(InfoKind::Success, text); });
  connect(m_exchange, &SheetExchange::failed, this, [this](const QString& text) { m_info->showMessage(InfoKind::Error, text); });
  restoreState();
}

Workspace::~Workspace() = default;

void Workspace::showResults() {
  showStage(u"annotate"_s);
  auto* bar = page()->findChild<RatingBar*>();
  bar->setShowsResults(!bar->showsResults());
}

void Workspace::takeKeys() {
  auto* sheet = page()->findChild<AnnotationView*>();
  if (sheet && sheet->isVisibleTo(this)) sheet->takeKeys();
}

bool Workspace::blind() const {
  const auto now = std::find_if(stages().begin(), stages().end(), [this](const Stage& s) { return s.id == stage(); });
  return now != stages().end() && now->blind;
}

/// Agreement is worked out when it is looked at: a rater may have stopped in the middle of a group.
void Workspace::connectRating(RatingBar* bar) {
  connect(bar, &RatingBar::actionRequested, this, &Workspace::actionRequested);
  connect(bar, &RatingBar::resultsShown, m_exchange, [this](bool shown) {
    if (shown) m_exchange->refreshAgreement();
  });
}

void Workspace::sayEdited(const QString& what, bool movesDocuments) {
  if (movesDocuments) return m_info->showMessage(InfoKind::Note, tr("%1. Probes, effects and all that follows are out of date.").arg(what), tr("Run what is not up to date"),
                                                 [this] { Q_EMIT actionRequested(u"study.update"_s); });
  m_info->showMessage(InfoKind::Success, what + u'.');
  QTimer::singleShot(5000, m_info, &QWidget::hide);
}

/// The change is made at once; what it costs is decided by whoever updates the study.
void Workspace::changeSpec(const SpecChange& change) {
  m_study.jobs().start<bool>(JobPolicy::Queue, u"spec"_s, change.what, this, [session = m_study.sharedSession(), assignment = change.assignment](const RunContext&) {
                               session->changeSpec(assignment);
                               return true;
                             },
                             [this, what = change.what](bool) {
                               m_study.setResults(m_study.session().results());
                               m_info->showMessage(InfoKind::Note, tr("%1. The clusters and all that follows are made anew with the next update; edits by hand belong to the clusters of now.").arg(what),
                                                   tr("Run what is not up to date"), [this] { Q_EMIT actionRequested(u"study.update"_s); });
                             },
                             [this](const Error& error) { m_info->showMessage(InfoKind::Error, errorText(error)); });
}

void Workspace::showDialog(ClustersDialog* dialog) {
  if (m_dialog) m_dialog->close();
  m_dialog = dialog;
  connect(dialog, &ClustersDialog::wanted, this, &Workspace::changeSpec);
  dialog->show();
}

void Workspace::chooseK() { showDialog(ClustersDialog::chooseK(m_study, this)); }
void Workspace::refineClusters() { showDialog(ClustersDialog::refine(m_study, this)); }

StagePage* Workspace::page() const { return qobject_cast<StagePage*>(m_pages->currentWidget()); }
QString Workspace::stage() const { return page() ? page()->stage() : QString(); }

void Workspace::showStage(const QString& id) {
  for (const Stage& stage : stages()) {
    if (stage.id != id) continue;
    if (!m_made.contains(id)) {
      StagePage* made = m_made[id] = makePage(stage, m_study);
      m_pages->addWidget(made);
      for (ViewFrame* view : made->views()) connectView(view);
      if (auto* bar = made->findChild<RatingBar*>()) connectRating(bar);
      const std::string layout = m_study.session().viewState("page." + id.toStdString());
      if (!layout.empty()) made->restoreLayout(QByteArray::fromBase64(QByteArray::fromStdString(parsed(layout)[u"layout"_s].toString().toStdString())));
    }
    m_pages->setCurrentWidget(m_made[id]);
    m_selectionBar->setVisible(!stage.blind);
    Q_EMIT stageChanged(id);
  }
}

void Workspace::connectView(ViewFrame* view) {
  const std::string state = m_study.session().viewState("view." + view->model().id().toStdString());
  if (!state.empty()) view->restore(parsed(state));
  connect(view, &ViewFrame::exportRequested, this, [this, view] { exportView(view); });
  connect(view, &ViewFrame::actionRequested, this, &Workspace::actionRequested);
  if (auto* curve = qobject_cast<KCurveView*>(view))
    connect(curve, &KCurveView::useRequested, this, [this](int k) { changeSpec(useK(m_study.results(), k)); });
  if (auto* strip = qobject_cast<RefineLogView*>(view)) connect(strip, &RefineLogView::goBackRequested, m_editor, &ClusterEditor::goBack);
}

ViewFrame* Workspace::view(const QString& id) {
  for (const Stage& stage : stages()) {
    if (std::find(stage.views.begin(), stage.views.end(), id) == stage.views.end()) continue;
    showStage(stage.id);
    for (ViewFrame* v : page()->views()) {
      if (v->model().id() != id) continue;
      if (auto* bar = page()->findChild<RatingBar*>()) bar->setShowsResults(!qobject_cast<AnnotationView*>(v));   // apart from the sheet
      return v;
    }
  }
  return nullptr;
}

ViewFrame* Workspace::focusedView() const {
  if (!page() || page()->views().empty()) return nullptr;
  for (QWidget* w = QApplication::focusWidget(); w; w = w->parentWidget())
    if (auto* v = qobject_cast<ViewFrame*>(w)) return v;
  return page()->maximised() ? page()->maximised() : page()->views().front();
}

void Workspace::exportView(ViewFrame* view) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const std::pair<QString, QString> formats[] = {{tr("Figure as PDF…"), u"pdf"_s}, {tr("Figure as SVG…"), u"svg"_s}, {tr("Figure as PNG…"), u"png"_s}, {tr("Data as CSV…"), u"csv"_s}};
  for (const auto& [text, extension] : formats) {
    if (!view->plot() && extension != "csv"_L1) continue;
    connect(menu->addAction(text), &QAction::triggered, view, [this, view, extension = extension] { writeView(view, extension); });
  }
  connect(menu->addAction(tr("Copy caption")), &QAction::triggered, view, [view] { QApplication::clipboard()->setText(view->model().caption()); });
  if (view->plot()) {
    auto* sizes = menu->addMenu(tr("Figure size"));
    for (const FigureSpec& spec : figurePresets()) {
      auto* action = sizes->addAction(tr("%1 (%2 × %3 pt)").arg(spec.preset).arg(spec.width).arg(spec.height));
      action->setCheckable(true);
      action->setChecked(spec.preset == m_preset);
      connect(action, &QAction::triggered, this, [this, name = spec.preset] { m_preset = name; });
    }
  }
  menu->popup(QCursor::pos());
}

void Workspace::writeView(ViewFrame* view, const QString& extension) {
  const QString name = u"%1_%2.%3"_s.arg(qs(m_study.results().name), view->model().id(), extension);
  auto* dialog = new QFileDialog(this, tr("Export %1").arg(view->model().title()), name);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(extension);
  connect(dialog, &QFileDialog::fileSelected, view, [this, view, extension](const QString& file) {
    try {
      if (extension == "csv"_L1) {
        QSaveFile out(file);
        const QByteArray bytes = QByteArray::fromStdString(toCsv(view->model().table()));
        if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
          throw Error("LAC-4103", "Could not write " + file.toStdString(), "Choose another folder");
      } else {
        exportFigure(*view->plot(), figurePreset(m_preset), file.toStdString(), view->model().title());
      }
      m_info->showMessage(InfoKind::Success, tr("Saved %1").arg(file));
      QTimer::singleShot(5000, m_info, &QWidget::hide);
    } catch (const Error& error) {
      view->showError(errorText(error));
    }
  });
  dialog->open();
}

QJsonObject Workspace::selectionState() const {
  const SelectionModel& s = m_study.selection();
  QJsonArray documents;
  for (const std::int32_t id : s.documents()) documents.append(id);
  QJsonObject state{{u"documents"_s, documents}, {u"primary"_s, s.primaryDocument().value}, {u"cluster"_s, s.cluster().value},
                    {u"run"_s, static_cast<qint64>(s.run())}, {u"baseline"_s, static_cast<qint64>(s.baseline())},
                    {u"method"_s, s.condition().method}, {u"task"_s, s.condition().task}, {u"epsilon"_s, s.condition().epsilon},
                    {u"equal_dose"_s, s.condition().equalDose}, {u"field"_s, qs(s.field())},
                    {u"outcome"_s, s.condition().outcome == Outcome::Accuracy ? u"accuracy"_s : u"margin"_s}};
  if (s.neuron()) state[u"neuron"_s] = QJsonArray{s.neuron()->layer.value, s.neuron()->neuron.value};
  return state;
}

void Workspace::restoreSelection(const QJsonObject& state) {
  if (state.isEmpty()) return;
  SelectionModel& s = m_study.selection();
  std::vector<std::int32_t> documents;
  for (const QJsonValue& id : state[u"documents"_s].toArray()) documents.push_back(id.toInt());
  const QJsonArray neuron = state[u"neuron"_s].toArray();
  const Condition condition{state[u"method"_s].toString(), state[u"task"_s].toString(), state[u"epsilon"_s].toDouble(1),
                            state[u"outcome"_s].toString() == "accuracy"_L1 ? Outcome::Accuracy : Outcome::Margin, state[u"equal_dose"_s].toBool()};
  s.together([&] {
    s.setDocuments(documents, DocumentId(state[u"primary"_s].toInt(-1)));
    s.setCluster(ClusterId(state[u"cluster"_s].toInt(-1)));
    s.setRun(state[u"run"_s].toInteger());
    s.setBaseline(state[u"baseline"_s].toInteger());
    if (neuron.size() == 2) s.setNeuron(NeuronRef{LayerIndex(neuron[0].toInt()), NeuronIndex(neuron[1].toInt())});
    if (!condition.method.isEmpty()) s.setCondition(condition);
    s.setField(state[u"field"_s].toString().toStdString());
  });
}

void Workspace::saveState() {
  study::Session& session = m_study.session();
  if (session.readOnly()) return;
  try {
    session.setViewState("window", json({{u"stage"_s, stage()}, {u"selection"_s, selectionState()}, {u"panel"_s, m_panel.state()}, {u"preset"_s, m_preset}}).toStdString());
    for (StagePage* made : std::as_const(m_made)) {
      session.setViewState("page." + made->stage().toStdString(), json({{u"layout"_s, QString::fromLatin1(made->layoutState().toBase64())}}).toStdString());
      for (ViewFrame* v : made->views()) session.setViewState("view." + v->model().id().toStdString(), json(v->state()).toStdString());
    }
  } catch (const Error& error) {
    m_info->showMessage(InfoKind::Error, errorText(error));
  }
}

void Workspace::restoreState() {
  const QJsonObject state = parsed(m_study.session().viewState("window"));
  restoreSelection(state[u"selection"_s].toObject());
  m_panel.restore(state[u"panel"_s].toObject());
  m_preset = state[u"preset"_s].toString(m_preset);
  showStage(state[u"stage"_s].toString());
  if (!page()) showStage(u"clusters"_s);   // a first opening, or a stage of another version
}

QString Workspace::stageGlyph(const QString& id, QString* words) const {
  using study::StageState;
  StageState worst = StageState::UpToDate;
  bool known = false;
  for (const Stage& stage : stages()) {
    if (stage.id != id) continue;
    for (const auto& row : m_study.results().stages) {
      if (std::find(stage.engineStages.begin(), stage.engineStages.end(), qs(row.name)) == stage.engineStages.end()) continue;
      known = true;
      if (row.state == StageState::Failed || worst == StageState::UpToDate) worst = row.state;
    }
  }
  if (!known) worst = m_study.results().runs.empty() ? StageState::Empty : StageState::UpToDate;
  static const std::pair<QString, const char*> texts[] = {{u"○"_s, "empty"}, {u"◔"_s, "running"}, {u"●"_s, "up to date"}, {u"△"_s, "out of date"}, {u"✕"_s, "failed"}};
  const auto& [glyph, word] = texts[static_cast<int>(worst)];
  if (words) *words = tr(word);
  return glyph;
}

}  // namespace lacuna::app
