#include "ratings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "lacuna/statistics/agreement.h"
#include "lacuna/statistics/bootstrap.h"

namespace lacuna::study {
namespace {

namespace st = statistics;

using Places = std::vector<Eigen::Index>;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kIntervalFrom = 8;    // documents or families; of fewer there is no interval

Ranged rangedOf(const st::Estimate& e) { return {e.value, e.low, e.high}; }

/// Columns that every one of the raters judged.
Places commonTo(const MatrixD& table, const Places& raters) {
  Places documents;
  for (Eigen::Index d = 0; d < table.cols(); ++d)
    if (std::none_of(raters.begin(), raters.end(), [&](Eigen::Index r) { return std::isnan(table(r, d)); })) documents.push_back(d);
  return documents;
}

MatrixD tableOfTwo(const MatrixD& table, const Places& raters, const Places& documents) {
  MatrixD counts = MatrixD::Zero(kCategories, kCategories);
  for (const Eigen::Index d : documents) counts(static_cast<Eigen::Index>(table(raters[0], d)), static_cast<Eigen::Index>(table(raters[1], d))) += 1;
  return counts;
}

/// How often each category was given to each document: [documents, categories]; gaps are left out.
MatrixD countsOf(const MatrixD& table, const Places& raters, const Places& documents) {
  MatrixD counts = MatrixD::Zero(std::ssize(documents), kCategories);
  for (std::size_t d = 0; d < documents.size(); ++d)
    for (const Eigen::Index r : raters)
      if (const double category = table(r, documents[d]); !std::isnan(category)) counts(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(category)) += 1;
  return counts;
}

/// A statistic with its BCa interval over families: statistic(w) of how often each document is drawn. Draws that do not identify it are left out.
template <class Statistic> Ranged withInterval(double value, const std::vector<std::int32_t>& groups, Statistic statistic) {
  const std::int64_t families = groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1;
  if (std::isnan(value) || families < kIntervalFrom) return {value, kNone, kNone};
  const auto counts = st::resampleCounts(families, {static_cast<int>(std::clamp<std::int64_t>(60000 / families, 200, 1000)), 0.95, 0});
  VectorD weights(std::ssize(groups));
  std::vector<double> draws, jackknife;
  const auto keep = [&](std::vector<double>& into) {
    if (const double drawn = statistic(weights); !std::isnan(drawn)) into.push_back(drawn);
  };
  for (Eigen::Index b = 0; b < counts.rows(); ++b) {
    for (Eigen::Index d = 0; d < weights.size(); ++d) weights(d) = counts(b, groups[static_cast<std::size_t>(d)]);
    keep(draws);
  }
  for (std::int32_t left = 0; left < families; ++left) {
    for (Eigen::Index d = 0; d < weights.size(); ++d) weights(d) = groups[static_cast<std::size_t>(d)] == left ? 0 : 1;
    keep(jackknife);
  }
  if (std::ssize(draws) < counts.rows() / 2 || std::ssize(jackknife) < kIntervalFrom) return {value, kNone, kNone};
  return rangedOf(st::bcaFromDraws(draws, value, jackknife));
}

/// Rows of counts, each as often as it is drawn.
MatrixD repeated(const MatrixD& counts, const VectorD& weights) {
  MatrixD drawn(static_cast<Eigen::Index>(weights.sum()), counts.cols());
  Eigen::Index at = 0;
  for (Eigen::Index d = 0; d < counts.rows(); ++d)
    for (int times = 0; times < static_cast<int>(weights(d)); ++times) drawn.row(at++) = counts.row(d);
  return drawn;
}

/// Families of some of the documents, numbered without gaps.
std::vector<std::int32_t> groupsOf(const std::vector<std::int32_t>& groups, const Places& documents) {
  std::map<std::int32_t, std::int32_t> numbers;
  std::vector<std::int32_t> out;
  for (const Eigen::Index d : documents) out.push_back(numbers.emplace(groups[static_cast<std::size_t>(d)], static_cast<std::int32_t>(numbers.size())).first->second);
  return out;
}

/// Cohen's κ; the interval is of large samples.
st::Kappa cohenOf(const MatrixD& table, const Places& raters, const Places& documents) {
  st::Kappa kappa = st::cohenKappa(tableOfTwo(table, raters, documents));
  if (std::ssize(documents) < kIntervalFrom) kappa.kappa.low = kappa.kappa.high = kNone;
  return kappa;
}

void addPairs(AgreementRow& row, const Ratings& ratings) {
  for (Eigen::Index a = 0; a < ratings.table.rows(); ++a)
    for (Eigen::Index b = a + 1; b < ratings.table.rows(); ++b) {
      const Places documents = commonTo(ratings.table, {a, b});
      if (documents.empty()) continue;
      const st::Kappa kappa = cohenOf(ratings.table, {a, b}, documents);
      row.pairs.push_back({ratings.raters[static_cast<std::size_t>(a)], ratings.raters[static_cast<std::size_t>(b)], std::ssize(documents), kappa.observed,
                           rangedOf(kappa.kappa), std::string(st::statusName(kappa.kappa.status))});
    }
}

/// The two raters with the most documents in common; none where no two share one.
Places closestPair(const MatrixD& table) {
  Places best;
  std::size_t most = 0;
  for (Eigen::Index a = 0; a < table.rows(); ++a)
    for (Eigen::Index b = a + 1; b < table.rows(); ++b)
      if (const std::size_t common = commonTo(table, {a, b}).size(); common > most) best = {a, b}, most = common;
  return best;
}

Places ratersOfKappa(const MatrixD& table) {
  Places chosen = closestPair(table);
  const std::size_t enough = (commonTo(table, chosen).size() + 1) / 2;
  while (!chosen.empty() && std::ssize(chosen) < table.rows()) {
    Places next;
    std::size_t most = 0;
    for (Eigen::Index r = 0; r < table.rows(); ++r) {
      if (std::find(chosen.begin(), chosen.end(), r) != chosen.end()) continue;
      Places wider = chosen;
      wider.push_back(r);
      if (const std::size_t common = commonTo(table, wider).size(); common > most) next = wider, most = common;
    }
    if (next.empty() || most < enough) break;
    chosen = next;
  }
  return chosen;
}

void addKappa(AgreementRow& row, const Ratings& ratings) {
  row.kappa = {kNone, kNone, kNone};
  row.kappaObserved = kNone;
  row.kappaStatus = st::statusName(st::Status::TooFew);
  const Places raters = ratersOfKappa(ratings.table);
  if (raters.empty()) return;
  const Places documents = commonTo(ratings.table, raters);
  row.kappaRaters = std::ssize(raters);
  row.kappaDocuments = std::ssize(documents);
  const bool two = raters.size() == 2;
  const MatrixD counts = countsOf(ratings.table, raters, documents);
  const st::Kappa found = two ? cohenOf(ratings.table, raters, documents) : st::fleissKappa(counts);
  row.kappaMethod = two ? "cohen" : "fleiss";
  row.kappaStatus = st::statusName(found.kappa.status);
  row.kappaObserved = found.observed;
  row.kappa = two ? rangedOf(found.kappa) : withInterval(found.kappa.value, groupsOf(ratings.groups, documents), [&](const VectorD& weights) {
    return st::fleissKappa(repeated(counts, weights)).kappa.value;
  });
}

void addAlpha(AgreementRow& row, const Ratings& ratings) {
  Places raters, documents;
  for (Eigen::Index r = 0; r < ratings.table.rows(); ++r) raters.push_back(r);
  for (Eigen::Index d = 0; d < ratings.table.cols(); ++d) documents.push_back(d);
  const MatrixD counts = countsOf(ratings.table, raters, documents);
  std::vector<MatrixD> pairs;
  for (Eigen::Index d = 0; d < counts.rows(); ++d) pairs.push_back(st::coincidencesOf(counts.row(d).transpose()));
  const auto alpha = [&](const VectorD& weights) {
    MatrixD sum = MatrixD::Zero(kCategories, kCategories);
    for (std::size_t d = 0; d < pairs.size(); ++d) sum += weights(static_cast<Eigen::Index>(d)) * pairs[d];
    return st::nominalAlpha(sum);
  };
  const st::Estimate whole = alpha(VectorD::Ones(counts.rows()));
  row.alpha = withInterval(whole.value, ratings.groups, [&](const VectorD& weights) { return alpha(weights).value; });
  row.alphaStatus = st::statusName(whole.status);
}

}  // namespace

Ratings ratingsOf(const Judgements& judged, const std::function<std::int32_t(std::int32_t)>& familyOf) {
  std::set<std::string> raters;
  std::vector<std::int32_t> shared;
  for (const auto& [document, said] : judged) {
    if (said.size() >= 2) shared.push_back(document);
    for (const auto& [rater, category] : said) raters.insert(rater);
  }
  Ratings out{{raters.begin(), raters.end()}, MatrixD::Constant(std::ssize(raters), std::ssize(shared), kNone), {}};
  std::map<std::int32_t, std::int32_t> numbers;
  for (std::size_t d = 0; d < shared.size(); ++d) {
    out.groups.push_back(numbers.emplace(familyOf(shared[d]), static_cast<std::int32_t>(numbers.size())).first->second);
    for (const auto& [rater, category] : judged.at(shared[d])) out.table(std::distance(raters.begin(), raters.find(rater)), static_cast<Eigen::Index>(d)) = category;
  }
  return out;
}

double observedOf(const MatrixD& table) {
  double same = 0, pairs = 0;
  for (Eigen::Index d = 0; d < table.cols(); ++d)
    for (Eigen::Index a = 0; a < table.rows(); ++a)
      for (Eigen::Index b = a + 1; b < table.rows(); ++b)
        if (!std::isnan(table(a, d)) && !std::isnan(table(b, d))) ++pairs, same += table(a, d) == table(b, d);
  return pairs > 0 ? same / pairs : kNone;
}

void addAgreement(AgreementRow& row, const Ratings& ratings) {
  row.shared = ratings.documents();
  row.observed = observedOf(ratings.table);
  addPairs(row, ratings);
  addKappa(row, ratings);
  addAlpha(row, ratings);
}

}  // namespace lacuna::study
