#pragma once

#include <QHash>
#include <QJsonObject>
#include <QJsonValue>
#include <QList>
#include <QObject>
#include <QString>
#include <utility>

namespace lacuna::ui {

/// A section of a study's spec while it is being made, without widgets: values by the spec's keys ("umap/neighbours") and by a few of the page's
/// own, which of them matter beside the others, and why one cannot be had.
class SetupSection : public QObject {
  Q_OBJECT
 public:
  using Choices = QList<std::pair<QString, QString>>;   ///< text, value

  using QObject::QObject;
  QJsonValue value(const QString& key) const { return m_values.value(key); }
  QString text(const QString& key) const { return value(key).toString(); }
  double number(const QString& key) const { return value(key).toDouble(); }
  bool flag(const QString& key) const { return value(key).toBool(); }
  void set(const QString& key, const QJsonValue& value);

  virtual bool shows(const QString&) const { return true; }        ///< it means something beside the other values
  virtual QString whyNot(const QString&) const { return {}; }      ///< what keeps it from being changed; empty: nothing
  virtual Choices choices(const QString&) const { return {}; }     ///< of keys whose choices depend on the inputs
  virtual QString missing() const { return {}; }                   ///< what keeps the section from being a spec's; empty: nothing

  virtual QJsonObject json() const = 0;                 ///< what matters, as the spec has it
  virtual void load(const QJsonObject& section) = 0;    ///< of a spec; what it does not say is as in a new one

 Q_SIGNALS:
  void changed();

 protected:
  /// Values that must move along with one that was just set.
  virtual void settle(const QString&) {}
  void put(const QString& key, const QJsonValue& value) { m_values[key] = value; }
  /// Those of `keys` that the section of a spec has, nested by '/'.
  void take(const QJsonObject& section, const QStringList& keys);
  QJsonObject picked(const QStringList& keys) const;

 private:
  QHash<QString, QJsonValue> m_values;
};

}  // namespace lacuna::ui
