#pragma once

#include <QWidget>
#include <functional>

#include "views/new_study/setup_section.h"

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace lacuna::ui {

/// Rows "label [control] what it means", each bound to a key of a section: shown while the key matters, greyed with the reason in words while it
/// cannot be changed.
class SetupForm : public QWidget {
  Q_OBJECT
 public:
  struct Range {
    double low = 0, high = 1;
    QString suffix = {}, lowest = {};              ///< lowest: what the lowest value is called
    double step = 0.05;                            ///< of addReal
    int decimals = 2;
  };

  /// indent: of the form itself, which its labels make up for.
  explicit SetupForm(SetupSection& section, QWidget* parent = nullptr, int indent = 0);
  void addChoice(const QString& key, const QString& label, const QString& hint, const SetupSection::Choices& choices);
  void addChoices(const QString& key, const QString& label, const QString& hint);             ///< the section's, which may change
  void addField(const QString& key, const QString& label, const QString& hint);               ///< the section's choices, or a name written by hand
  void addCount(const QString& key, const QString& label, const QString& hint, const Range& range);
  void addReal(const QString& key, const QString& label, const QString& hint, const Range& range);
  void addFlag(const QString& key, const QString& text, const QString& hint);
  void addText(const QString& key, const QString& label, const QString& hint, const QString& placeholder);
  void addNote(const QString& key, const std::function<QString()>& says, const std::function<bool()>& wrong);   ///< under the row before

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Row {
    QString key;
    QWidget *widget, *control;
    QLabel* hint;
    QString says;
    std::function<void()> fill;
  };
  void add(const QString& key, const QString& label, QWidget* control, const QString& hint, std::function<void()> fill);
  QComboBox* makeBox(const QString& key, bool editable);
  void refresh();

  SetupSection& m_section;
  QVBoxLayout* m_layout;
  QList<Row> m_rows;
  int m_labels;
  bool m_filling = false;
};

}  // namespace lacuna::ui
