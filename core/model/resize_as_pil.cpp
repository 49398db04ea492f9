#include <algorithm>
#include <cmath>

#include "lacuna/model/image_processor.h"

namespace lacuna::model {
namespace {

constexpr int bits = 22;   // of a weight's fraction

double sinc(double x) { return x == 0 ? 1.0 : std::sin(x * M_PI) / (x * M_PI); }

struct Filter {
  double support;
  double (*weight)(double x);
};

Filter filterOf(Resample filter) {
  switch (filter) {
    case Resample::Box: return {0.5, [](double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }};
    case Resample::Bilinear: return {1, [](double x) { return std::max(0.0, 1 - std::abs(x)); }};
    case Resample::Hamming:
      return {1, [](double x) { return std::abs(x) >= 1 ? 0.0 : sinc(std::abs(x)) * (0.54 + 0.46 * std::cos(std::abs(x) * M_PI)); }};
    case Resample::Lanczos: return {3, [](double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0.0; }};
    default: return {2, [](double x) {
      constexpr double a = -0.5;
      x = std::abs(x);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
    }};
  }
}

/// Inputs first, first + 1, … of one output, and their weights in units of 2⁻²².
struct Window {
  std::int64_t first = 0;
  std::vector<std::int32_t> weights;
};

std::vector<Window> windowsOf(std::int64_t inputs, std::int64_t outputs, Resample kind) {
  const Filter filter = filterOf(kind);
  const double scale = static_cast<double>(inputs) / static_cast<double>(outputs), widened = std::max(scale, 1.0), support = filter.support * widened;
  std::vector<Window> windows(static_cast<std::size_t>(outputs));
  for (std::int64_t out = 0; out < outputs; ++out) {
    Window& window = windows[static_cast<std::size_t>(out)];
    const double centre = (static_cast<double>(out) + 0.5) * scale;
    window.first = std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - support + 0.5));
    const auto last = std::min(inputs, static_cast<std::int64_t>(centre + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t i = window.first; i < last; ++i) {
      weights.push_back(filter.weight((static_cast<double>(i) - centre + 0.5) * (1 / widened)));
      sum += weights.back();
    }
    for (double weight : weights) {
      if (sum != 0) weight /= sum;
      window.weights.push_back(static_cast<std::int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << bits)));
    }
  }
  return windows;
}

std::uint8_t rounded(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> bits, 0, 255)); }

/// One output pixel from pixels `stride` bytes apart.
void mixPixel(const Window& window, const std::uint8_t* from, std::int64_t stride, std::uint8_t* to) {
  std::int32_t sums[3] = {1 << (bits - 1), 1 << (bits - 1), 1 << (bits - 1)};
  for (std::size_t i = 0; i < window.weights.size(); ++i) {
    const std::uint8_t* const pixel = from + (window.first + static_cast<std::int64_t>(i)) * stride;
    for (int c = 0; c < 3; ++c) sums[c] += pixel[c] * window.weights[i];
  }
  for (int c = 0; c < 3; ++c) to[c] = rounded(sums[c]);
}

files::Image across(const files::Image& image, std::int64_t width, Resample filter) {
  const std::vector<Window> windows = windowsOf(image.width, width, filter);
  files::Image out{width, image.height, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * image.height))};
  for (std::int64_t y = 0; y < image.height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      mixPixel(windows[static_cast<std::size_t>(x)], image.rgb.data() + y * 3 * image.width, 3, out.rgb.data() + 3 * (y * width + x));
  return out;
}

files::Image down(const files::Image& image, std::int64_t height, Resample filter) {
  const std::vector<Window> windows = windowsOf(image.height, height, filter);
  files::Image out{image.width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * image.width * height))};
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < image.width; ++x)
      mixPixel(windows[static_cast<std::size_t>(y)], image.rgb.data() + 3 * x, 3 * image.width, out.rgb.data() + 3 * (y * image.width + x));
  return out;
}

files::Image nearest(const files::Image& image, std::int64_t width, std::int64_t height) {
  files::Image out{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * height))};
  const auto source = [](std::int64_t at, std::int64_t inputs, std::int64_t outputs) {
    return static_cast<std::int64_t>((static_cast<double>(at) + 0.5) * (static_cast<double>(inputs) / static_cast<double>(outputs)));
  };
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      std::copy_n(image.rgb.data() + 3 * (source(y, image.height, height) * image.width + source(x, image.width, width)), 3,
                  out.rgb.data() + 3 * (y * width + x));
  return out;
}

}  // namespace

files::Image resizeAsPil(const files::Image& image, std::int64_t width, std::int64_t height, Resample filter) {
  if (width == image.width && height == image.height) return image;
  if (filter == Resample::Nearest) return nearest(image, width, height);
  const files::Image wide = width == image.width ? image : across(image, width, filter);
  return height == image.height ? wide : down(wide, height, filter);
}

}  // namespace lacuna::model
