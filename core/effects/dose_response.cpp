#include <algorithm>
#include <cmath>

#include "lacuna/effects/effects.h"
#include "lacuna/statistics/descriptive.h"

namespace lacuna::effects {
namespace {

DosePoint nothingDone() {
  DosePoint point;
  point.ace.value = point.ace.low = point.ace.high = point.ace.se = 0;
  point.ace.method = "point";
  return point;
}

}  // namespace

DoseResponse doseResponse(std::vector<DosePoint> points) {
  DoseResponse result;
  std::erase_if(points, [](const DosePoint& p) { return !std::isfinite(p.ace.value); });
  if (std::none_of(points.begin(), points.end(), [](const DosePoint& p) { return p.epsilon == 0; })) points.push_back(nothingDone());
  std::sort(points.begin(), points.end(), [](const DosePoint& a, const DosePoint& b) { return a.epsilon < b.epsilon; });
  std::vector<double> x, y;
  for (const DosePoint& point : points) {
    x.push_back(point.epsilon);
    y.push_back(point.ace.value);
  }
  result.points = std::move(points);
  if (x.size() < 2 || x.back() == x.front()) return result;
  result.area = statistics::trapezoid(x, y) / (x.back() - x.front());
  const auto [least, most] = std::minmax_element(y.begin(), y.end());
  if (-*least > *most)
    for (double& value : y) value = -value;
  result.monotonicity = statistics::monotonicityIndex(y);
  const std::vector<double> fit = statistics::isotonic(y);
  if (fit.back() > 0) result.epsilonHalf = statistics::firstCrossing(x, fit, fit.back() / 2);
  return result;
}

}  // namespace lacuna::effects
