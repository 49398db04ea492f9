#include "views/clusters/cluster_commands.h"

#include <QCursor>
#include <QInputDialog>
#include <QMenu>
#include <QPainter>

#include "plots/plot_parts.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int tones = 14;   // the palette once as discs, once as squares

QInputDialog* dialog(QWidget* window, const QString& title, const QString& label) {
  auto* made = new QInputDialog(window);
  made->setAttribute(Qt::WA_DeleteOnClose);
  made->setWindowTitle(title);
  made->setLabelText(label);
  return made;
}

}  // namespace

ClusterCommands::ClusterCommands(StudyContext& study, ClusterEditor& editor, QWidget* window) : QObject(window), m_study(study), m_editor(editor), m_window(window) {}

ClusterId ClusterCommands::chosen() {
  const ClusterId id = m_study.selection().cluster();
  if (!m_study.cluster(id)) Q_EMIT m_editor.failed(tr("Select a cluster first: click its blade in the silhouettes or its row in a plot."));
  return m_study.cluster(id) ? id : ClusterId();
}

void ClusterCommands::rename() {
  const ClusterId id = chosen();
  if (!id.valid()) return;
  QInputDialog* ask = dialog(m_window, tr("Rename cluster"), tr("Name of the cluster:"));
  ask->setTextValue(m_study.clusterLabel(id));
  connect(ask, &QInputDialog::textValueSelected, this, [this, id](const QString& name) { m_editor.rename(id, name); });
  ask->open();
}

void ClusterCommands::merge() {
  const ClusterId id = chosen();
  if (!id.valid()) return;
  QStringList names;
  std::vector<ClusterId> ids;
  for (const auto& c : m_study.results().clusters)
    if (c.id != id) names << tr("%1 · n = %2").arg(m_study.clusterLabel(c.id), count(c.size)), ids.push_back(c.id);
  if (ids.empty()) return Q_EMIT m_editor.failed(tr("There is no other cluster to merge with."));
  QInputDialog* ask = dialog(m_window, tr("Merge cluster"), tr("Documents of “%1” go to:").arg(m_study.clusterLabel(id)));
  ask->setComboBoxItems(names);
  connect(ask, &QInputDialog::textValueSelected, this, [this, id, names, ids](const QString& name) {
    if (const auto at = names.indexOf(name); at >= 0) m_editor.merge(id, ids[static_cast<std::size_t>(at)]);
  });
  ask->open();
}

void ClusterCommands::split() {
  if (m_study.selection().documents().empty()) return Q_EMIT m_editor.failed(tr("Select documents first: draw a lasso in the map."));
  QInputDialog* ask = dialog(m_window, tr("Split off a cluster"), tr("Name of the new cluster of %1 documents:").arg(count(std::ssize(m_study.selection().documents()))));
  connect(ask, &QInputDialog::textValueSelected, this, [this](const QString& name) { m_editor.split(name); });
  ask->open();
}

void ClusterCommands::exclude() {
  if (const ClusterId id = chosen(); id.valid()) m_editor.exclude(id);
}

void ClusterCommands::goBack() {
  const auto& rounds = m_study.results().evidence.rounds;
  if (rounds.empty()) return Q_EMIT m_editor.failed(tr("The clusters were not refined: there is no round to go back to."));
  QStringList names;
  for (const auto& round : rounds) names << tr("before round %1 · %n cluster(s)", nullptr, static_cast<int>(round.clustersBefore)).arg(round.round + 1);
  QInputDialog* ask = dialog(m_window, tr("Go back in refining"), tr("Take the clusters from:"));
  ask->setComboBoxItems(names);
  connect(ask, &QInputDialog::textValueSelected, this, [this, names](const QString& name) {
    if (const auto at = names.indexOf(name); at >= 0) m_editor.goBack(at + 1);
  });
  ask->open();
}

void ClusterCommands::recolour() {
  const ClusterId id = chosen();
  if (!id.valid()) return;
  auto* menu = new QMenu(m_window);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const PlotStyle style = PlotStyle::screen(Theme::of(m_window->palette()), m_window->font());
  for (int tone = 0; tone < tones; ++tone) {
    QAction* action = menu->addAction(QIcon(sprite(style, shapeOf(tone), style.tone(tone), 12, m_window->devicePixelRatioF())), tr("colour %1").arg(tone + 1));
    action->setCheckable(true);
    action->setChecked(m_study.clusterTone(id) == tone);
    connect(action, &QAction::triggered, this, [this, id, tone] { m_editor.recolour(id, tone); });
  }
  menu->popup(QCursor::pos());
}

}  // namespace lacuna::ui
