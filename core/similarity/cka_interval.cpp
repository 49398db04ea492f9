#include <cmath>

#include "hsic.h"
#include "lacuna/base/error.h"
#include "lacuna/similarity/similarity.h"
#include "lacuna/statistics/distributions.h"
#include "products.h"

namespace lacuna::similarity {

using statistics::Estimate;
using statistics::Status;

namespace {

MatrixD zeroDiagonalGram(const Side& side) {
  MatrixD k = gram(side.centred);
  k.diagonal().setZero();
  return k;
}

// HSIC1 of all rows and of all rows but one, for every row.
struct Jackknifed { double all = 0; VectorD without; };

double hsicFrom(double n, double products, double sumK, double sumL, double rows) {
  return (products + sumK * sumL / ((n - 1) * (n - 2)) - 2 / (n - 2) * rows) / (n * (n - 3));
}

// Removing row i takes K_ij from every row sum j: all n values cost O(n²), as one does.
Jackknifed jackknifed(const MatrixD& k, const MatrixD& l) {
  const Eigen::Index n = k.rows();
  const VectorD rowsK = k.rowwise().sum(), rowsL = l.rowwise().sum(), rowsKL = k.cwiseProduct(l).rowwise().sum();
  const double sumK = rowsK.sum(), sumL = rowsL.sum(), products = rowsKL.sum(), count = static_cast<double>(n);
  Jackknifed result{hsicFrom(count, products, sumK, sumL, rowsK.dot(rowsL)), VectorD(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    const double rows = (rowsK.transpose() - k.row(i)).dot(rowsL.transpose() - l.row(i)) - rowsK(i) * rowsL(i);
    result.without(i) = hsicFrom(count - 1, products - 2 * rowsKL(i), sumK - 2 * rowsK(i), sumL - 2 * rowsL(i), rows);
  }
  return result;
}

}  // namespace

Estimate ckaInterval(const MatrixF& x, const MatrixF& y, double level) {
  LACUNA_CHECK(x.rows() == y.rows());
  Estimate result;
  result.level = level;
  result.n = result.groups = x.rows();
  result.method = "jackknife";
  const Cka cka = linearCka(x, y);
  result.value = cka.debiased;
  result.status = cka.status;
  if (cka.status != Status::Ok) return result;
  if (x.rows() < 8) {
    result.status = Status::TooFew;
    return result;
  }
  const MatrixD k = zeroDiagonalGram(sideOf(x.cast<double>())), l = zeroDiagonalGram(sideOf(y.cast<double>()));
  const Jackknifed kl = jackknifed(k, l), kk = jackknifed(k, k), ll = jackknifed(l, l);
  const VectorD values = kl.without.array() / (kk.without.array() * ll.without.array()).sqrt();
  if (!values.allFinite()) {
    result.status = Status::NotIdentified;
    return result;
  }
  const double n = static_cast<double>(x.rows());
  result.se = std::sqrt((n - 1) / n * (values.array() - values.mean()).square().sum());
  const double half = statistics::tQuantile(0.5 + level / 2, n - 1) * result.se;
  result.low = result.value - half;
  result.high = result.value + half;
  return result;
}

}  // namespace lacuna::similarity
