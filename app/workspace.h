#pragma once

#include <QHash>
#include <QPointer>
#include <QWidget>
#include <memory>

#include "jobs/job_runner.h"
#include "selection/study_context.h"
#include "views/annotation/sheet_commands.h"
#include "views/clusters/cluster_commands.h"
#include "views/perturbation/panel_view_model.h"
#include "views/trust/clusters_change.h"

class QStackedWidget;

namespace lacuna::ui {
class ClustersDialog;
class InfoBar;
class RatingBar;
class SelectionBar;
class StagePage;
class ViewFrame;
}  // namespace lacuna::ui

namespace lacuna::app {

/// One open study: its stage pages (made when first shown), its panel, its view state kept in the study file.
class Workspace : public QWidget {
  Q_OBJECT
 public:
  Workspace(std::shared_ptr<study::Session> session, ui::JobRunner& jobs, QWidget* parent = nullptr);
  ~Workspace() override;

  ui::StudyContext& study() { return m_study; }
  ui::PanelViewModel& panel() { return m_panel; }
  ui::ClusterEditor& clusterEditor() { return *m_editor; }
  ui::ClusterCommands& clusterCommands() { return *m_commands; }
  ui::SheetCommands& sheetCommands() { return *m_sheets; }
  void showResults();                               ///< of raters, or the sheet again
  void takeKeys();                                  ///< the page's sheet, where it has one, answers to keys
  bool blind() const;                               ///< the stage at hand is (Stage::blind)
  QString stage() const;
  void showStage(const QString& id);
  ui::StagePage* page() const;
  ui::ViewFrame* view(const QString& id);           ///< on its page, made if need be; null: no such view
  ui::ViewFrame* focusedView() const;               ///< the one with the focus, else the first of the page
  ui::InfoBar& infoBar() const { return *m_info; }
  void exportView(ui::ViewFrame* view);             ///< a menu of formats
  void chooseK();                                   ///< both ask, beside the results; what is wanted changes the study's spec
  void refineClusters();
  void saveState();
  QString stageGlyph(const QString& id, QString* words = nullptr) const;

 Q_SIGNALS:
  void stageChanged(const QString& id);
  void actionRequested(const QString& id);

 private:
  void restoreState();
  void changeSpec(const ui::SpecChange& change);
  void showDialog(ui::ClustersDialog* dialog);
  void sayEdited(const QString& what, bool movesDocuments);
  void connectView(ui::ViewFrame* view);
  void connectRating(ui::RatingBar* bar);
  void writeView(ui::ViewFrame* view, const QString& extension);
  QJsonObject selectionState() const;
  void restoreSelection(const QJsonObject& state);

  ui::StudyContext m_study;
  ui::PanelViewModel m_panel;
  ui::ClusterEditor* m_editor;
  ui::ClusterCommands* m_commands;
  ui::SheetExchange* m_exchange;
  ui::SheetCommands* m_sheets;
  ui::InfoBar* m_info;
  ui::SelectionBar* m_selectionBar;
  QStackedWidget* m_pages;
  QHash<QString, ui::StagePage*> m_made;
  QPointer<ui::ClustersDialog> m_dialog;            ///< one at a time
  QString m_preset = QStringLiteral("icml-1col");
};

}  // namespace lacuna::app
