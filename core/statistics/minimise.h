#pragma once

#include <functional>
#include <vector>

namespace lacuna::statistics {

using Point = std::vector<double>;

/// Nelder–Mead from `start` with steps `step`; restarted from its own end until nothing is gained.
Point nelderMead(const std::function<double(const Point&)>& f, Point start, double step);

/// Smallest value of a function of one variable: a grid over [low, high], then golden-section search around its best point.
double minimiseOnInterval(const std::function<double(double)>& f, double low, double high, int gridPoints);

}  // namespace lacuna::statistics
