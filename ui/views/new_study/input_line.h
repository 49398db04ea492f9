#pragma once

#include <QString>

namespace lacuna::ui {

/// What is said under an input.
struct InputLine {
  enum class Kind { Busy, Good, Note, Problem };
  Kind kind = Kind::Good;
  QString text;
};

}  // namespace lacuna::ui
