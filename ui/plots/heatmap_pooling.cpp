#include "plots/heatmap_pooling.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lacuna::ui {
namespace {

struct Span {
  std::int64_t begin = 0, end = 0;
};

/// Which cells each pixel shows: neighbouring spans touch when cells are smaller than pixels, else the cell under the centre.
std::vector<Span> pixelSpans(double first, double last, int pixels, std::int64_t cells) {
  std::vector<Span> spans(static_cast<std::size_t>(pixels));
  const double step = (last - first) / pixels;
  const auto clampCell = [cells](double x) { return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(x)), 0, cells - 1); };
  for (int i = 0; i < pixels; ++i) {
    Span& span = spans[static_cast<std::size_t>(i)];
    if (step <= 1) {
      span.begin = clampCell(first + (i + 0.5) * step);
      span.end = span.begin + 1;
    } else {
      span.begin = clampCell(first + i * step);
      const double edge = first + (i + 1) * step;
      span.end = i + 1 == pixels ? clampCell(std::ceil(edge) - 1) + 1 : std::max(span.begin + 1, clampCell(edge));
    }
  }
  return spans;
}

float fartherFromZero(float a, float b) {
  if (std::isnan(a)) return b;
  return std::isnan(b) || std::abs(a) >= std::abs(b) ? a : b;
}

}  // namespace

Grid poolMaxAbs(const Grid& grid, const GridWindow& window, int width, int height) {
  Grid out{height, width, {}};
  out.values.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), std::numeric_limits<float>::quiet_NaN());
  if (grid.rows == 0 || grid.columns == 0 || width <= 0 || height <= 0) return out;
  const std::vector<Span> columns = pixelSpans(window.firstColumn, window.lastColumn, width, grid.columns);
  const std::vector<Span> rows = pixelSpans(window.firstRow, window.lastRow, height, grid.rows);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    float* target = out.values.data() + y * static_cast<std::size_t>(width);
    if (y > 0 && rows[y].begin == rows[y - 1].begin && rows[y].end == rows[y - 1].end) {
      std::copy_n(target - width, width, target);
      continue;
    }
    for (std::int64_t row = rows[y].begin; row < rows[y].end; ++row) {
      const float* source = grid.values.data() + row * grid.columns;
      for (std::size_t x = 0; x < columns.size(); ++x)
        for (std::int64_t c = columns[x].begin; c < columns[x].end; ++c) target[x] = fartherFromZero(target[x], source[c]);
    }
  }
  return out;
}

}  // namespace lacuna::ui
