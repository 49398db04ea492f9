#include "views/view_model.h"

namespace lacuna::ui {

ViewModel::ViewModel(StudyContext& study, QString id, QString title)
    : m_study(study), m_id(std::move(id)), m_title(std::move(title)) {
  connect(&study, &StudyContext::resultsChanged, this, &ViewModel::changed);
  connect(&study, &StudyContext::peopleChanged, this, &ViewModel::peopleChanged);
  connect(&study.selection(), &SelectionModel::changed, this, [this] {
    if (m_linked) Q_EMIT changed();
  });
}

void ViewModel::setLinked(bool linked) {
  if (m_linked == linked) return;
  m_linked = linked;
  if (linked) return Q_EMIT changed();
  m_kept.copyFrom(m_study.selection());
}

ClusterId ViewModel::shownCluster() const {
  if (selection().cluster().valid()) return selection().cluster();
  return results().clusters.empty() ? ClusterId() : results().clusters.front().id;
}

}  // namespace lacuna::ui
