#include <algorithm>

#include "lacuna/algebra/algebra.h"
#include "spanning_tree.h"
#include "tile_neighbours.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kBlockRows = 128, kBlockColumns = 2048;
constexpr int kListed = 32;

/// Links over many columns: a list of near neighbours for every row answers most questions; rows whose list lies within their own
/// component, and could still hold its least link, are compared with all others by blocked products.
class ProductLinks final : public LinkSearch {
 public:
  ProductLinks(const MatrixD& x, const RunContext& context) : m_x(x.rowwise() - x.colwise().mean()), m_context(context), m_half(x.rows()) {
    m_half = m_x.rowwise().squaredNorm() / 2;
  }

  std::vector<double> coreSquared(int minSamples) override {
    m_listed = static_cast<int>(std::min<Eigen::Index>(std::max(kListed, minSamples), m_x.rows() - 1));
    m_lists = tileNeighbours(m_x, m_listed, m_context);
    std::vector<double> core(static_cast<std::size_t>(m_x.rows()));
    for (std::size_t i = 0; i < core.size(); ++i) core[i] = list(i)[minSamples - 1].squared;
    return core;
  }

  std::vector<Link> leastLinks(const std::vector<std::int32_t>& component, std::int32_t count, const std::vector<double>& core) override {
    std::vector<Link> least(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < core.size(); ++i) offer(least[static_cast<std::size_t>(component[i])], fromList(i, component, core));
    const std::vector<std::int32_t> open = openRows(component, core, least);
    const std::vector<Link> found = compareWithAll(open, component, core);
    for (std::size_t i = 0; i < open.size(); ++i) offer(least[static_cast<std::size_t>(component[static_cast<std::size_t>(open[i])])], found[i]);
    return least;
  }

 private:
  const Neighbour* list(std::size_t row) const { return m_lists.data() + row * static_cast<std::size_t>(m_listed); }

  static void offer(Link& least, const Link& link) {
    if (link.found() && (!least.found() || link < least)) least = link;
  }

  Link linkOf(std::int32_t a, std::int32_t b, double squared, const std::vector<double>& core) const {
    return {std::max({squared, core[static_cast<std::size_t>(a)], core[static_cast<std::size_t>(b)]}), squared, std::min(a, b), std::max(a, b)};
  }

  Link fromList(std::size_t row, const std::vector<std::int32_t>& component, const std::vector<double>& core) const {
    Link best;
    for (int k = 0; k < m_listed; ++k) {
      const Neighbour& n = list(row)[k];
      if (best.found() && n.squared > best.reach) break;
      if (component[static_cast<std::size_t>(n.row)] != component[row]) offer(best, linkOf(static_cast<std::int32_t>(row), n.row, n.squared, core));
    }
    return best;
  }

  /// Rows that may have a better link than their component's best beyond the end of their list.
  std::vector<std::int32_t> openRows(const std::vector<std::int32_t>& component, const std::vector<double>& core, const std::vector<Link>& least) const {
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < core.size(); ++i) {
      const Link& best = least[static_cast<std::size_t>(component[i])];
      if (!best.found() || std::max(core[i], list(i)[m_listed - 1].squared) <= best.reach) rows.push_back(static_cast<std::int32_t>(i));
    }
    return rows;
  }

  std::vector<Link> compareWithAll(const std::vector<std::int32_t>& rows, const std::vector<std::int32_t>& component, const std::vector<double>& core) const {
    std::vector<Link> found(rows.size());
    const auto blocks = (static_cast<Eigen::Index>(rows.size()) + kBlockRows - 1) / kBlockRows;
    const algebra::SerialBlas guard;
    parallelFor(blocks, m_context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      MatrixD own(kBlockRows, m_x.cols()), products(kBlockRows, kBlockColumns);
      for (std::int64_t block = begin; block < end; ++block) {
        m_context.checkpoint();
        const Eigen::Index first = block * kBlockRows, count = std::min(kBlockRows, static_cast<Eigen::Index>(rows.size()) - first);
        for (Eigen::Index r = 0; r < count; ++r) own.row(r) = m_x.row(rows[static_cast<std::size_t>(first + r)]);
        for (Eigen::Index c = 0; c < m_x.rows(); c += kBlockColumns) {
          const Eigen::Index columns = std::min(kBlockColumns, m_x.rows() - c);
          algebra::multiplyTransposed(own.data(), m_x.row(c).data(), products.data(), count, columns, m_x.cols());
          for (Eigen::Index r = 0; r < count; ++r)
            scan(rows[static_cast<std::size_t>(first + r)], c, columns, products.data() + r * columns, component, core, found[static_cast<std::size_t>(first + r)]);
        }
      }
    });
    return found;
  }

  void scan(std::int32_t row, Eigen::Index firstColumn, Eigen::Index columns, const double* products, const std::vector<std::int32_t>& component,
            const std::vector<double>& core, Link& best) const {
    const auto own = static_cast<std::size_t>(row);
    for (Eigen::Index c = 0; c < columns; ++c) {
      const auto other = static_cast<std::size_t>(firstColumn + c);
      const double about = 2 * (m_half[row] + m_half[firstColumn + c] - products[c]);   // exact enough to pass over what is far
      if (best.found() && std::max({about * (1 - 1e-9), core[own], core[other]}) > best.reach) continue;
      if (component[other] == component[own]) continue;
      offer(best, linkOf(row, static_cast<std::int32_t>(other), squaredDistance(m_x.row(row).data(), m_x.row(firstColumn + c).data(), m_x.cols()), core));
    }
  }

  MatrixD m_x;
  const RunContext& m_context;
  VectorD m_half;
  int m_listed = 0;
  std::vector<Neighbour> m_lists;
};

}  // namespace

std::unique_ptr<LinkSearch> productSearch(const MatrixD& x, const RunContext& context) { return std::make_unique<ProductLinks>(x, context); }

}  // namespace lacuna::clusters
