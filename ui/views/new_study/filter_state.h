#pragma once

#include <QCoreApplication>
#include <QString>
#include <QStringList>
#include <optional>

#include "lacuna/study/looks.h"

namespace lacuna::ui {

/// What is said of a filter while it is typed.
struct FilterState {
  Q_DECLARE_TR_FUNCTIONS(lacuna::ui::FilterState)
 public:
  QString expression;
  QString fault, place;                            ///< what is wrong, and two lines of fixed width: the expression, a caret under the place
  QStringList conditions;                          ///< that must all hold: the chips
  QString passing;                                 ///< how many of the first rows pass

  bool sound() const { return fault.isEmpty(); }
  /// The expression with a condition more, or one less; what is not sound stays as it is.
  QString with(const QString& condition) const;
  QString without(int condition) const;
};

/// passing: rows of the look that the expression wants; not known yet: nothing is said.
FilterState filterState(const QString& expression, std::optional<qint64> passing, const study::CorpusLook* look);

}  // namespace lacuna::ui
