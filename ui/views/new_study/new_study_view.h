#pragma once

#include <QWidget>

#include "views/new_study/new_study_view_model.h"
#include "views/new_study/setup_parts.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace lacuna::ui {

class SetupForm;

/// One page: model, corpus, sample, clusters, abilities, study file; each is looked at as it is typed. What can stay as it is lies behind "More".
class NewStudyView : public QWidget {
  Q_OBJECT
 public:
  explicit NewStudyView(NewStudyViewModel& model, QWidget* parent = nullptr);

 Q_SIGNALS:
  void createRequested(bool run);
  void cancelled();

 private:
  struct PathRow { QLineEdit* edit; QWidget* row; };
  QVBoxLayout* addCard(const QString& title, const QString& hint);
  PathRow addPath(QVBoxLayout* card, const QString& name, const QString& placeholder, bool files, bool folders, void (NewStudyViewModel::*set)(const QString&));
  void buildHead();
  void chooseStart();
  void buildModel();
  void buildCorpus();
  void buildSample();
  void buildClusters();
  SetupForm* embeddingRows();
  void buildTasks();
  void buildFile();
  void buildButtons(QVBoxLayout* page);
  QComboBox* addChoice(QVBoxLayout* card, const QString& label, const QList<std::pair<QString, QString>>& choices, void (NewStudyViewModel::*set)(const QString&));
  void refresh();
  void refreshTasks();
  void chooseTasks();
  void chooseFile();

  NewStudyViewModel& m_model;
  QVBoxLayout* m_cards = nullptr;
  QLineEdit *m_modelPath = nullptr, *m_corpusPath = nullptr, *m_encoderPath = nullptr, *m_filePath = nullptr;
  QWidget *m_encoderRow = nullptr, *m_taskHolder = nullptr;
  QVBoxLayout* m_taskLayout = nullptr;
  QComboBox* m_dtype = nullptr;
  InputLines *m_startLines = nullptr, *m_modelLines = nullptr, *m_corpusLines = nullptr, *m_encoderLines = nullptr, *m_fileLines = nullptr;
  QLabel *m_sample = nullptr, *m_missing = nullptr;
  QPushButton *m_run = nullptr, *m_create = nullptr;
  QStringList m_shownTasks;
};

}  // namespace lacuna::ui
