#pragma once

#include <cstdint>
#include <vector>

namespace lacuna::ui {

/// [rows, columns] float32, row-major; NaN = not computed.
struct Grid {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;
  float at(std::int64_t row, std::int64_t column) const { return values[static_cast<std::size_t>(row * columns + column)]; }
};

/// The part of a grid that a picture shows, in cells: cell c covers [c, c+1).
struct GridWindow {
  double firstColumn = 0, lastColumn = 0, firstRow = 0, lastRow = 0;
};

/// Signed max-|x| pooling of the window to `width` × `height` pixels: every cell of the window belongs to a pixel, and the pixel
/// shows the value farthest from 0, with its sign. A single hot neuron among 14,336 therefore stays visible, where sampling shows
/// none. A pixel is NaN only where all its cells are.
Grid poolMaxAbs(const Grid& grid, const GridWindow& window, int width, int height);

}  // namespace lacuna::ui
