#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "lacuna/statistics/agreement.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/study/people.h"

namespace lacuna::study {
namespace {

namespace st = statistics;

constexpr double kChance = 1.0 / 6;
const std::vector<std::string> kCategories = {"fits", "not", "unsure"};

Ranged rangedOf(const st::Estimate& e) { return {e.value, e.low, e.high}; }
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The newest answers that still speak of the clusters as they are: one a rater and item, withdrawn ones left out.
struct Answers {
  std::map<std::string, std::string> topics;                                ///< by rater
  std::map<std::int32_t, std::map<std::string, int>> fits;                  ///< category by document and rater
  std::map<std::int64_t, std::map<std::string, bool>> found;                ///< by intruder item and rater
};

class Clusters {
 public:
  explicit Clusters(const std::vector<DocumentRow>& documents) : m_documents(documents) {}
  std::int32_t of(std::int32_t document) const {
    const auto at = std::lower_bound(m_documents.begin(), m_documents.end(), document, [](const DocumentRow& d, std::int32_t id) { return d.id.value < id; });
    return at != m_documents.end() && at->id.value == document ? at->cluster : -1;
  }
  /// Whether what was shown is what it was said to be: all of the cluster but the intruder.
  bool stillTrue(const AnnotationRow& row) const {
    return std::all_of(row.documents.begin(), row.documents.end(), [&](std::int32_t id) {
      return (of(id) == row.cluster.value) != (row.kind == "intruder" && std::to_string(id) == row.expected);
    });
  }

 private:
  const std::vector<DocumentRow>& m_documents;
};

void take(Answers& answers, const AnnotationRow& row) {
  if (row.kind == "topic") {
    row.value.empty() ? void(answers.topics.erase(row.rater)) : void(answers.topics[row.rater] = row.value);
  } else if (row.kind == "fits") {
    auto& judged = answers.fits[row.documents.empty() ? -1 : row.documents.front()];
    const auto category = std::find(kCategories.begin(), kCategories.end(), row.value);
    category == kCategories.end() ? void(judged.erase(row.rater)) : void(judged[row.rater] = static_cast<int>(category - kCategories.begin()));
  } else if (row.kind == "intruder") {
    auto& judged = answers.found[row.item];
    row.value.empty() ? void(judged.erase(row.rater)) : void(judged[row.rater] = row.value == row.expected);
  }
}

/// A share whose units are items: Wilson where every item is all or nothing, else a bootstrap over items.
Ranged shareOf(const std::vector<double>& values, const std::vector<std::int32_t>& items) {
  if (values.empty()) return {kNone, kNone, kNone};
  std::map<std::int32_t, std::pair<double, double>> sums;
  for (std::size_t i = 0; i < values.size(); ++i) sums[items[i]].first += values[i], ++sums[items[i]].second;
  std::int64_t whole = 0, ones = 0;
  for (const auto& [item, sum] : sums) whole += sum.first == 0 || sum.first == sum.second, ones += sum.first == sum.second;
  if (whole == std::ssize(sums)) return rangedOf(st::wilson(ones, whole));
  std::vector<std::int32_t> groups;
  for (const std::int32_t item : items) groups.push_back(static_cast<std::int32_t>(std::distance(sums.begin(), sums.find(item))));
  return rangedOf(st::bcaMean(values, groups, {2000, 0.95, 0}));
}

/// ratings [raters, documents] with NaN where a rater has not judged; documents judged twice or more.
struct Ratings {
  MatrixD table;
  MatrixD column(const std::vector<Eigen::Index>& places) const { return table(Eigen::indexing::all, places); }
  std::int64_t units() const { return table.cols(); }
  bool complete() const { return !table.array().isNaN().any(); }
};

Ratings ratingsOf(const std::map<std::int32_t, std::map<std::string, int>>& fits) {
  std::set<std::string> raters;
  std::int64_t shared = 0;
  for (const auto& [document, judged] : fits) {
    shared += judged.size() >= 2;
    for (const auto& [rater, category] : judged) raters.insert(rater);
  }
  Ratings out{MatrixD::Constant(std::ssize(raters), shared, kNone)};
  Eigen::Index unit = 0;
  for (const auto& [document, judged] : fits) {
    if (judged.size() < 2) continue;
    for (const auto& [rater, category] : judged) out.table(std::distance(raters.begin(), raters.find(rater)), unit) = category;
    ++unit;
  }
  return out;
}

/// Counts [units, categories] of a table without gaps.
MatrixD countsOf(const MatrixD& ratings) {
  MatrixD counts = MatrixD::Zero(ratings.cols(), std::ssize(kCategories));
  for (Eigen::Index u = 0; u < ratings.cols(); ++u)
    for (Eigen::Index r = 0; r < ratings.rows(); ++r) counts(u, static_cast<Eigen::Index>(ratings(r, u))) += 1;
  return counts;
}

/// Any agreement of a table with its BCa interval over documents; draws that do not identify it are left out.
template <class Statistic> Ranged withInterval(const Ratings& ratings, double value, Statistic statistic) {
  if (std::isnan(value) || ratings.units() < 8) return {value, kNone, kNone};
  const std::int64_t units = ratings.units();
  const auto counts = st::resampleCounts(units, {static_cast<int>(std::clamp<std::int64_t>(60000 / units, 200, 1000)), 0.95, 0});
  std::vector<double> draws, jackknife;
  std::vector<Eigen::Index> places;
  for (Eigen::Index b = 0; b < counts.rows(); ++b) {
    places.clear();
    for (Eigen::Index u = 0; u < units; ++u) places.insert(places.end(), counts(b, u), u);
    if (const double drawn = statistic(ratings.column(places)); !std::isnan(drawn)) draws.push_back(drawn);
  }
  for (Eigen::Index left = 0; left < units; ++left) {
    places.clear();
    for (Eigen::Index u = 0; u < units; ++u)
      if (u != left) places.push_back(u);
    if (const double without = statistic(ratings.column(places)); !std::isnan(without)) jackknife.push_back(without);
  }
  if (std::ssize(draws) < counts.rows() / 2 || jackknife.size() < 8) return {value, kNone, kNone};
  return rangedOf(st::bcaFromDraws(draws, value, jackknife));
}

/// Share of pairs of raters that say the same, over all documents.
double observedOf(const MatrixD& ratings) {
  double same = 0, pairs = 0;
  for (Eigen::Index u = 0; u < ratings.cols(); ++u)
    for (Eigen::Index a = 0; a < ratings.rows(); ++a)
      for (Eigen::Index b = a + 1; b < ratings.rows(); ++b)
        if (!std::isnan(ratings(a, u)) && !std::isnan(ratings(b, u))) ++pairs, same += ratings(a, u) == ratings(b, u);
  return pairs > 0 ? same / pairs : kNone;
}

void addKappa(AgreementRow& row, const Ratings& ratings) {
  row.kappa = {kNone, kNone, kNone};
  row.kappaStatus = st::statusName(st::Status::TooFew);
  if (ratings.units() == 0 || !ratings.complete()) return;
  if (ratings.table.rows() == 2) {
    MatrixD table = MatrixD::Zero(std::ssize(kCategories), std::ssize(kCategories));
    for (Eigen::Index u = 0; u < ratings.units(); ++u)
      table(static_cast<Eigen::Index>(ratings.table(0, u)), static_cast<Eigen::Index>(ratings.table(1, u))) += 1;
    const st::Estimate kappa = st::cohenKappa(table).kappa;
    row.kappa = rangedOf(kappa);
    row.kappaMethod = "cohen";
    row.kappaStatus = st::statusName(kappa.status);
  } else {
    const auto fleiss = [](const MatrixD& part) { return st::fleissKappa(countsOf(part)).kappa; };
    const st::Estimate kappa = fleiss(ratings.table);
    row.kappa = withInterval(ratings, kappa.value, [&](const MatrixD& part) { return fleiss(part).value; });
    row.kappaMethod = "fleiss";
    row.kappaStatus = st::statusName(kappa.status);
  }
}

void addFits(AgreementRow& row, const Answers& answers) {
  std::vector<double> values;
  std::vector<std::int32_t> items;
  std::set<std::string> raters;
  for (const auto& [document, judged] : answers.fits) {
    row.documents += !judged.empty();
    for (const auto& [rater, category] : judged) {
      raters.insert(rater);
      if (category < 2) values.push_back(category == 0), items.push_back(document);
    }
  }
  for (const auto& [item, judged] : answers.found)
    for (const auto& [rater, found] : judged) raters.insert(rater);
  row.raters = std::ssize(raters);
  row.fits = shareOf(values, items);
  const Ratings ratings = ratingsOf(answers.fits);
  row.shared = ratings.units();
  row.observed = observedOf(ratings.table);
  addKappa(row, ratings);
  const auto alpha = [](const MatrixD& part) { return st::krippendorffAlpha(part); };
  const st::Estimate whole = alpha(ratings.table);
  row.alpha = withInterval(ratings, whole.value, [&](const MatrixD& part) { return alpha(part).value; });
  row.alphaStatus = st::statusName(ratings.units() == 0 ? st::Status::TooFew : whole.status);
}

void addFound(AgreementRow& row, const Answers& answers) {
  std::vector<double> values;
  std::vector<std::int32_t> items;
  for (const auto& [item, judged] : answers.found) {
    row.intruders += !judged.empty();
    for (const auto& [rater, found] : judged) values.push_back(found), items.push_back(static_cast<std::int32_t>(item));
  }
  row.found = shareOf(values, items);
  const auto right = static_cast<std::int64_t>(std::count(values.begin(), values.end(), 1.0));
  row.pFound = values.empty() ? kNone : st::binomialUpper(right, std::ssize(values), kChance);
}

AgreementRow rowOf(ClusterId cluster, const Answers& answers) {
  AgreementRow row;
  row.cluster = cluster;
  for (const auto& [rater, topic] : answers.topics) row.topics += (row.topics.empty() ? "" : " | ") + topic;
  addFits(row, answers);
  addFound(row, answers);
  return row;
}

/// All clusters as one: documents keep their ids, intruder items of different clusters must not meet.
void merge(Answers& all, const Answers& part, ClusterId cluster) {
  for (const auto& [document, judged] : part.fits) all.fits[document] = judged;
  for (const auto& [item, judged] : part.found) all.found[cluster.value * kIntruderItems + item] = judged;
}

}  // namespace

std::vector<AgreementRow> agreementOf(const std::vector<DocumentRow>& documents, const std::vector<ClusterRow>& clusters,
                                      const std::vector<AnnotationRow>& annotations, const std::string& clustering) {
  const Clusters now(documents);
  std::map<std::int32_t, Answers> answers;
  for (const AnnotationRow& row : annotations)
    if (row.clustering == clustering && now.stillTrue(row)) take(answers[row.cluster.value], row);
  std::vector<AgreementRow> rows;
  Answers all;
  for (const ClusterRow& cluster : clusters) {
    rows.push_back(rowOf(cluster.id, answers[cluster.id.value]));
    merge(all, answers[cluster.id.value], cluster.id);
  }
  rows.push_back(rowOf({}, all));
  return rows;
}

}  // namespace lacuna::study
