#pragma once

#include <QSplitter>
#include <QWidget>
#include <vector>

class QVBoxLayout;

namespace lacuna::ui {

class ViewFrame;

/// The views of one stage: rows of a splitter, each a splitter of views; one view can be maximised over the others.
class StagePage : public QWidget {
  Q_OBJECT
 public:
  StagePage(const QString& stage, QWidget* parent = nullptr);
  void addRow(const std::vector<ViewFrame*>& views, int stretch = 1, const std::vector<int>& widths = {});
  void addBar(QWidget* bar);                        ///< above the views
  void setHidden(const std::vector<ViewFrame*>& views);   ///< these are not shown, unless maximised; all others are
  const QString& stage() const { return m_stage; }
  const std::vector<ViewFrame*>& views() const { return m_views; }
  ViewFrame* maximised() const { return m_maximised; }
  void toggleMaximised(ViewFrame* view);
  QByteArray layoutState() const;
  void restoreLayout(const QByteArray& state);

 private:
  void arrange();
  QString m_stage;
  QVBoxLayout* m_layout;
  QSplitter* m_rows;
  std::vector<QSplitter*> m_columns;
  std::vector<int> m_stretches;                     ///< of the rows
  std::vector<ViewFrame*> m_views, m_hidden;
  ViewFrame* m_maximised = nullptr;
};

}  // namespace lacuna::ui
