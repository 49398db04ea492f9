#include "plots/density_image.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "lacuna/base/run_context.h"

namespace lacuna::ui {
namespace {

constexpr std::int64_t leastRows = 24;   // of a band

}  // namespace

/// Empties the bins of some rows and counts their points; gives the most in one bin.
std::int32_t DensityImage::countBand(const CloudFigure& figure, const QRectF& view, QSize bins, int from, int to) {
  const auto perX = static_cast<float>(bins.width() / view.width()), perY = static_cast<float>(bins.height() / view.height());
  const auto left = static_cast<float>(view.left()), bottom = static_cast<float>(view.bottom());
  const auto width = static_cast<unsigned>(bins.width()), rows = static_cast<unsigned>(to - from);
  Bin* const band = m_bins.data() + static_cast<std::size_t>(from) * width;
  std::fill_n(band, static_cast<std::size_t>(rows) * width, Bin());
  const bool all = figure.selected.empty();
  const std::uint8_t* const selected = figure.selected.data();
  std::int32_t most = 0;
  const double one = view.height() / bins.height();   // a row more on both sides: rounding is the test's below
  figure.points->eachRun(QRectF(QPointF(view.left(), view.bottom() - (to + 1) * one), QPointF(view.right(), view.bottom() - (from - 1) * one)),
                         [&](const CloudPoints::Placed* run, std::size_t count) {
    for (const CloudPoints::Placed* p = run; p < run + count; ++p) {
      // + 1 − 1: what lies left or above by less than a bin is not rounded into the first one; below it wraps and is out as well
      const auto column = static_cast<unsigned>(static_cast<int>((p->x - left) * perX + 1) - 1);
      const auto row = static_cast<unsigned>(static_cast<int>((bottom - p->y) * perY + 1) - 1 - from);
      if (column >= width || row >= rows) continue;
      Bin& bin = band[row * width + column];
      const std::int32_t votes = bin.votes, tone = votes == 0 ? p->tone : bin.tone;
      most = std::max(most, ++bin.count);
      bin.tone = tone;
      bin.votes = votes + (tone == p->tone ? 1 : -1);
      bin.strong |= all || selected[p->point];
    }
  });
  return most;
}

void DensityImage::paintBand(const PlotStyle& style, QSize bins, int side, Ink strength, int from, int to) {
  std::unordered_map<std::int32_t, QRgb> colours;
  const auto lineBytes = static_cast<std::size_t>(m_image.bytesPerLine());
  for (int row = from; row < to; ++row) {
    uchar* const first = m_pixels + static_cast<std::size_t>(row) * static_cast<std::size_t>(side) * lineBytes;
    auto* pixel = reinterpret_cast<QRgb*>(first);
    const Bin* bin = m_bins.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(bins.width());
    for (int column = 0; column < bins.width(); ++column, ++bin) {
      QRgb ink = 0;
      if (bin->count > 0) {
        auto known = colours.find(bin->tone);
        if (known == colours.end()) known = colours.emplace(bin->tone, style.tone(bin->tone).rgb()).first;
        const float share = strength.least + strength.scale * std::log1p(static_cast<float>(bin->count));
        const int alpha = static_cast<int>(255 * (bin->strong ? share : 0.15F * share));
        ink = qPremultiply((known->second & 0x00FFFFFFU) | (static_cast<QRgb>(alpha) << 24));
      }
      for (int k = 0; k < side; ++k) *pixel++ = ink;
    }
    for (int k = 1; k < side; ++k) std::memcpy(first + static_cast<std::size_t>(k) * lineBytes, first, lineBytes);
  }
}

const QImage& DensityImage::draw(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize bins, int side) {
  if (m_image.size() != bins * side) m_image = QImage(bins * side, QImage::Format_ARGB32_Premultiplied);
  if (!figure.points || bins.isEmpty() || view.isEmpty()) {
    m_image.fill(Qt::transparent);
    return m_image;
  }
  m_bins.resize(static_cast<std::size_t>(bins.width()) * static_cast<std::size_t>(bins.height()));
  std::atomic<std::int32_t> most = 1;
  parallelFor(bins.height(), 0, leastRows, [&](std::int64_t from, std::int64_t to) {
    const std::int32_t here = countBand(figure, view, bins, static_cast<int>(from), static_cast<int>(to));
    for (std::int32_t known = most; known < here && !most.compare_exchange_weak(known, here);) continue;
  });
  m_pixels = m_image.bits();   // detached once, before others write
  // A lone point of few has to be seen; one of a million has to leave room above it.
  const double least = 0.35 + 0.35 * std::max(0.0, 1 - static_cast<double>(figure.points->size()) / 200000);
  const Ink strength{static_cast<float>(least), static_cast<float>((1 - least) / std::log1p(static_cast<double>(most)))};
  parallelFor(bins.height(), 0, leastRows, [&](std::int64_t from, std::int64_t to) { paintBand(style, bins, side, strength, static_cast<int>(from), static_cast<int>(to)); });
  return m_image;
}

const QImage& DensityCache::image(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize bins, int side) {
  if (!m_drawn || m_drawn->size() != bins * side || m_bins != bins || m_view != view || m_ground != style.ground) {
    m_drawn = &m_density.draw(figure, style, view, bins, side);
    m_bins = bins;
    m_view = view;
    m_ground = style.ground;
  }
  return *m_drawn;
}

}  // namespace lacuna::ui
