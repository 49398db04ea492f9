#include "views/new_study/corpus_setup_view_model.h"

#include <algorithm>

#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

CorpusSetup::CorpusSetup(QObject* parent) : SetupSection(parent) { reset(); }

/// The defaults of docs/study-spec.md, but texts of the tasks are left out: what was memorised is no effect.
void CorpusSetup::reset() {
  for (const auto& [key, value] : std::initializer_list<std::pair<QString, QJsonValue>>{
           {u"text_field"_s, QString()}, {u"source_field"_s, QString()}, {u"text_unit"_s, u"file"_s}, {u"filter"_s, QString()}, {u"sample"_s, u"all"_s},
           {u"size"_s, 5000}, {u"power"_s, 0.5}, {u"floor"_s, 50}, {u"dedup"_s, u"exact"_s}, {u"near_threshold"_s, 0.7}, {u"decontaminate"_s, true},
           {u"parts"_s, false}, {u"chunk/tokens"_s, 512}, {u"chunk/least"_s, 32}, {u"chunk/per_family"_s, 4}})
    put(key, value);
}

void CorpusSetup::setLook(std::shared_ptr<const study::CorpusLook> look) {
  m_look = std::move(look);
  m_passing.clear();
  Q_EMIT changed();
}

void CorpusSetup::setHasTasks(bool has) {
  if (std::exchange(m_hasTasks, has) != has) Q_EMIT changed();
}

void CorpusSetup::setPassing(const QHash<QString, qint64>& passing) {
  m_passing.insert(passing);
  Q_EMIT changed();
}

FilterState CorpusSetup::stateOf(const QString& expression) const {
  const auto found = m_passing.find(expression);
  const bool asks = !expression.trimmed().isEmpty() && found != m_passing.end();
  return filterState(expression, asks ? std::optional<qint64>(*found) : std::nullopt, m_look.get());
}

SetupSection::Choices CorpusSetup::fieldChoices() const {
  Choices all;
  if (!m_look) return all;
  for (const study::FieldLook& field : m_look->groups) {
    const QString name = qs(field.name), values = field.values.empty() ? tr("more than 64 values") : tr("%n value(s)", nullptr, static_cast<int>(field.different));
    all.append({field.derived ? tr("%1 – hosts, %2").arg(name, values) : u"%1 – %2"_s.arg(name, values), name});
  }
  return all;
}

SetupSection::Choices CorpusSetup::choices(const QString& key) const {
  if (key == "source_field"_L1) return Choices{{tr("found by itself"), QString()}} + fieldChoices();
  if (key != "text_field"_L1) return {};
  Choices all{{m_look && !m_look->textField.empty() && text(key).isEmpty() ? tr("found by itself: %1").arg(qs(m_look->textField)) : tr("found by itself"), QString()}};
  if (m_look)
    for (const std::string& field : m_look->fields) all.append({qs(field), qs(field)});
  return all;
}

bool CorpusSetup::shows(const QString& key) const {
  if (key == "size"_L1) return text(u"sample"_s) != "all"_L1;
  if (key == "power"_L1 || key == "floor"_L1) return text(u"sample"_s) == "sources"_L1;
  if (key == "near_threshold"_L1) return text(u"dedup"_s) == "near"_L1;
  return !key.startsWith("chunk/"_L1) || flag(u"parts"_s);
}

QString CorpusSetup::whyNot(const QString& key) const {
  return key == "decontaminate"_L1 && !m_hasTasks ? tr("There are no abilities yet; once there are, this is on unless it is taken off.") : QString();
}

void CorpusSetup::settle(const QString& key) {
  if (key == "chunk/tokens"_L1 || key == "chunk/least"_L1) put(u"chunk/least"_s, std::min(number(u"chunk/least"_s), number(u"chunk/tokens"_s)));
}

QString CorpusSetup::missing() const { return filter().sound() ? QString() : tr("The filter of the corpus is not sound."); }

QString CorpusSetup::summary() const {
  const QString dedup = text(u"dedup"_s);
  QStringList said{dedup == "none"_L1 ? tr("copies stay") : dedup == "near"_L1 ? tr("near copies left out") : tr("exact copies left out")};
  said << (flag(u"parts"_s) ? tr("in parts of %n token(s)", nullptr, static_cast<int>(number(u"chunk/tokens"_s))) : tr("documents stay whole"));
  return said.join(u" · "_s);
}

QJsonObject CorpusSetup::json() const {
  QJsonObject out = picked({u"text_unit"_s, u"dedup"_s, u"decontaminate"_s});
  for (const QString& key : {u"text_field"_s, u"source_field"_s, u"filter"_s})
    if (!text(key).trimmed().isEmpty()) out[key] = text(key).trimmed();
  const QString sample = text(u"sample"_s);
  if (sample == "number"_L1) out[u"max_documents"_s] = value(u"size"_s);
  if (sample == "sources"_L1) out[u"sampling"_s] = picked({u"size"_s, u"power"_s, u"floor"_s});
  if (text(u"dedup"_s) == "near"_L1) out[u"near_threshold"_s] = value(u"near_threshold"_s);
  if (flag(u"parts"_s)) out[u"chunk"_s] = picked({u"chunk/tokens"_s, u"chunk/least"_s, u"chunk/per_family"_s})[u"chunk"_s];
  return out;
}

void CorpusSetup::load(const QJsonObject& section) {
  reset();
  put(u"decontaminate"_s, false);   // as the spec says: here silence is no
  if (section.contains(u"drop_duplicates"_s)) put(u"dedup"_s, section[u"drop_duplicates"_s].toBool() ? u"exact"_s : u"none"_s);
  take(section, {u"text_field"_s, u"source_field"_s, u"text_unit"_s, u"filter"_s, u"dedup"_s, u"near_threshold"_s, u"decontaminate"_s, u"chunk/tokens"_s, u"chunk/least"_s,
                 u"chunk/per_family"_s});
  put(u"parts"_s, section[u"chunk"_s].isObject());
  const int most = section[u"max_documents"_s].toInt();
  if (most > 0) put(u"sample"_s, u"number"_s), put(u"size"_s, most);
  if (const QJsonObject sampling = section[u"sampling"_s].toObject(); !sampling.isEmpty()) {
    put(u"sample"_s, u"sources"_s);
    take(sampling, {u"size"_s, u"power"_s, u"floor"_s});
  }
  Q_EMIT changed();
}

}  // namespace lacuna::ui
