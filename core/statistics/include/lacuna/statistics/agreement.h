#pragma once

#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"

/// Agreement of raters beyond chance (methods.md 3.7). No disagreement possible by chance (p_e = 1) → NOT_IDENTIFIED.
namespace lacuna::statistics {

struct Kappa { Estimate kappa; double observed = kMissing, expected = kMissing; };   ///< show `observed` too: prevalence paradox
/// Cohen's κ of a square table of counts [categories, categories], se after Fleiss, Cohen & Everitt 1969.
Kappa cohenKappa(const MatrixD& table, double level = 0.95);
/// Fleiss' κ: counts [subjects, categories], the same number of raters for every subject; se under no agreement left out.
Kappa fleissKappa(const MatrixD& counts);
/// Krippendorff's α of ratings [raters, units]; NaN marks a missing rating.
enum class Scale { Nominal, Ordinal, Interval };
Estimate krippendorffAlpha(const MatrixD& ratings, Scale scale = Scale::Nominal);
/// Ordered pairs of ratings of one unit whose categories were given counts[c] times, each counting 1/(m − 1) of the unit's m ratings;
/// zero for fewer than two. Sums of these over units are all that nominal α needs, so a resample of units is a weighted sum.
MatrixD coincidencesOf(const VectorD& counts);
/// Nominal α of such a sum [categories, categories]; n and groups are left to the caller.
Estimate nominalAlpha(const MatrixD& coincidences);

}  // namespace lacuna::statistics
