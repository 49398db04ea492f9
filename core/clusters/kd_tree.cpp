#include "kd_tree.h"

#include <algorithm>
#include <numeric>

namespace lacuna::clusters {

namespace {

constexpr std::int32_t kLeafRows = 12;

}  // namespace

KdTree::KdTree(const MatrixD& x) : m_points(x.rows(), x.cols()), m_rows(static_cast<std::size_t>(x.rows())) {
  std::iota(m_rows.begin(), m_rows.end(), 0);
  if (x.rows() == 0) return;
  build(x, 0, static_cast<std::int32_t>(x.rows()));
  for (std::size_t i = 0; i < m_rows.size(); ++i) m_points.row(static_cast<Eigen::Index>(i)) = x.row(m_rows[i]);
}

void KdTree::boxAround(const MatrixD& x, std::int32_t begin, std::int32_t end) {
  const auto first = x.row(m_rows[static_cast<std::size_t>(begin)]);
  Eigen::RowVectorXd low = first, high = first;
  for (std::int32_t i = begin + 1; i < end; ++i) {
    low = low.cwiseMin(x.row(m_rows[static_cast<std::size_t>(i)]));
    high = high.cwiseMax(x.row(m_rows[static_cast<std::size_t>(i)]));
  }
  m_boxes.insert(m_boxes.end(), low.data(), low.data() + low.size());
  m_boxes.insert(m_boxes.end(), high.data(), high.data() + high.size());
}

std::int32_t KdTree::build(const MatrixD& x, std::int32_t begin, std::int32_t end) {
  const auto node = static_cast<std::int32_t>(m_nodes.size());
  m_nodes.push_back({begin, end, -1, -1});
  boxAround(x, begin, end);
  if (end - begin <= kLeafRows) return node;
  const Eigen::Index d = x.cols();
  const double* box = m_boxes.data() + static_cast<Eigen::Index>(node) * 2 * d;
  Eigen::Index widest = 0;
  for (Eigen::Index i = 1; i < d; ++i)
    if (box[d + i] - box[i] > box[d + widest] - box[widest]) widest = i;
  const std::int32_t middle = begin + (end - begin) / 2;
  std::nth_element(m_rows.begin() + begin, m_rows.begin() + middle, m_rows.begin() + end, [&](std::int32_t a, std::int32_t b) {
    return x(a, widest) != x(b, widest) ? x(a, widest) < x(b, widest) : a < b;
  });
  const std::int32_t left = build(x, begin, middle), right = build(x, middle, end);
  m_nodes[static_cast<std::size_t>(node)].left = left;
  m_nodes[static_cast<std::size_t>(node)].right = right;
  return node;
}

double KdTree::squaredToBox(const double* point, std::int32_t node) const {
  const Eigen::Index d = columns();
  const double* low = m_boxes.data() + static_cast<Eigen::Index>(node) * 2 * d;
  double sum = 0;
  for (Eigen::Index i = 0; i < d; ++i) {
    const double outside = std::max(0.0, std::max(low[i] - point[i], point[i] - low[d + i]));
    sum += outside * outside;
  }
  return sum;
}

void KdTree::search(std::int32_t index, const double* p, std::int32_t except, std::size_t k, std::vector<Neighbour>& heap) const {
  const Node& node = m_nodes[static_cast<std::size_t>(index)];
  if (node.left < 0) {
    for (std::int32_t i = node.begin; i < node.end; ++i) {
      const Neighbour found{squaredDistance(p, point(i), columns()), rowAt(i)};
      if (found.row == except || (heap.size() == k && !(found < heap.front()))) continue;
      if (heap.size() == k) {
        std::pop_heap(heap.begin(), heap.end());
        heap.pop_back();
      }
      heap.push_back(found);
      std::push_heap(heap.begin(), heap.end());
    }
    return;
  }
  const double left = squaredToBox(p, node.left), right = squaredToBox(p, node.right);
  const std::pair<double, std::int32_t> order[] = {{std::min(left, right), left <= right ? node.left : node.right},
                                                   {std::max(left, right), left <= right ? node.right : node.left}};
  for (const auto& [bound, child] : order)
    if (heap.size() < k || bound <= heap.front().squared) search(child, p, except, k, heap);
}

std::vector<Neighbour> KdTree::nearest(const double* p, int k, std::int32_t except) const {
  std::vector<Neighbour> heap;
  heap.reserve(static_cast<std::size_t>(k) + 1);
  if (size() > 0 && k > 0) search(0, p, except, static_cast<std::size_t>(k), heap);
  std::sort_heap(heap.begin(), heap.end());
  return heap;
}

}  // namespace lacuna::clusters
