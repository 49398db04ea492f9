#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/study/people.h"
#include "questions.h"
#include "ratings.h"

namespace lacuna::study {
namespace {

namespace st = statistics;

constexpr double kChance = 1.0 / 6;
const std::vector<std::string> kWords = {"fits", "not", "unsure"};

Ranged rangedOf(const st::Estimate& e) { return {e.value, e.low, e.high}; }
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The newest answers to questions that are still asked: one a rater and question, withdrawn ones left out.
struct Answers {
  std::map<std::string, std::string> topics;                                ///< by rater
  Judgements fits;
  std::map<Question, std::map<std::string, bool>> found;                    ///< by intruder item and rater
};

/// Documents by id. Where every one is of the same family nobody looked for families: each is then its own.
class Documents {
 public:
  explicit Documents(const std::vector<DocumentRow>& all)
      : m_all(all), m_families(std::any_of(all.begin(), all.end(), [&](const DocumentRow& d) { return d.family != all.front().family; })) {}
  std::int32_t familyOf(std::int32_t id) const {
    const DocumentRow* document = documentIn(m_all, DocumentId(id));
    return m_families && document ? document->family : id;
  }

 private:
  const std::vector<DocumentRow>& m_all;
  bool m_families;
};

void take(Answers& answers, const AnnotationRow& row) {
  if (row.kind == "topic") {
    row.value.empty() ? void(answers.topics.erase(row.rater)) : void(answers.topics[row.rater] = row.value);
  } else if (row.kind == "fits") {
    auto& judged = answers.fits[row.documents.front()];
    const auto word = std::find(kWords.begin(), kWords.end(), row.value);
    word == kWords.end() ? void(judged.erase(row.rater)) : void(judged[row.rater] = static_cast<int>(word - kWords.begin()));
  } else if (row.kind == "intruder") {
    auto& judged = answers.found[questionOf(row)];
    row.value.empty() ? void(judged.erase(row.rater)) : void(judged[row.rater] = row.value == row.expected);
  }
}

/// A share whose units are items: Wilson where every item says one thing and counts as much as the next (or all say the same), else a bootstrap over items.
Ranged shareOf(const std::vector<double>& values, const std::vector<std::int32_t>& items) {
  if (values.empty()) return {kNone, kNone, kNone};
  std::map<std::int32_t, std::pair<double, std::int64_t>> sums;
  for (std::size_t i = 0; i < values.size(); ++i) sums[items[i]].first += values[i], ++sums[items[i]].second;
  std::int64_t whole = 0, ones = 0;
  std::set<std::int64_t> sizes;
  for (const auto& [item, sum] : sums) {
    const bool all = sum.first == static_cast<double>(sum.second);
    whole += all || sum.first == 0, ones += all;
    sizes.insert(sum.second);
  }
  if (whole == std::ssize(sums) && (sizes.size() == 1 || ones == 0 || ones == whole)) return rangedOf(st::wilson(ones, whole));
  std::vector<std::int32_t> groups;
  for (const std::int32_t item : items) groups.push_back(static_cast<std::int32_t>(std::distance(sums.begin(), sums.find(item))));
  return rangedOf(st::bcaMean(values, groups, {2000, 0.95, 0}));
}

void addFits(AgreementRow& row, const Answers& answers, const Documents& documents) {
  std::vector<double> values;
  std::vector<std::int32_t> items;
  std::set<std::string> raters;
  for (const auto& [document, judged] : answers.fits) {
    row.documents += !judged.empty();
    for (const auto& [rater, category] : judged) {
      raters.insert(rater);
      if (category < 2) values.push_back(category == 0), items.push_back(documents.familyOf(document));
    }
  }
  for (const auto& [item, judged] : answers.found)
    for (const auto& [rater, found] : judged) raters.insert(rater);
  row.raters = std::ssize(raters);
  row.fits = shareOf(values, items);
  addAgreement(row, ratingsOf(answers.fits, [&](std::int32_t id) { return documents.familyOf(id); }));
}

void addFound(AgreementRow& row, const Answers& answers) {
  std::vector<double> values;
  std::vector<std::int32_t> items;
  for (const auto& [question, judged] : answers.found) {
    row.intruders += !judged.empty();
    for (const auto& [rater, found] : judged) values.push_back(found), items.push_back(static_cast<std::int32_t>(row.intruders));
  }
  row.found = shareOf(values, items);
  const auto right = static_cast<std::int64_t>(std::count(values.begin(), values.end(), 1.0));
  row.pFound = values.empty() ? kNone : st::binomialUpper(right, std::ssize(values), kChance);
}

AgreementRow rowOf(ClusterId cluster, const Answers& answers, const Documents& documents) {
  AgreementRow row;
  row.cluster = cluster;
  for (const auto& [rater, topic] : answers.topics) row.topics += (row.topics.empty() ? "" : " | ") + topic;
  addFits(row, answers, documents);
  addFound(row, answers);
  return row;
}

/// All clusters as one: a document is in one of them, and an intruder item says of which it is.
void merge(Answers& all, const Answers& part) {
  all.fits.insert(part.fits.begin(), part.fits.end());
  all.found.insert(part.found.begin(), part.found.end());
}

}  // namespace

std::vector<AgreementRow> agreementOf(const std::vector<DocumentRow>& documents, const std::vector<ClusterRow>& clusters,
                                      const std::vector<AnnotationRow>& annotations, const std::string& clustering) {
  const Documents now(documents);
  std::map<std::int32_t, Answers> answers;
  for (const AnnotationRow& row : annotations)
    if (row.clustering == clustering && stillAsked(row, documents)) take(answers[row.cluster.value], row);
  std::vector<AgreementRow> rows;
  Answers all;
  for (const ClusterRow& cluster : clusters) {
    rows.push_back(rowOf(cluster.id, answers[cluster.id.value], now));
    merge(all, answers[cluster.id.value]);
  }
  rows.push_back(rowOf({}, all, now));
  return rows;
}

}  // namespace lacuna::study
