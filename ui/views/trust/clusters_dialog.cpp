#include "views/trust/clusters_dialog.h"

#include <QLabel>
#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "views/new_study/cluster_part.h"
#include "views/new_study/setup_form.h"
#include "views/new_study/setup_parts.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

ClustersDialog::ClustersDialog(const StudyContext& study, QWidget* parent) : QDialog(parent), m_study(study), m_layout(new QVBoxLayout(this)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setModal(false);
  setMinimumWidth(720);
  m_layout->setContentsMargins(2 * unit, 2 * unit, 2 * unit, 2 * unit);
  m_layout->setSpacing(unit);
  m_setup.setFields(groupingFields(study.results()));
  m_setup.load(clustersSection(study.results()));
}

void ClustersDialog::say(const QString& title, const QString& what, const QString& whyNot) {
  setWindowTitle(title);
  m_layout->addWidget(namedLabel(what, u"text"_s, this));
  if (!whyNot.isEmpty()) m_layout->addWidget(namedLabel(whyNot, u"note"_s, this));
}

void ClustersDialog::finish(const QString& button, bool possible, const Change& change) {
  m_layout->addWidget(namedLabel(tr("The clusters and all that follows are out of date then, until the study is run again; edits by hand belong to the clusters of now."), u"secondary"_s, this));
  m_layout->addStretch(1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  auto* accept = new QPushButton(button, buttons);
  accept->setObjectName(u"primary"_s);   // before the box asks for its looks
  accept->setDefault(true);
  buttons->addButton(accept, QDialogButtonBox::AcceptRole);
  m_layout->addWidget(buttons);
  const auto refresh = [this, accept, possible] { accept->setEnabled(possible && m_setup.missing().isEmpty()); };
  connect(&m_setup, &SetupSection::changed, accept, refresh);
  refresh();
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
  connect(buttons, &QDialogButtonBox::accepted, this, [this, change] {
    Q_EMIT wanted(change(m_study.results(), m_setup));
    close();
  });
}

ClustersDialog* ClustersDialog::chooseK(const StudyContext& study, QWidget* parent) {
  auto* dialog = new ClustersDialog(study, parent);
  const QString why = whyNoChoice(study.results());
  dialog->say(tr("Choose the number of clusters"),
              tr("Each k is fitted, and refitted on pairs of subsamples of 80 % of the documents. The largest k whose refits agree (ARI from 0.8 on) and whose silhouette is within one standard error of the best is taken."), why);
  if (!dialog->m_setup.flag(u"choosing"_s)) {
    const std::vector<int> around = gridAround(std::max(2, static_cast<int>(study.results().clusters.size())));
    dialog->m_setup.set(u"grid"_s, numbersText(around));
    dialog->m_setup.set(u"choosing"_s, true);
  }
  auto* form = new SetupForm(dialog->m_setup, dialog);
  form->addText(u"grid"_s, tr("Choose k among"), tr("Numbers, or a range with a step."), tr("4, 8, 16, 32 or 4-32 step 4"));
  form->addNote(u"grid"_s, [setup = &dialog->m_setup] { return setup->gridNote(); }, [setup = &dialog->m_setup] { return !setup->grid().fault.isEmpty(); });
  form->addCount(u"stability_pairs"_s, tr("Subsamples"), tr("Pairs of refits compared for every k."), {.low = 2, .high = 1000, .suffix = tr(" pairs")});
  form->setEnabled(why.isEmpty());
  dialog->m_layout->addWidget(form);
  dialog->finish(tr("Choose among these"), why.isEmpty(), chooseAmong);
  return dialog;
}

ClustersDialog* ClustersDialog::refine(const StudyContext& study, QWidget* parent) {
  auto* dialog = new ClustersDialog(study, parent);
  const QString why = whyNoRefining(study.results());
  dialog->say(tr("Refine the clusters"), tr("A round splits what is impure or loose, merges what is alike, sets documents aside that are nearer to another cluster, and drops what is too small. Rounds end when little changes."), why);
  if (dialog->m_setup.number(u"refine/rounds"_s) == 0) dialog->m_setup.set(u"refine/rounds"_s, 5);
  auto* form = new SetupForm(dialog->m_setup, dialog);
  addRefineRows(*form);
  dialog->m_layout->addWidget(form);
  dialog->finish(tr("Refine so"), why.isEmpty(), refineAs);
  return dialog;
}

}  // namespace lacuna::ui
