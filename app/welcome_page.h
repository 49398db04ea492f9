#pragma once

#include <QWidget>

class QListWidget;
class QPushButton;

namespace lacuna::app {

/// What the window shows without a study: the demo in one click, open, recent files.
class WelcomePage : public QWidget {
  Q_OBJECT
 public:
  explicit WelcomePage(const QStringList& recent, QWidget* parent = nullptr);
  void setRecent(const QStringList& files);

 Q_SIGNALS:
  void demoRequested();
  void newRequested();
  void openRequested();
  void fileRequested(const QString& file);

 private:
  QWidget* buildCard();
  QListWidget* m_recent;
};

}  // namespace lacuna::app
