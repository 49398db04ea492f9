#include "views/new_study/cluster_setup_view_model.h"

#include <QJsonArray>
#include <QSet>
#include <algorithm>

#include "lacuna/study/filters.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int mostClusters = 100000;

QStringList densityKeys() { return {u"min_cluster_size"_s, u"min_samples"_s, u"selection"_s}; }
QStringList umapKeys() {
  return {u"umap/neighbours"_s, u"umap/dimensions"_s, u"umap/min_dist"_s, u"umap/spread"_s, u"umap/epochs"_s, u"umap/metric"_s, u"umap/start"_s};
}
QStringList refineKeys() {
  return {u"refine/rounds"_s, u"refine/purity"_s, u"refine/silhouette"_s, u"refine/merge_cosine"_s, u"refine/min_size"_s, u"refine/field"_s};
}
QStringList plainKeys() {
  return QStringList{u"method"_s, u"k"_s, u"stability_pairs"_s, u"check_stability"_s, u"restarts"_s, u"iterations"_s, u"field"_s, u"min_size"_s, u"topics"_s, u"merge_similarity"_s,
                     u"terms"_s, u"representatives"_s, u"multi_label"_s, u"map"_s} + densityKeys() + umapKeys() + refineKeys();
}

}  // namespace

ClusterSetup::ClusterSetup(const CorpusSetup* fields, QObject* parent) : SetupSection(parent), m_fields(fields) { reset(); }

/// The defaults of docs/study-spec.md.
void ClusterSetup::reset() {
  for (const auto& [key, value] : std::initializer_list<std::pair<QString, QJsonValue>>{
           {u"method"_s, u"kmeans"_s}, {u"k"_s, 8}, {u"choosing"_s, false}, {u"grid"_s, u"4, 8, 16, 32"_s}, {u"stability_pairs"_s, 20}, {u"check_stability"_s, false},
           {u"restarts"_s, 10}, {u"iterations"_s, 300}, {u"field"_s, u"source"_s}, {u"min_size"_s, 30}, {u"min_cluster_size"_s, 0}, {u"min_samples"_s, 5},
           {u"selection"_s, u"eom"_s}, {u"topics"_s, 0}, {u"merging"_s, false}, {u"merge_similarity"_s, 0.9}, {u"terms"_s, u"c-tf-idf"_s}, {u"representatives"_s, 3},
           {u"multi_label"_s, false}, {u"map"_s, u"pca"_s}, {u"umap/neighbours"_s, 15}, {u"umap/dimensions"_s, 5}, {u"umap/min_dist"_s, 0}, {u"umap/spread"_s, 1}, {u"umap/epochs"_s, 0},
           {u"umap/metric"_s, u"cosine"_s}, {u"umap/start"_s, u"spectral"_s}, {u"refine/rounds"_s, 0}, {u"refine/purity"_s, 0.7}, {u"refine/silhouette"_s, 0.05},
           {u"refine/merge_cosine"_s, 0.95}, {u"refine/min_size"_s, 100}, {u"refine/field"_s, u"source"_s}})
    put(key, value);
  m_filters = {Named{}};
  m_leastSize = 0;
}

NumberList ClusterSetup::grid() const { return numbersFrom(text(u"grid"_s), 2, mostClusters); }

QString ClusterSetup::gridNote() const {
  const NumberList list = grid();
  if (!list.fault.isEmpty()) return list.fault;
  const int pairs = static_cast<int>(number(u"stability_pairs"_s));
  return tr("%n number(s) of clusters: %1. ", nullptr, static_cast<int>(list.numbers.size())).arg(numbersText(list.numbers)) +
         tr("Each is refitted on %n pair(s) of subsamples of 80 %.", nullptr, pairs);
}

void ClusterSetup::setFilter(int place, const Named& filter) {
  if (place < 0 || place >= m_filters.size() || m_filters[place] == filter) return;
  m_filters[place] = filter;
  Q_EMIT changed();
}

void ClusterSetup::addFilter() {
  m_filters.append(Named{});
  Q_EMIT changed();
}

void ClusterSetup::removeFilter(int place) {
  m_filters.removeAt(place);
  if (m_filters.isEmpty()) m_filters.append(Named{});
  Q_EMIT changed();
}

void ClusterSetup::moveFilter(int place, int by) {
  if (place + by < 0 || place + by >= m_filters.size()) return;
  m_filters.move(place, place + by);
  Q_EMIT changed();
}

QString ClusterSetup::filterNote(int place) const {
  const Named& filter = m_filters[place];
  if (filter.name.trimmed().isEmpty()) return filter.where.trimmed().isEmpty() ? QString() : tr("This cluster has no name yet.");
  for (int other = 0; other < place; ++other)
    if (m_filters[other].name.trimmed() == filter.name.trimmed()) return tr("Another cluster has this name.");
  if (!filter.where.trimmed().isEmpty()) return {};
  if (flag(u"multi_label"_s)) return tr("No condition: every document is in it.");
  return place + 1 == m_filters.size() ? tr("No condition: it takes every document that is left.") : tr("No condition: those after it get no document.");
}

bool ClusterSetup::shows(const QString& key) const {
  const QString now = method();
  const bool means = now == "kmeans"_L1 || now == "euclidean"_L1, dense = now == "hdbscan"_L1 || now == "topics"_L1;
  if (key == "choosing"_L1 || key == "restarts"_L1 || key == "iterations"_L1) return means;
  if (key == "k"_L1) return means && !shows(u"grid"_s);
  if (key == "grid"_L1) return now == "kmeans"_L1 && flag(u"choosing"_s);
  if (densityKeys().contains(key)) return dense;
  if (key == "topics"_L1 || key == "merging"_L1 || umapKeys().contains(key)) return now == "topics"_L1;
  if (key == "merge_similarity"_L1) return now == "topics"_L1 && flag(u"merging"_s);
  if (key == "field"_L1) return now == "metadata"_L1;
  if (key == "filters"_L1 || key == "multi_label"_L1) return now == "filters"_L1;
  if (key == "stability_pairs"_L1) return shows(u"grid"_s) || (flag(u"check_stability"_s) && whyNot(u"check_stability"_s).isEmpty());
  if (key.startsWith("refine/"_L1) && key != "refine/rounds"_L1) return refines() && whyNot(u"refine/rounds"_s).isEmpty();
  return true;
}

QString ClusterSetup::whyNot(const QString& key) const {
  const QString now = method();
  if (key == "choosing"_L1 && now == "euclidean"_L1) return tr("Only k-means on the sphere chooses k: its silhouettes and refits are compared by cosine.");
  if (key == "check_stability"_L1) {
    if (now == "metadata"_L1 || now == "filters"_L1) return tr("Nothing is fitted: these clusters are the same on every subsample.");
    if (shows(u"grid"_s)) return tr("Part of choosing k: every number of clusters is checked.");
  }
  if (key == "refine/rounds"_L1 && now == "filters"_L1 && flag(u"multi_label"_s)) return tr("Clusters that share documents are not refined.");
  return {};
}

SetupSection::Choices ClusterSetup::choices(const QString& key) const {
  if (key != "field"_L1 && key != "refine/field"_L1) return {};
  Choices all{{tr("source"), u"source"_s}};
  for (const auto& choice : m_fields ? m_fields->fieldChoices() : m_known) {
    if (choice.second == "source"_L1) all.front().first = choice.first;
    else all.append(choice);
  }
  return all;
}

/// Combinations that no spec may have do not come about.
void ClusterSetup::settle(const QString& key) {
  if (key == "min_cluster_size"_L1) {
    if (number(key) == 1) put(key, m_leastSize < 1 ? 2 : 0);
    m_leastSize = number(key);
  }
  if (key == "umap/min_dist"_L1 || key == "umap/spread"_L1) put(u"umap/min_dist"_s, std::min(number(u"umap/min_dist"_s), 3 * number(u"umap/spread"_s) - 0.01));
}

QString ClusterSetup::missing() const {
  if (shows(u"grid"_s) && !grid().fault.isEmpty()) return tr("Write the numbers of clusters to choose among.");
  if (shows(u"field"_s) && text(u"field"_s).trimmed().isEmpty()) return tr("Choose the field that the documents are grouped by.");
  if (!shows(u"filters"_s)) return {};
  QSet<QString> names;
  for (const Named& filter : m_filters) {
    if (filter.name.trimmed().isEmpty()) return tr("Name every cluster of the filters.");
    if (names.contains(filter.name.trimmed())) return tr("Two clusters are called “%1”.").arg(filter.name.trimmed());
    if (!study::checkFilter(filter.where.toStdString()).sound()) return tr("The filter of “%1” is not sound.").arg(filter.name.trimmed());
    names.insert(filter.name.trimmed());
  }
  return {};
}

QStringList ClusterSetup::ownKeys() const {
  QStringList keys{u"method"_s, u"map"_s, u"min_size"_s, u"terms"_s, u"representatives"_s};
  for (const QString& key : QStringList{u"k"_s, u"restarts"_s, u"iterations"_s, u"field"_s, u"topics"_s, u"merge_similarity"_s, u"stability_pairs"_s} + densityKeys() + umapKeys())
    if (shows(key)) keys << key;
  for (const QString& key : {u"multi_label"_s, u"check_stability"_s})
    if (shows(key) && whyNot(key).isEmpty() && flag(key)) keys << key;
  return refines() && whyNot(u"refine/rounds"_s).isEmpty() ? keys + refineKeys() : keys;
}

QJsonObject ClusterSetup::json() const {
  QJsonObject out = picked(ownKeys());
  if (shows(u"grid"_s)) {
    QJsonArray numbers;
    for (const int k : grid().numbers) numbers.append(k);
    out[u"choose_k"_s] = numbers;
  }
  if (!shows(u"filters"_s)) return out;
  QJsonArray filters;
  for (const Named& filter : m_filters) filters.append(QJsonObject{{u"name"_s, filter.name.trimmed()}, {u"where"_s, filter.where.trimmed()}});
  out[u"filters"_s] = filters;
  return out;
}

void ClusterSetup::load(const QJsonObject& section) {
  reset();
  take(section, plainKeys());
  m_leastSize = number(u"min_cluster_size"_s);
  put(u"merging"_s, section.contains(u"merge_similarity"_s) && number(u"merge_similarity"_s) <= 1);
  if (!flag(u"merging"_s)) put(u"merge_similarity"_s, 0.9);
  std::vector<int> numbers;
  for (const QJsonValue& k : section[u"choose_k"_s].toArray()) numbers.push_back(k.toInt());
  put(u"choosing"_s, !numbers.empty());
  if (!numbers.empty()) put(u"grid"_s, numbersText(numbers));
  QList<Named> filters;
  for (const QJsonValue& filter : section[u"filters"_s].toArray()) filters.append({filter[u"name"_s].toString(), filter[u"where"_s].toString()});
  if (!filters.isEmpty()) m_filters = filters;
  Q_EMIT changed();
}

}  // namespace lacuna::ui
