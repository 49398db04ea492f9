#pragma once

#include <QCoreApplication>
#include <QString>
#include <vector>

namespace lacuna::ui {

/// Whole numbers as people write them: "4, 8, 16" and "4-32 step 4", or both in one list.
struct NumberList {
  Q_DECLARE_TR_FUNCTIONS(lacuna::ui::NumberList)
 public:
  std::vector<int> numbers;                        ///< ascending, each once
  QString fault;                                   ///< what is wrong with the text; empty: nothing
};

/// least, most: of each number; at most 64 of them.
NumberList numbersFrom(const QString& text, int least, int most);
QString numbersText(const std::vector<int>& numbers);   ///< "4, 8, 16"

}  // namespace lacuna::ui
