#include <cmath>

#include "hsic.h"
#include "lacuna/base/error.h"
#include "lacuna/similarity/similarity.h"
#include "products.h"

namespace lacuna::similarity {

using statistics::Status;

Side sideOf(const MatrixD& x) {
  Side side;
  side.finite = x.allFinite();
  if (x.rows() == 0) return side;
  side.centred = x.rowwise() - x.colwise().mean();
  side.norms = side.centred.rowwise().squaredNorm();
  // A constant matrix leaves only the rounding of its mean: that is no variance.
  if (side.finite && side.norms.sum() <= 1e-26 * x.squaredNorm()) {
    side.centred.setZero();
    side.norms.setZero();
  }
  return side;
}

double crossNorm(const Side& x, const Side& y) {
  LACUNA_CHECK(x.norms.size() == y.norms.size());
  const double n = static_cast<double>(x.norms.size()), dx = static_cast<double>(x.centred.cols()), dy = static_cast<double>(y.centred.cols());
  // Σ K∘L equals ‖XᵀY‖²; for wide states two n×n Gram matrices are less work than one dx×dy product.
  if (n * (dx + dy) < dx * dy) return gram(x.centred).cwiseProduct(gram(y.centred)).sum();
  return squaredNormOfProduct(x.centred, y.centred);
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

Terms termsOf(const Side& x, const Side& y) {
  const double norm = crossNorm(x, y);
  return {norm, unbiased(norm, x, y)};
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

std::vector<Side> sidesOf(std::span<const MatrixF> states) {
  std::vector<Side> sides;
  for (const MatrixF& x : states) sides.push_back(sideOf(x.cast<double>()));
  return sides;
}

std::vector<Terms> ownTerms(const std::vector<Side>& sides) {
  std::vector<Terms> terms;
  for (const Side& side : sides) terms.push_back(inputStatus(side, side) == Status::Ok ? termsOf(side, side) : Terms{});
  return terms;
}

}  // namespace

double hsic1(const MatrixD& x, const MatrixD& y) {
  LACUNA_CHECK(x.rows() == y.rows());
  const Side a = sideOf(x), b = sideOf(y);
  return inputStatus(a, b) == Status::Ok ? termsOf(a, b).hsic : statistics::kMissing;
}

Cka linearCka(const MatrixF& x, const MatrixF& y) { return linearCkaMatrix(std::span(&x, 1), std::span(&y, 1))[0][0]; }

std::vector<std::vector<Cka>> linearCkaMatrix(std::span<const MatrixF> a, std::span<const MatrixF> b) {
  const auto sidesA = sidesOf(a), sidesB = sidesOf(b);
  const auto ownA = ownTerms(sidesA), ownB = ownTerms(sidesB);
  std::vector<std::vector<Cka>> result(a.size(), std::vector<Cka>(b.size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) {
      LACUNA_CHECK(a[i].rows() == b[j].rows());
      const Status status = inputStatus(sidesA[i], sidesB[j]);
      result[i][j] = status == Status::Ok ? ratio(termsOf(sidesA[i], sidesB[j]), ownA[i], ownB[j]) : missing(status);
    }
  return result;
}

void MinibatchCka::add(const MatrixF& x, const MatrixF& y) {
  LACUNA_CHECK(x.rows() == y.rows());
  const Side a = sideOf(x.cast<double>()), b = sideOf(y.cast<double>());
  const Status status = inputStatus(a, b);
  m_tooFew |= status == Status::TooFew;
  m_nonFinite |= status == Status::NanInput;
  if (status != Status::Ok) return;
  m_xy += termsOf(a, b).hsic;
  m_xx += termsOf(a, a).hsic;
  m_yy += termsOf(b, b).hsic;
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
