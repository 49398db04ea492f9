#pragma once

#include <QHash>
#include <memory>

#include "lacuna/study/looks.h"
#include "views/new_study/filter_state.h"
#include "views/new_study/setup_section.h"

namespace lacuna::ui {

/// The section `corpus`, its path apart: which documents, how many, without which copies, in which parts.
/// Keys of the page's own: sample ("all", "number", "sources") with size, power and floor; near beside dedup; parts: a spec has chunk.
class CorpusSetup : public SetupSection {
  Q_OBJECT
 public:
  explicit CorpusSetup(QObject* parent = nullptr);

  void setLook(std::shared_ptr<const study::CorpusLook> look);         ///< null: not looked at yet
  const study::CorpusLook* look() const { return m_look.get(); }
  void setHasTasks(bool has);
  Choices fieldChoices() const;                                        ///< fields of the rows looked at, with how many values they have
  FilterState stateOf(const QString& expression) const;
  FilterState filter() const { return stateOf(text(QStringLiteral("filter"))); }
  bool counts(const QString& expression) const { return m_passing.contains(expression); }
  void setPassing(const QHash<QString, qint64>& passing);              ///< adds; forgotten with the next look
  QString summary() const;                                             ///< what is done to copies and long documents, in words

  bool shows(const QString& key) const override;
  QString whyNot(const QString& key) const override;
  Choices choices(const QString& key) const override;
  QString missing() const override;
  QJsonObject json() const override;
  void load(const QJsonObject& section) override;

 protected:
  void settle(const QString& key) override;

 private:
  void reset();
  std::shared_ptr<const study::CorpusLook> m_look;
  QHash<QString, qint64> m_passing;
  bool m_hasTasks = false;
};

}  // namespace lacuna::ui
