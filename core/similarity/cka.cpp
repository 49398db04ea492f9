#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "hsic.h"
#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"
#include "lacuna/similarity/similarity.h"
#include "products.h"

namespace lacuna::similarity {

using statistics::Status;

Side sideOf(MatrixD x) {
  Side side;
  side.finite = x.allFinite();
  if (x.rows() == 0) return side;
  if (!side.finite) x.setZero();    // its products are never used
  const double size = x.squaredNorm();
  const Eigen::RowVectorXd mean = VectorD::Constant(x.rows(), 1 / static_cast<double>(x.rows())).transpose() * x;
  x.rowwise() -= mean;
  side.norms = x.rowwise().squaredNorm();
  side.centred = std::move(x);
  // A constant matrix leaves only the rounding of its mean: that is no variance.
  if (side.norms.sum() <= 1e-26 * size) {
    side.centred.setZero();
    side.norms.setZero();
  }
  return side;
}

namespace {

bool gramsCostLess(std::span<const Side> sides, const std::set<SidePair>& pairs) {
  const double n = static_cast<double>(sides[0].norms.size());
  const auto width = [&](Eigen::Index i) { return static_cast<double>(sides[static_cast<std::size_t>(i)].centred.cols()); };
  double grams = n * n * static_cast<double>(sides.size() * sides.size()), products = 0;
  for (std::size_t i = 0; i < sides.size(); ++i) grams += n * n * width(static_cast<Eigen::Index>(i));
  for (const auto& [i, j] : pairs) products += 2 * n * width(i) * width(j);
  return grams < products;
}

MatrixD featureNorms(std::span<const Side> sides, const std::set<SidePair>& pairs) {
  const auto count = static_cast<Eigen::Index>(sides.size());
  MatrixD norms = MatrixD::Constant(count, count, statistics::kMissing);
  for (const auto& [i, j] : pairs)
    norms(i, j) = norms(j, i) = squaredNormOfProduct(sides[static_cast<std::size_t>(i)].centred, sides[static_cast<std::size_t>(j)].centred);
  return norms;
}

}  // namespace

MatrixD crossNorms(std::span<const Side> sides, const std::set<SidePair>& pairs, int threads) {
  for (const Side& side : sides) LACUNA_CHECK(side.norms.size() == sides[0].norms.size());
  if (sides.empty() || !gramsCostLess(sides, pairs)) return featureNorms(sides, pairs);
  std::vector<const MatrixD*> states;
  for (const Side& side : sides) states.push_back(&side.centred);
  return gramProducts(states, threads);
}

double unbiased(double norm, const Side& x, const Side& y) {
  const double n = static_cast<double>(x.norms.size());
  const double diagonal = n / (n - 2) * x.norms.dot(y.norms);
  const double sums = x.norms.sum() * y.norms.sum() / ((n - 1) * (n - 2));
  return (norm - diagonal + sums) / (n * (n - 3));
}

namespace {

// norm and HSIC1 of one pair of sides
struct Terms { double norm = 0, hsic = 0; };

// The terms of pairs of distinct sides; a matrix given twice is one side.
class TermTable {
 public:
  Eigen::Index add(Side side) {
    for (std::size_t i = 0; i < m_sides.size(); ++i)
      if (sameSide(m_sides[i], side)) return static_cast<Eigen::Index>(i);
    m_sides.push_back(std::move(side));
    return static_cast<Eigen::Index>(m_sides.size()) - 1;
  }
  void measure(const std::set<SidePair>& pairs, int threads = 0) { m_norms = crossNorms(m_sides, pairs, threads); }
  Terms terms(Eigen::Index i, Eigen::Index j) const { return {m_norms(i, j), unbiased(m_norms(i, j), side(i), side(j))}; }
  const Side& side(Eigen::Index i) const { return m_sides[static_cast<std::size_t>(i)]; }

 private:
  static bool sameSide(const Side& a, const Side& b) {
    return a.finite && b.finite && a.centred.cols() == b.centred.cols() && a.norms == b.norms && a.centred == b.centred;
  }

  std::vector<Side> m_sides;
  MatrixD m_norms;
};

// The three terms of one pair.
struct PairTerms { Terms xy, xx, yy; };

PairTerms pairTerms(TermTable& table, Eigen::Index x, Eigen::Index y) {
  table.measure({std::minmax(x, y), {x, x}, {y, y}});
  return {table.terms(x, y), table.terms(x, x), table.terms(y, y)};
}

Cka ratio(const Terms& xy, const Terms& xx, const Terms& yy) {
  Cka result;
  if (xx.norm > 0 && yy.norm > 0) result.biased = xy.norm / std::sqrt(xx.norm) / std::sqrt(yy.norm);
  // HSIC1 of a matrix with itself that is only rounding of its parts is zero, too.
  if (xx.hsic > 1e-13 * xx.norm && yy.hsic > 1e-13 * yy.norm) result.debiased = xy.hsic / std::sqrt(xx.hsic) / std::sqrt(yy.hsic);
  else result.status = Status::NotIdentified;
  return result;
}

Status inputStatus(const Side& x, const Side& y) {
  if (x.norms.size() < 4) return Status::TooFew;
  return x.finite && y.finite ? Status::Ok : Status::NanInput;
}

Cka missing(Status status) {
  Cka result;
  result.status = status;
  return result;
}

std::vector<Eigen::Index> addAll(TermTable& table, std::span<const MatrixF> states, int threads) {
  std::vector<Side> sides(states.size());
  parallelFor(static_cast<std::int64_t>(states.size()), threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) sides[i] = sideOf(states[i].cast<double>());
  });
  std::vector<Eigen::Index> indices;
  for (Side& side : sides) indices.push_back(table.add(std::move(side)));
  return indices;
}

std::set<SidePair> pairsOf(const std::vector<Eigen::Index>& a, const std::vector<Eigen::Index>& b) {
  std::set<SidePair> pairs;
  for (const Eigen::Index i : a)
    for (const Eigen::Index j : b) pairs.insert({std::minmax(i, j), {i, i}, {j, j}});
  return pairs;
}

}  // namespace

double hsic1(const MatrixD& x, const MatrixD& y) {
  LACUNA_CHECK(x.rows() == y.rows());
  TermTable table;
  const Eigen::Index a = table.add(sideOf(x)), b = table.add(sideOf(y));
  return inputStatus(table.side(a), table.side(b)) == Status::Ok ? pairTerms(table, a, b).xy.hsic : statistics::kMissing;
}

Cka linearCka(const MatrixF& x, const MatrixF& y) { return linearCkaMatrix(std::span(&x, 1), std::span(&y, 1))[0][0]; }

std::vector<std::vector<Cka>> linearCkaMatrix(std::span<const MatrixF> a, std::span<const MatrixF> b, int threads) {
  TermTable table;
  const auto sidesA = addAll(table, a, threads), sidesB = addAll(table, b, threads);
  table.measure(pairsOf(sidesA, sidesB), threads);
  std::vector<std::vector<Cka>> result(a.size(), std::vector<Cka>(b.size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) {
      const Eigen::Index x = sidesA[i], y = sidesB[j];
      const Status status = inputStatus(table.side(x), table.side(y));
      result[i][j] = status == Status::Ok ? ratio(table.terms(x, y), table.terms(x, x), table.terms(y, y)) : missing(status);
    }
  return result;
}

void MinibatchCka::add(const MatrixF& x, const MatrixF& y) {
  LACUNA_CHECK(x.rows() == y.rows());
  TermTable table;
  const Eigen::Index a = table.add(sideOf(x.cast<double>())), b = table.add(sideOf(y.cast<double>()));
  const Status status = inputStatus(table.side(a), table.side(b));
  m_tooFew |= status == Status::TooFew;
  m_nonFinite |= status == Status::NanInput;
  if (status != Status::Ok) return;
  const PairTerms terms = pairTerms(table, a, b);
  m_xy += terms.xy.hsic;
  m_xx += terms.xx.hsic;
  m_yy += terms.yy.hsic;
  ++m_batches;
}

Cka MinibatchCka::result() const {
  if (m_nonFinite) return missing(Status::NanInput);
  if (m_tooFew || m_batches == 0) return missing(Status::TooFew);
  if (!(m_xx > 0) || !(m_yy > 0)) return missing(Status::NotIdentified);
  Cka result;
  result.debiased = m_xy / std::sqrt(m_xx) / std::sqrt(m_yy);
  return result;
}

}  // namespace lacuna::similarity
