#pragma once

#include <QFrame>

#include "views/new_study/input_line.h"
#include "views/new_study/setup_section.h"

class QComboBox;
class QLabel;
class QVBoxLayout;

/// Small parts of the page of a new study.
namespace lacuna::ui {

inline constexpr int labelWidth = 132, controlWidth = 272;

/// What is said under an input, a label a line.
class InputLines : public QWidget {
 public:
  explicit InputLines(QWidget* parent = nullptr);
  void setLines(const QList<InputLine>& lines);
  QStringList texts() const;

 private:
  QVBoxLayout* m_layout;
};

/// A label that wraps, with the name that the style sheet knows.
QLabel* namedLabel(const QString& text, const QString& name, QWidget* parent);
/// A titled card of the page and the column of its rows.
struct Card {
  QFrame* frame;
  QVBoxLayout* rows;
};
Card makeCard(const QString& title, const QString& hint, QWidget* parent);
/// Rebuilds a list only when it differs: an open list must not close under the reader's hand.
void setChoices(QComboBox* box, const SetupSection::Choices& choices, const QString& current);

}  // namespace lacuna::ui
