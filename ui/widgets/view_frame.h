#pragma once

#include <QFrame>

#include "plots/plot_base.h"
#include "views/view_model.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace lacuna::ui {

class TableView;
class InfoBar;

/// The frame of every view: title, subtitle with n, and the same buttons in the same order: link, table twin, export, maximise.
class ViewFrame : public QFrame {
  Q_OBJECT
 public:
  /// `plot`: the content itself or a plot inside it; none for tables.
  ViewFrame(ViewModel* model, QWidget* content, PlotBase* plot, QWidget* parent = nullptr);

  ViewModel& model() const { return *m_model; }
  PlotBase* plot() const { return m_plot; }
  void addOption(QWidget* widget);                  ///< into the header, before the buttons
  bool showsTable() const;
  void setShowsTable(bool shown);
  void showError(const QString& text);
  QJsonObject state() const;                        ///< ranges, table twin, link, and the model's own
  void restore(const QJsonObject& state);
  void refresh();

 Q_SIGNALS:
  void exportRequested();
  void maximiseRequested();
  void actionRequested(const QString& actionId);    ///< the empty state's button

 protected:
  virtual void updateContent() {}                         ///< hands the model's figure to the plot

 private:
  QToolButton* addButton(const QString& iconName, const QString& name, bool checkable);
  void buildHeader();
  QWidget* buildEmptyPage();
  void showEmptyState(const EmptyState& state);

  ViewModel* m_model;
  PlotBase* m_plot;
  QHBoxLayout* m_header;
  QLabel *m_title, *m_subtitle, *m_note;
  QLabel *m_emptyWhat = nullptr, *m_emptyWhy = nullptr;
  QPushButton* m_emptyAction = nullptr;
  QToolButton *m_link = nullptr, *m_tableButton = nullptr;
  QStackedWidget* m_stack;
  QWidget* m_content;
  TableView* m_table;
  InfoBar* m_error;
};

}  // namespace lacuna::ui
