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

}  // namespace lacuna::statistics
