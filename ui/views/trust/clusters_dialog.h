#pragma once

#include <QDialog>
#include <functional>

#include "views/trust/clusters_change.h"

class QPushButton;
class QVBoxLayout;

namespace lacuna::ui {

class SetupForm;

/// A part of an open study's section `clusters`, to be looked at and changed beside its results: it is not modal, and nothing happens before its
/// button is pressed.
class ClustersDialog : public QDialog {
  Q_OBJECT
 public:
  static ClustersDialog* chooseK(const StudyContext& study, QWidget* parent);
  static ClustersDialog* refine(const StudyContext& study, QWidget* parent);
  ClusterSetup& setup() { return m_setup; }

 Q_SIGNALS:
  void wanted(const lacuna::ui::SpecChange& change);

 private:
  using Change = std::function<SpecChange(const study::Results&, const ClusterSetup&)>;
  ClustersDialog(const StudyContext& study, QWidget* parent);
  void say(const QString& title, const QString& what, const QString& whyNot);
  void finish(const QString& button, bool possible, const Change& change);

  const StudyContext& m_study;
  ClusterSetup m_setup;
  QVBoxLayout* m_layout;
};

}  // namespace lacuna::ui
