#pragma once

#include "selection/study_context.h"

namespace lacuna::ui {

/// Sheets for raters elsewhere, out and back, on a worker. Everything it has to say comes as a signal.
class SheetExchange : public QObject {
  Q_OBJECT
 public:
  explicit SheetExchange(StudyContext& study, QObject* parent = nullptr);
  void write(const QString& rater, const QString& file);
  void read(const QString& rater, const QString& file);
  void refreshAgreement();
  /// "news_ann.csv"
  QString fileFor(const QString& rater) const;
  /// Who answered, as far as fileFor's names say; else empty.
  QString raterOf(const QString& file) const;

 Q_SIGNALS:
  void said(const QString& text);
  void failed(const QString& text);

 private:
  QString importText(const QString& rater, const study::SheetImport& import) const;
  StudyContext& m_study;
};

}  // namespace lacuna::ui
