#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/study/people.h"

/// What raters said of the same documents, as tables, and how far they agree (methods.md 3.7).
namespace lacuna::study {

/// Category of a document by rater, by document id.
using Judgements = std::map<std::int32_t, std::map<std::string, int>>;
inline constexpr Eigen::Index kCategories = 3;   ///< fits, not, unsure

/// Documents that two raters or more judged; documents of one family are drawn together where an interval is a bootstrap.
struct Ratings {
  std::vector<std::string> raters;           ///< ascending
  MatrixD table;                             ///< [raters, documents]: a category; NaN: not judged
  std::vector<std::int32_t> groups;          ///< [documents]: the family, from 0 on without gaps
  std::int64_t documents() const { return table.cols(); }
};
Ratings ratingsOf(const Judgements& judged, const std::function<std::int32_t(std::int32_t document)>& familyOf);

/// Share of pairs of raters that say the same, over all documents; NaN where no two judged one.
double observedOf(const MatrixD& table);
/// Fills pairs, κ and α of the row. κ: of the two raters with the most documents in common (Cohen's) and of whoever can be added, each time the one who
/// leaves the most documents judged by all, while at least half of the two's documents are left (Fleiss' of three or more).
void addAgreement(AgreementRow& row, const Ratings& ratings);

}  // namespace lacuna::study
