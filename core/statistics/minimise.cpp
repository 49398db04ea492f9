#include "minimise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lacuna::statistics {
namespace {

struct Vertex {
  Point at;
  double value;
  bool operator<(const Vertex& other) const { return value < other.value; }
};

// centre + t · (centre − worst)
Point along(const Point& centre, const Point& worst, double t) {
  Point result(centre.size());
  for (std::size_t i = 0; i < centre.size(); ++i) result[i] = centre[i] + t * (centre[i] - worst[i]);
  return result;
}

Point centroidWithoutLast(const std::vector<Vertex>& simplex) {
  Point centre(simplex[0].at.size(), 0.0);
  for (std::size_t k = 0; k + 1 < simplex.size(); ++k)
    for (std::size_t i = 0; i < centre.size(); ++i) centre[i] += simplex[k].at[i] / static_cast<double>(simplex.size() - 1);
  return centre;
}

double diameter(const std::vector<Vertex>& simplex) {
  double largest = 0;
  for (const Vertex& vertex : simplex)
    for (std::size_t i = 0; i < vertex.at.size(); ++i) largest = std::max(largest, std::abs(vertex.at[i] - simplex[0].at[i]));
  return largest;
}

void improve(std::vector<Vertex>& simplex, const std::function<double(const Point&)>& f) {
  Vertex& worst = simplex.back();
  const Point centre = centroidWithoutLast(simplex);
  const auto tried = [&](double t) {
    Point at = along(centre, worst.at, t);
    const double value = f(at);
    return Vertex{std::move(at), value};
  };
  Vertex reflected = tried(1);
  if (reflected.value < simplex[0].value) {
    Vertex further = tried(2);
    worst = further.value < reflected.value ? further : reflected;
  } else if (reflected.value < simplex[simplex.size() - 2].value) {
    worst = reflected;
  } else if (Vertex nearer = tried(reflected.value < worst.value ? 0.5 : -0.5); nearer.value < std::min(reflected.value, worst.value)) {
    worst = nearer;
  } else {
    for (std::size_t k = 1; k < simplex.size(); ++k) {
      simplex[k].at = along(simplex[0].at, simplex[k].at, -0.5);
      simplex[k].value = f(simplex[k].at);
    }
  }
  std::sort(simplex.begin(), simplex.end());
}

Vertex oneRun(const std::function<double(const Point&)>& f, const Point& start, double step) {
  std::vector<Vertex> simplex = {{start, f(start)}};
  for (std::size_t i = 0; i < start.size(); ++i) {
    Point at = start;
    at[i] += step;
    const double value = f(at);
    simplex.push_back({std::move(at), value});
  }
  std::sort(simplex.begin(), simplex.end());
  for (int iteration = 0; iteration < 2000 && diameter(simplex) > 1e-10; ++iteration) improve(simplex, f);
  return simplex[0];
}

}  // namespace

Point nelderMead(const std::function<double(const Point&)>& f, Point start, double step) {
  Vertex best = oneRun(f, start, step);
  for (int restart = 0; restart < 4; ++restart) {
    Vertex again = oneRun(f, best.at, step / 8);
    const bool gained = again.value < best.value - 1e-13 * (1 + std::abs(best.value));
    if (again.value < best.value) best = std::move(again);
    if (!gained) break;
  }
  return best.at;
}

double minimiseOnInterval(const std::function<double(double)>& f, double low, double high, int gridPoints) {
  const double width = (high - low) / (gridPoints - 1);
  double best = low, bestValue = f(low);
  for (int k = 1; k < gridPoints; ++k)
    if (const double value = f(low + k * width); value < bestValue) {
      best = low + k * width;
      bestValue = value;
    }
  double a = std::max(low, best - width), b = std::min(high, best + width);
  const double golden = std::numbers::phi - 1;
  double c = b - golden * (b - a), d = a + golden * (b - a), fc = f(c), fd = f(d);
  while (b - a > 1e-12 * (1 + std::abs(a))) {
    if (fc < fd) {
      b = d;
      d = c;
      fd = fc;
      fc = f(c = b - golden * (b - a));
    } else {
      a = c;
      c = d;
      fc = fd;
      fd = f(d = a + golden * (b - a));
    }
  }
  const double end = 0.5 * (a + b);
  return f(end) <= bestValue ? end : best;
}

}  // namespace lacuna::statistics
