#pragma once

#include <QWidget>

class QVBoxLayout;

namespace lacuna::ui {

class Disclosure;
class NewStudyViewModel;

/// How documents become clusters: the method with what it asks for, and behind "More" what can stay as it is.
class ClusterPart : public QWidget {
  Q_OBJECT
 public:
  explicit ClusterPart(NewStudyViewModel& model, QWidget* parent = nullptr);

 private:
  void buildMethod(QVBoxLayout* layout);
  void buildMore(QVBoxLayout* layout);
  NewStudyViewModel& m_model;
};

/// The rows of the section `clusters/refine`; on the page of a new study and in the dialog of an open one.
class SetupForm;
void addRefineRows(SetupForm& form);

}  // namespace lacuna::ui
