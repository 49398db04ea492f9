#include "views/new_study/embedding_setup_view_model.h"

#include <QJsonArray>
#include <QStringList>

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

EmbeddingSetup::EmbeddingSetup(QObject* parent) : SetupSection(parent) { reset(); }

void EmbeddingSetup::reset() {
  for (const auto& [key, value] : std::initializer_list<std::pair<QString, QJsonValue>>{
           {u"encoder"_s, u"tfidf"_s}, {u"prompt"_s, QString()}, {u"dimensions"_s, 256}, {u"buckets"_s, 1 << 18}, {u"layer"_s, -1},
           {u"long_documents"_s, u"windows"_s}, {u"image_field"_s, u"image"_s}, {u"post"_s, u"usual"_s}, {u"top_components"_s, 0}})
    put(key, value);
}

bool EmbeddingSetup::shows(const QString& key) const {
  if (key == "dimensions"_L1 || key == "buckets"_L1) return encoder() == "tfidf"_L1;
  if (key == "layer"_L1) return encoder() == "model"_L1;
  if (key == "prompt"_L1) return encoder() == "sentence-encoder"_L1;
  if (key == "long_documents"_L1) return encoder() != "tfidf"_L1 && !readsPictures();
  if (key == "image_field"_L1) return readsPictures();
  return key != "top_components"_L1 || text(u"post"_s).contains("all-but-the-top"_L1);
}

SetupSection::Choices EmbeddingSetup::choices(const QString& key) const {
  if (key != "post"_L1) return {};
  Choices all{{encoder() == "model"_L1 ? tr("as usual: the mean off") : tr("as usual: none"), u"usual"_s}, {tr("none"), QString()}, {tr("the mean off"), u"centre"_s},
              {tr("mean and first components off"), u"all-but-the-top"_s}};
  const QString now = text(key);
  if (std::none_of(all.begin(), all.end(), [&](const auto& choice) { return choice.second == now; })) all.append({now, now});
  return all;
}

QString EmbeddingSetup::summary() const {
  if (encoder() == "tfidf"_L1) return tr("%n dimension(s)", nullptr, static_cast<int>(number(u"dimensions"_s)));
  if (readsPictures()) return tr("pictures named by the field “%1”").arg(text(u"image_field"_s));
  return text(u"long_documents"_s) == "windows"_L1 ? tr("long documents in windows") : tr("long documents cut");
}

QJsonObject EmbeddingSetup::json() const {
  QJsonObject out = picked({u"encoder"_s});
  for (const QString& key : {u"dimensions"_s, u"buckets"_s, u"layer"_s, u"long_documents"_s, u"image_field"_s, u"top_components"_s})
    if (shows(key)) out[key] = value(key);
  if (shows(u"prompt"_s) && !text(u"prompt"_s).isEmpty()) out[u"prompt"_s] = text(u"prompt"_s);
  if (text(u"post"_s) == "usual"_L1) return out;
  QJsonArray steps;
  for (const QString& step : text(u"post"_s).split(u',', Qt::SkipEmptyParts)) steps.append(step);
  out[u"post"_s] = steps;
  return out;
}

void EmbeddingSetup::load(const QJsonObject& section) {
  reset();
  take(section, {u"encoder"_s, u"prompt"_s, u"dimensions"_s, u"buckets"_s, u"layer"_s, u"long_documents"_s, u"image_field"_s, u"top_components"_s});
  if (section[u"post"_s].isArray()) {
    QStringList steps;
    for (const QJsonValue& step : section[u"post"_s].toArray()) steps << step.toString();
    put(u"post"_s, steps.join(u','));
  }
  Q_EMIT changed();
}

}  // namespace lacuna::ui
