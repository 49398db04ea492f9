#include "views/new_study/setup_section.h"

#include <QStringList>

namespace lacuna::ui {

void SetupSection::set(const QString& key, const QJsonValue& value) {
  if (m_values.value(key) == value) return;
  put(key, value);
  settle(key);
  Q_EMIT changed();
}

void SetupSection::take(const QJsonObject& section, const QStringList& keys) {
  for (const QString& key : keys) {
    const QJsonValue outer = section.value(key.section(u'/', 0, 0));
    const QJsonValue found = key.contains(u'/') ? outer.toObject().value(key.section(u'/', 1)) : outer;
    if (!found.isUndefined() && !found.isNull()) put(key, found);
  }
}

QJsonObject SetupSection::picked(const QStringList& keys) const {
  QJsonObject out;
  for (const QString& key : keys) {
    if (!key.contains(u'/')) {
      out[key] = value(key);
      continue;
    }
    QJsonObject inner = out.value(key.section(u'/', 0, 0)).toObject();
    inner[key.section(u'/', 1)] = value(key);
    out[key.section(u'/', 0, 0)] = inner;
  }
  return out;
}

}  // namespace lacuna::ui
