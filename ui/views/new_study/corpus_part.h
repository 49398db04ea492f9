#pragma once

#include <QWidget>

class QVBoxLayout;

namespace lacuna::ui {

class Disclosure;
class FilterBox;
class NewStudyViewModel;

/// What of a corpus is read, below its path: fields, filter, further files; and how many of its documents, without which copies, in which parts.
class CorpusPart : public QWidget {
  Q_OBJECT
 public:
  explicit CorpusPart(NewStudyViewModel& model, QWidget* parent = nullptr);

 private:
  void buildMore(QVBoxLayout* layout);
  void choosePaths(bool folders);
  void refresh();
  NewStudyViewModel& m_model;
  FilterBox* m_filter;
  Disclosure* m_more;
  QWidget* m_paths = nullptr;
  QStringList m_shownPaths;
};

class SamplePart : public QWidget {
  Q_OBJECT
 public:
  explicit SamplePart(NewStudyViewModel& model, QWidget* parent = nullptr);
};

}  // namespace lacuna::ui
