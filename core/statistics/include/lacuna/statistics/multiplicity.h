#pragma once

#include <span>
#include <vector>

/// Adjusted p-values of a family of hypotheses (methods.md 8.4), in the order of the input.
namespace lacuna::statistics {

/// What a missing p (NaN) does. A locked test that failed technically still belongs to its family: it enters with p = 1.
/// An exploratory failure is left out: it does not count in m and stays NaN.
enum class MissingP { CountsAsOne, Excluded };

/// Holm 1979: family-wise error rate.
std::vector<double> holm(std::span<const double> p, MissingP missing = MissingP::CountsAsOne);
/// Benjamini & Hochberg 1995: false discovery rate, independent or positively dependent tests.
std::vector<double> benjaminiHochberg(std::span<const double> p, MissingP missing = MissingP::Excluded);
/// Benjamini & Yekutieli 2001: false discovery rate under any dependence.
std::vector<double> benjaminiYekutieli(std::span<const double> p, MissingP missing = MissingP::Excluded);

}  // namespace lacuna::statistics
