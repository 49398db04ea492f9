#pragma once

#include <QPushButton>

namespace lacuna::ui {

/// A button that holds some lines of text with a number in its corner; what does not fit is cut at a line with an ellipsis.
class TextCard : public QPushButton {
  Q_OBJECT
 public:
  explicit TextCard(int number, QWidget* parent = nullptr);
  void setNumber(int number) { m_number = number; }   ///< 0: none
  void setBody(const QString& text);
  const QString& body() const { return m_body; }
  QSize sizeHint() const override { return {220, 110}; }
  QSize minimumSizeHint() const override { return {120, 56}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  int m_number;
  QString m_body;
};

}  // namespace lacuna::ui
