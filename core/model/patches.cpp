#include "patches.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lacuna::model {
namespace {

/// Weights of the inputs first, first + 1, … of one output.
struct Taps {
  std::vector<std::int64_t> inputs;
  std::vector<double> weights;
};

/// Keys' cubic convolution kernel.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

Taps plainTaps(std::int64_t out, std::int64_t inputs, double scale) {
  const double at = (static_cast<double>(out) + 0.5) * scale - 0.5;
  const auto before = static_cast<std::int64_t>(std::floor(at));
  Taps taps;
  for (std::int64_t i = before - 1; i <= before + 2; ++i) {
    taps.inputs.push_back(std::clamp<std::int64_t>(i, 0, inputs - 1));
    taps.weights.push_back(cubic(at - static_cast<double>(i), -0.75));
  }
  return taps;
}

Taps wideTaps(std::int64_t out, std::int64_t inputs, double scale) {
  const double widened = std::max(scale, 1.0), support = 2 * widened, centre = (static_cast<double>(out) + 0.5) * scale;
  const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - support + 0.5));
  const auto last = std::min(inputs, static_cast<std::int64_t>(centre + support + 0.5));
  Taps taps;
  double sum = 0;
  for (std::int64_t i = first; i < last; ++i) {
    taps.inputs.push_back(i);
    taps.weights.push_back(cubic((static_cast<double>(i) - centre + 0.5) / widened, -0.5));
    sum += taps.weights.back();
  }
  for (double& weight : taps.weights) weight /= sum;
  return taps;
}

std::vector<Taps> allTaps(std::int64_t inputs, std::int64_t outputs, bool antialias) {
  const double scale = static_cast<double>(inputs) / static_cast<double>(outputs);
  std::vector<Taps> taps;
  for (std::int64_t out = 0; out < outputs; ++out) taps.push_back(antialias ? wideTaps(out, inputs, scale) : plainTaps(out, inputs, scale));
  return taps;
}

/// Mixes `length` floats of the inputs, `stride` apart, into one output.
void mix(const Taps& taps, const float* from, std::int64_t stride, std::int64_t length, float* to) {
  for (std::int64_t c = 0; c < length; ++c) {
    double sum = 0;
    for (std::size_t i = 0; i < taps.inputs.size(); ++i) sum += taps.weights[i] * static_cast<double>(from[taps.inputs[i] * stride + c]);
    to[c] = static_cast<float>(sum);
  }
}

/// The patch at (row, column) as the projection reads it: [channels, size, size].
void gatherPatch(const EncoderImage& image, std::int64_t size, std::int64_t row, std::int64_t column, float* out) {
  for (std::int64_t c = 0; c < image.channels; ++c)
    for (std::int64_t y = 0; y < size; ++y, out += size)
      std::memcpy(out, image.pixels.data() + (c * image.height + row * size + y) * image.width + column * size,
                  static_cast<std::size_t>(size) * sizeof(float));
}

}  // namespace

std::vector<float> resizedGrid(const float* table, std::int64_t side, std::int64_t height, std::int64_t width, std::int64_t channels, bool antialias) {
  const std::vector<Taps> across = allTaps(side, width, antialias), down = allTaps(side, height, antialias);
  std::vector<float> rows(static_cast<std::size_t>(side * width * channels)), out(static_cast<std::size_t>(height * width * channels));
  for (std::int64_t y = 0; y < side; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      mix(across[static_cast<std::size_t>(x)], table + y * side * channels, channels, channels, rows.data() + (y * width + x) * channels);
  for (std::int64_t y = 0; y < height; ++y)
    mix(down[static_cast<std::size_t>(y)], rows.data(), width * channels, width * channels, out.data() + y * width * channels);
  return out;
}

std::int64_t imageTokens(const EncoderNetwork& network, const EncoderImage& image) {
  const std::int64_t size = network.patches.size;
  return 1 + network.patches.registers + (image.height / size) * (image.width / size);
}

void embedImage(const EncoderNetwork& network, const EncoderImage& image, float* x) {
  const PatchEmbedding& patches = network.patches;
  const std::int64_t width = network.width, rows = image.height / patches.size, columns = image.width / patches.size;
  const std::int64_t side = std::llround(std::sqrt(static_cast<double>(network.positions - 1)));
  const float* const positions = network.positionTable.data();
  for (std::int64_t i = 0; i < width; ++i) x[i] = patches.classToken[static_cast<std::size_t>(i)] + positions[i];
  std::copy(patches.registerTokens.begin(), patches.registerTokens.end(), x + width);

  AlignedFloats gathered(rows * columns * patches.projection.inputs());
  for (std::int64_t p = 0; p < rows * columns; ++p)
    gatherPatch(image, patches.size, p / columns, p % columns, gathered.data() + p * patches.projection.inputs());
  const bool asStored = rows * columns == side * side && image.height == image.width;
  const std::vector<float> grid = asStored ? std::vector<float>(positions + width, positions + network.positions * width)
                                           : resizedGrid(positions + width, side, rows, columns, width, patches.antialias);
  apply(patches.projection, {.x = gathered.data(), .y = x + (1 + patches.registers) * width, .rows = rows * columns, .addend = grid.data()});
}

}  // namespace lacuna::model
