#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/clusters/umap.h"

namespace lacuna::clusters {

namespace {

constexpr int kPoints = 300, kSteps = 200;

double target(double x, double minDist, double spread) { return x < minDist ? 1 : std::exp(-(x - minDist) / spread); }

double valueAt(double x, const Curve& c) { return 1 / (1 + c.a * std::pow(x, 2 * c.b)); }

double lossOf(const Curve& c, double minDist, double spread) {
  double sum = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = 3 * spread * i / (kPoints - 1), r = valueAt(x, c) - target(x, minDist, spread);
    sum += r * r;
  }
  return sum;
}

/// JᵀJ and Jᵀr of the residuals; at 0 the curve does not depend on a and b.
struct Normal { double aa = 0, ab = 0, bb = 0, ra = 0, rb = 0; };
Normal normalOf(const Curve& c, double minDist, double spread) {
  Normal n;
  for (int i = 1; i < kPoints; ++i) {
    const double x = 3 * spread * i / (kPoints - 1), p = std::pow(x, 2 * c.b), f = valueAt(x, c), r = f - target(x, minDist, spread);
    const double da = -p * f * f, db = -c.a * p * 2 * std::log(x) * f * f;
    n.aa += da * da, n.ab += da * db, n.bb += db * db, n.ra += da * r, n.rb += db * r;
  }
  return n;
}

}  // namespace

/// Levenberg–Marquardt: the damping falls while steps help and rises when one does not.
Curve fitCurve(double minDist, double spread) {
  if (!(minDist >= 0 && spread > 0 && minDist < 3 * spread))
    throw Error("LAC-1601", "UMAP: expected 0 ≤ min_dist < 3 · spread", "set clusters.umap.min_dist and spread");
  Curve best{1, 1};
  double loss = lossOf(best, minDist, spread), damping = 1e-3;
  for (int step = 0; step < kSteps && damping < 1e12; ++step) {
    const Normal n = normalOf(best, minDist, spread);
    const double aa = n.aa * (1 + damping), bb = n.bb * (1 + damping), det = aa * bb - n.ab * n.ab;
    const Curve next{best.a - (bb * n.ra - n.ab * n.rb) / det, best.b - (aa * n.rb - n.ab * n.ra) / det};
    const double nextLoss = next.a > 0 && next.b > 0 ? lossOf(next, minDist, spread) : loss;
    if (nextLoss < loss) {
      best = next;
      loss = nextLoss;
      damping /= 10;
    } else {
      damping *= 10;
    }
  }
  return best;
}

}  // namespace lacuna::clusters
