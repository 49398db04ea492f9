#pragma once

#include "views/new_study/corpus_setup_view_model.h"
#include "views/new_study/setup_section.h"
#include "views/number_list.h"

namespace lacuna::ui {

/// The section `clusters`. Keys of the page's own: choosing (k among a grid, written as text), merging (merge_similarity matters).
class ClusterSetup : public SetupSection {
  Q_OBJECT
 public:
  struct Named {
    QString name, where;
    bool operator==(const Named&) const = default;
  };

  /// fields: where a field may be chosen from; null: from setFields, or written by hand.
  explicit ClusterSetup(const CorpusSetup* fields = nullptr, QObject* parent = nullptr);

  void setFields(const Choices& fields) { m_known = fields; }

  QString method() const { return text(QStringLiteral("method")); }
  NumberList grid() const;                              ///< what is asked for by choosing
  QString gridNote() const;                             ///< what the grid costs, or what is wrong with it
  const QList<Named>& filters() const { return m_filters; }
  void setFilter(int place, const Named& filter);
  void addFilter();
  void removeFilter(int place);
  void moveFilter(int place, int by);
  QString filterNote(int place) const;                  ///< what is wrong with a filter's name; empty: nothing

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
  bool refines() const { return number(QStringLiteral("refine/rounds")) > 0; }
  QStringList ownKeys() const;                          ///< of the method, as the spec has them
  const CorpusSetup* m_fields;
  Choices m_known;
  QList<Named> m_filters;
  double m_leastSize = 0;                               ///< the min_cluster_size before: 1 is none, so a step leads over it
};

}  // namespace lacuna::ui
