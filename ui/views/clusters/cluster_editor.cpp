#include "views/clusters/cluster_editor.h"

#include "views/format.h"
#include "views/perturbation/panel_view_model.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The engine's name of an edit, in the window's language.
QString words(const study::EditRow& edit) {
  const QString of = QString::number(edit.cluster.value);
  if (edit.kind == "merge") return ClusterEditor::tr("merge of cluster %1 into %2").arg(of).arg(edit.target.value);
  if (edit.kind == "split") return ClusterEditor::tr("split of %1 documents").arg(count(std::ssize(edit.documents)));
  if (edit.kind == "exclude") return ClusterEditor::tr("exclusion of cluster %1").arg(of);
  if (edit.kind == "revert") return ClusterEditor::tr("return to the clusters before round %1").arg(QString::fromStdString(edit.value));
  if (edit.kind == "rename") return ClusterEditor::tr("rename of cluster %1").arg(of);
  return ClusterEditor::tr("new colour of cluster %1").arg(of);
}

}  // namespace

ClusterEditor::ClusterEditor(StudyContext& study) : QObject(&study), m_study(study) {}

/// The one way into the study: a refused edit says why, a done one renews the results.
void ClusterEditor::start(const QString& what, bool moves, std::function<bool(study::Session&)> work) {
  m_study.jobs().start<bool>(JobPolicy::Queue, u"clusters"_s, what, this,
                             [session = m_study.sharedSession(), work = std::move(work)](const RunContext&) { return work(*session); },
                             [this, what, moves](const bool& done) {
                               if (!done) return;
                               m_study.setResults(m_study.session().results());
                               m_study.refreshPeople();
                               if (!m_study.cluster(m_study.selection().cluster())) m_study.selection().setCluster({});
                               Q_EMIT edited(what, moves);
                             },
                             [this](const Error& error) { Q_EMIT failed(errorText(error)); });
}

namespace {

std::function<bool(study::Session&)> doing(study::ClusterEdit edit) {
  return [edit = std::move(edit)](study::Session& session) {
    session.editClusters(edit);
    return true;
  };
}

}  // namespace

void ClusterEditor::rename(ClusterId cluster, const QString& label) {
  if (label.trimmed().isEmpty()) return;
  start(tr("Renamed “%1” to “%2”").arg(m_study.clusterLabel(cluster), label.trimmed()), false, doing({"rename", cluster, {}, {}, label.trimmed().toStdString()}));
}

void ClusterEditor::recolour(ClusterId cluster, int tone) {
  start(tr("“%1” has another colour").arg(m_study.clusterLabel(cluster)), false, doing({"recolour", cluster, {}, {}, std::to_string(tone)}));
}

void ClusterEditor::merge(ClusterId cluster, ClusterId into) {
  start(tr("Merged “%1” into “%2”").arg(m_study.clusterLabel(cluster), m_study.clusterLabel(into)), true, doing({"merge", cluster, into, {}, {}}));
}

void ClusterEditor::split(const QString& label) {
  const std::vector<std::int32_t> chosen = m_study.selection().documents();
  start(tr("Made a cluster of %1 documents").arg(count(std::ssize(chosen))), true, doing({"split", {}, {}, chosen, label.trimmed().toStdString()}));
}

void ClusterEditor::exclude(ClusterId cluster) {
  start(tr("Set “%1” aside").arg(m_study.clusterLabel(cluster)), true, doing({"exclude", cluster, {}, {}, {}}));
}

void ClusterEditor::goBack(std::int64_t round) {
  study::ClusterEdit edit;
  edit.kind = "revert";
  edit.value = std::to_string(round);
  start(tr("Went back to the clusters before round %1 of refining").arg(round), true, doing(std::move(edit)));
}

study::EditHistory ClusterEditor::history() const { return study::historyOf(m_study.people().edits, m_study.people().clustering); }

QString ClusterEditor::undoText() const {
  const auto h = history();
  return h.done.empty() ? QString() : tr("Undo %1").arg(words(h.done.back()));
}

QString ClusterEditor::redoText() const {
  const auto h = history();
  return h.undone.empty() ? QString() : tr("Redo %1").arg(words(h.undone.back()));
}

void ClusterEditor::undo() {
  const auto h = history();
  if (!h.done.empty()) start(tr("Took back: %1").arg(words(h.done.back())), !h.done.back().documents.empty(), [](study::Session& session) { return session.undoEdit(); });
}

void ClusterEditor::redo() {
  const auto h = history();
  if (!h.undone.empty()) start(tr("Again: %1").arg(words(h.undone.back())), !h.undone.back().documents.empty(), [](study::Session& session) { return session.redoEdit(); });
}

}  // namespace lacuna::ui
