#include "rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lacuna::model {
namespace {

constexpr double pi = std::numbers::pi;

double llama3Frequency(const Rope& rope, double inverse) {
  const double wavelength = 2 * pi / inverse;
  if (wavelength > rope.originalPositions / rope.lowFrequency) return inverse / rope.factor;
  if (wavelength < rope.originalPositions / rope.highFrequency) return inverse;
  const double smooth = (rope.originalPositions / wavelength - rope.lowFrequency) / (rope.highFrequency - rope.lowFrequency);
  return (1 - smooth) * inverse / rope.factor + smooth * inverse;
}

/// Share of interpolation of every pair: 0 turns as trained, 1 is slowed by the factor.
std::vector<double> yarnRamp(const Rope& rope) {
  const double dims = static_cast<double>(rope.dims);
  const auto corrected = [&](double turns) {
    return dims * std::log(rope.originalPositions / (2 * pi * turns)) / (2 * std::log(rope.theta));
  };
  const double low = std::max(std::floor(corrected(rope.betaFast)), 0.0);
  double high = std::min(std::ceil(corrected(rope.betaSlow)), dims - 1);
  if (low == high) high += 0.001;
  std::vector<double> ramp;
  for (std::int64_t i = 0; i < rope.dims / 2; ++i)
    ramp.push_back(std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0));
  return ramp;
}

double effectiveTheta(const Rope& rope, std::int64_t length) {
  const double s = static_cast<double>(length), dims = static_cast<double>(rope.dims);
  if (rope.scaling != Rope::Scaling::Dynamic || s <= rope.originalPositions) return rope.theta;
  return rope.theta * std::pow(rope.factor * s / rope.originalPositions - (rope.factor - 1), dims / (dims - 2));
}

void fill(const Rope& rope, RopeTable& table, std::int64_t positions) {
  const std::size_t pairs = table.inverse.size();
  table.cosines.resize(static_cast<std::size_t>(positions) * pairs);
  table.sines.resize(table.cosines.size());
  const double scale = rope.scaling == Rope::Scaling::Yarn ? rope.attentionFactor : 1.0;
  for (std::int64_t p = table.positions; p < positions; ++p)
    for (std::size_t i = 0; i < pairs; ++i) {
      const float angle = static_cast<float>(p) * table.inverse[i];
      const std::size_t at = static_cast<std::size_t>(p) * pairs + i;
      table.cosines[at] = static_cast<float>(std::cos(static_cast<double>(angle)) * scale);
      table.sines[at] = static_cast<float>(std::sin(static_cast<double>(angle)) * scale);
    }
  table.positions = positions;
}

}  // namespace

std::vector<double> inverseFrequencies(const Rope& rope, std::int64_t length) {
  const double theta = effectiveTheta(rope, length);
  const std::vector<double> ramp = rope.scaling == Rope::Scaling::Yarn ? yarnRamp(rope) : std::vector<double>();
  std::vector<double> out;
  for (std::int64_t i = 0; i < rope.dims / 2; ++i) {
    const double inverse = std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(rope.dims));
    switch (rope.scaling) {
      case Rope::Scaling::None:
      case Rope::Scaling::Dynamic: out.push_back(inverse); break;
      case Rope::Scaling::Linear: out.push_back(inverse / rope.factor); break;
      case Rope::Scaling::Llama3: out.push_back(llama3Frequency(rope, inverse)); break;
      case Rope::Scaling::Yarn: {
        const double share = ramp[static_cast<std::size_t>(i)];
        out.push_back(inverse / rope.factor * share + inverse * (1 - share));
        break;
      }
    }
  }
  return out;
}

const RopeTable* RopeTables::prepare(std::int64_t length, std::int64_t positions) {
  if (m_rope.dims == 0) return nullptr;
  const bool stretched = m_rope.scaling == Rope::Scaling::Dynamic && static_cast<double>(length) > m_rope.originalPositions;
  RopeTable& table = m_tables[stretched ? length : 0];
  if (table.inverse.empty())
    for (const double inverse : inverseFrequencies(m_rope, length)) table.inverse.push_back(static_cast<float>(inverse));
  if (table.positions < positions) fill(m_rope, table, (positions + 127) / 128 * 128);
  return &table;
}

namespace {

/// Every pair (a, b) of every head becomes (a·cos − b·sin, b·cos + a·sin), with the sine's sign as given.
void turnPairs(const Rope& rope, const RopeTable& table, std::int64_t position, float* row, std::int64_t heads, std::int64_t headDim, float sign) {
  const std::int64_t pairs = rope.dims / 2;
  const float* const cosine = table.cosines.data() + position * pairs;
  const float* const sines = table.sines.data() + position * pairs;
  const std::int64_t step = rope.interleaved ? 2 : 1, apart = rope.interleaved ? 1 : pairs;
  for (std::int64_t h = 0; h < heads; ++h, row += headDim)
    for (std::int64_t i = 0; i < pairs; ++i) {
      const float first = row[i * step], second = row[i * step + apart], sine = sign * sines[i];
      row[i * step] = first * cosine[i] - second * sine;
      row[i * step + apart] = second * cosine[i] + first * sine;
    }
}

}  // namespace

void turn(const Rope& rope, const RopeTable& table, std::int64_t position, float* row, std::int64_t heads, std::int64_t headDim) {
  turnPairs(rope, table, position, row, heads, headDim, 1.0F);
}

void turnBack(const Rope& rope, const RopeTable& table, std::int64_t position, float* row, std::int64_t heads, std::int64_t headDim) {
  turnPairs(rope, table, position, row, heads, headDim, -1.0F);
}

}  // namespace lacuna::model
