#pragma once

#include <cstdint>
#include <vector>

#include "encoder_network.h"
#include "lacuna/model/encoder.h"

namespace lacuna::model {

/// Tokens of an image: class token, registers, patches (sides cut to multiples of the patch).
std::int64_t imageTokens(const EncoderNetwork& network, const EncoderImage& image);
/// Class token, registers and patches with their positions: [imageTokens, width].
void embedImage(const EncoderNetwork& network, const EncoderImage& image, float* x);

/// A square table of positions [side·side, width] at another size, bicubic, corners not aligned (formats.md 3.2): with antialias the
/// kernel of −½ widens with the scale, its weights made to sum to 1; without, the kernel of −¾ over four clamped neighbours.
std::vector<float> resizedGrid(const float* table, std::int64_t side, std::int64_t height, std::int64_t width, std::int64_t channels, bool antialias);

}  // namespace lacuna::model
