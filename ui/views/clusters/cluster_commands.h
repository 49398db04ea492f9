#pragma once

#include <QObject>

#include "views/clusters/cluster_editor.h"

class QWidget;

namespace lacuna::ui {

/// Asks what an edit of the selected cluster needs to know (a name, a colour, another cluster) and hands it to the editor.
class ClusterCommands : public QObject {
  Q_OBJECT
 public:
  ClusterCommands(StudyContext& study, ClusterEditor& editor, QWidget* window);
  void rename();
  void merge();
  void split();
  void exclude();
  void recolour();
  void goBack();

 private:
  ClusterId chosen();                              ///< the selected cluster; without one it says so
  StudyContext& m_study;
  ClusterEditor& m_editor;
  QWidget* m_window;
};

}  // namespace lacuna::ui
