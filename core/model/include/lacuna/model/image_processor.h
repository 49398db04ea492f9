#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "lacuna/files/image.h"
#include "lacuna/model/encoder.h"

namespace lacuna::model {

/// Resampling filters by PIL's numbers.
enum class Resample { Nearest = 0, Lanczos = 1, Bilinear = 2, Bicubic = 3, Box = 4, Hamming = 5 };

/// PIL's resize on 8-bit RGB, pixel for pixel: weights over a window of 2·support·max(scale, 1), rounded to 22 bits; first across, then
/// down, each pass rounded to 8 bits.
files::Image resizeAsPil(const files::Image& image, std::int64_t width, std::int64_t height, Resample filter);

/// BitImageProcessor of a preprocessor_config.json (formats.md 3.2): resize, crop in the middle, rescale, normalise.
class ImageProcessor {
 public:
  /// Throws LAC-1001 (no file), LAC-1002 (another processor, keys that do not make sense).
  static ImageProcessor read(const std::filesystem::path& folder);
  EncoderImage operator()(const files::Image& image) const;

 private:
  files::Image cropped(const files::Image& image) const;
  files::Image resized(const files::Image& image) const;

  bool m_resize = true, m_crop = true, m_rescale = true, m_normalise = true;
  std::int64_t m_shortest = 224, m_width = 0, m_height = 0;   ///< the short side, or (m_shortest 0) both
  std::int64_t m_cropWidth = 224, m_cropHeight = 224;
  Resample m_filter = Resample::Bicubic;
  double m_factor = 1.0 / 255;
  std::array<float, 3> m_mean{0.48145466F, 0.4578275F, 0.40821073F}, m_deviation{0.26862954F, 0.26130258F, 0.27577711F};
};

}  // namespace lacuna::model
