#pragma once

#include <optional>

#include "views/annotation/annotation_view_model.h"
#include "widgets/view_frame.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTextBrowser;

namespace lacuna::ui {

/// One item at a time, answered with one key: 1 2 3 (or 1 … 6), arrows to look around, Enter to go on, Ctrl+Z to take back, Space to read whole
/// texts where cards show their beginnings.
class AnnotationView : public ViewFrame {
  Q_OBJECT
 public:
  explicit AnnotationView(StudyContext& study, QWidget* parent = nullptr);
  void takeKeys();                                  ///< keys are the sheet's from here on

 protected:
  void updateContent() override;
  bool event(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  AnnotationView(AnnotationViewModel* model, QWidget* content, QWidget* parent);
  void buildHead();
  void buildCards();
  void buildFoot();
  QPushButton* addAnswer(int number, const QString& text);
  void showItem();
  void showCards(const QStringList& texts, bool answers);
  void showText(const QString& text, const QString& name);
  void setReading(bool whole);                      ///< whole texts in place of cards
  bool readOn(int key);                             ///< Up, Down, PageUp, PageDown: scrolls, or opens the cards' whole texts
  bool topicKey(QKeyEvent* event);

  AnnotationViewModel* m_sheet;
  QWidget* m_body;
  QLineEdit *m_rater = nullptr, *m_topic = nullptr;
  QPushButton *m_fits = nullptr, *m_intruder = nullptr, *m_back = nullptr, *m_undo = nullptr, *m_next = nullptr, *m_whole = nullptr;
  QLabel *m_question = nullptr, *m_count = nullptr, *m_keys = nullptr;
  QProgressBar* m_progress = nullptr;
  std::vector<QPushButton*> m_cards, m_answers;
  QTextBrowser* m_reader = nullptr;
  QWidget* m_cardPage = nullptr;
  QStackedWidget* m_pages = nullptr;
  bool m_reading = false;
  std::optional<study::Question> m_shown;
};

}  // namespace lacuna::ui
