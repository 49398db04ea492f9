#include "views/trust/clusters_change.h"

#include <QCoreApplication>
#include <QJsonDocument>

#include "views/format.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The whole section in one assignment: what is taken away goes with what is set.
SpecChange changeTo(const QJsonObject& clusters, const QString& what) {
  return {"clusters=" + QJsonDocument(clusters).toJson(QJsonDocument::Compact).toStdString(), what};
}

QString methodOf(const study::Results& results) { return clustersSection(results)[u"method"_s].toString(u"kmeans"_s); }

}  // namespace

QJsonObject clustersSection(const study::Results& results) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(results.specJson)).object()[u"clusters"_s].toObject();
}

SetupSection::Choices groupingFields(const study::Results& results) {
  SetupSection::Choices fields;
  for (const study::Field& field : results.evidence.fields) fields.append({qs(field.name), qs(field.name)});
  return fields;
}

SpecChange useK(const study::Results& results, int k) {
  QJsonObject clusters = clustersSection(results);
  clusters.remove(u"choose_k"_s);
  clusters[u"k"_s] = k;
  return changeTo(clusters, KCurveViewModel::tr("The number of clusters will be %1").arg(k));
}

SpecChange chooseAmong(const study::Results& results, const ClusterSetup& setup) {
  QJsonObject clusters = clustersSection(results);
  const QJsonObject asked = setup.json();
  clusters[u"choose_k"_s] = asked[u"choose_k"_s];
  clusters[u"stability_pairs"_s] = asked[u"stability_pairs"_s];
  return changeTo(clusters, KCurveViewModel::tr("The number of clusters will be chosen among %1").arg(numbersText(setup.grid().numbers)));
}

SpecChange refineAs(const study::Results& results, const ClusterSetup& setup) {
  QJsonObject clusters = clustersSection(results);
  const int rounds = static_cast<int>(setup.number(u"refine/rounds"_s));
  if (rounds == 0) {
    clusters.remove(u"refine"_s);
    return changeTo(clusters, KCurveViewModel::tr("The clusters will not be refined"));
  }
  clusters[u"refine"_s] = setup.json()[u"refine"_s];
  return changeTo(clusters, KCurveViewModel::tr("The clusters will be refined in at most %n round(s)", nullptr, rounds));
}

QString whyNoChoice(const study::Results& results) {
  const QString method = methodOf(results);
  return method == "kmeans"_L1 ? QString() : KCurveViewModel::tr("Only k-means on the sphere chooses k; this study groups by “%1”. A new study like this one can group otherwise.").arg(method);
}

QString whyNoRefining(const study::Results& results) {
  return clustersSection(results)[u"multi_label"_s].toBool() ? KCurveViewModel::tr("Clusters that share documents are not refined.") : QString();
}

}  // namespace lacuna::ui
