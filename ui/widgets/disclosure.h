#pragma once

#include <QWidget>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace lacuna::ui {

inline constexpr int disclosedIndent = 12;   ///< of what a disclosure holds, beside the line at its left

/// What is needed seldom, behind a button that says what it holds and, while it is closed, how it is set.
class Disclosure : public QWidget {
  Q_OBJECT
 public:
  Disclosure(const QString& title, QWidget* parent = nullptr);
  QVBoxLayout* content() const { return m_content; }
  void setSummary(const QString& summary);
  void setOpen(bool open);
  bool isOpen() const;

 private:
  QToolButton* m_button;
  QLabel* m_summary;
  QWidget* m_inner;
  QVBoxLayout* m_content;
};

}  // namespace lacuna::ui
