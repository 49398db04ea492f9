#include "plots/density_image.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "lacuna/base/run_context.h"

namespace lacuna::ui {
namespace {

struct Bin { std::int32_t count = 0, votes = 0, tone = toneMuted, strong = 0; };

/// Counts of a view's points in [rows, columns] bins. Bands of rows are counted side by side: every bin belongs to one of them.
class Bins {
 public:
  Bins(const CloudFigure& figure, const QRectF& view, QSize size)
      : m_figure(figure), m_view(view), m_size(size), m_bins(static_cast<std::size_t>(size.width()) * static_cast<std::size_t>(size.height())) {
    std::atomic<std::int32_t> most = 1;
    parallelFor(size.height(), 0, leastRows, [&](std::int64_t from, std::int64_t to) {
      const std::int32_t here = countBand(static_cast<int>(from), static_cast<int>(to));
      for (std::int32_t known = most; known < here && !most.compare_exchange_weak(known, here);) continue;
    });
    m_most = most;
  }
  const Bin* row(int row) const { return m_bins.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(m_size.width()); }
  std::int32_t most() const { return m_most; }       ///< points in the fullest bin, at least 1

  static constexpr std::int64_t leastRows = 24;

 private:
  std::int32_t countBand(int from, int to) {
    const auto perX = static_cast<float>(m_size.width() / m_view.width()), perY = static_cast<float>(m_size.height() / m_view.height());
    const auto left = static_cast<float>(m_view.left()), bottom = static_cast<float>(m_view.bottom());
    const auto width = static_cast<unsigned>(m_size.width()), rows = static_cast<unsigned>(to - from);
    Bin* const band = m_bins.data() + static_cast<std::size_t>(from) * width;
    const bool all = m_figure.selected.empty();
    const std::uint8_t* const selected = m_figure.selected.data();
    std::int32_t most = 0;
    const double one = m_view.height() / m_size.height();   // a row more on both sides: rounding is the test's below
    m_figure.points->eachRun(QRectF(QPointF(m_view.left(), m_view.bottom() - (to + 1) * one), QPointF(m_view.right(), m_view.bottom() - (from - 1) * one)),
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

  const CloudFigure& m_figure;
  QRectF m_view;
  QSize m_size;
  std::vector<Bin> m_bins;
  std::int32_t m_most = 1;
};

void paintRow(QRgb* line, const Bin* bins, int width, float scale, const PlotStyle& style, std::unordered_map<std::int32_t, QRgb>& colours) {
  for (int column = 0; column < width; ++column) {
    const Bin& bin = bins[column];
    if (bin.count == 0) continue;
    auto known = colours.find(bin.tone);
    if (known == colours.end()) known = colours.emplace(bin.tone, style.tone(bin.tone).rgb()).first;
    const float share = 0.35F + scale * std::log1p(static_cast<float>(bin.count));
    const int alpha = static_cast<int>(255 * (bin.strong ? share : 0.15F * share));
    line[column] = qPremultiply((known->second & 0x00FFFFFFU) | (static_cast<QRgb>(alpha) << 24));
  }
}

}  // namespace

QImage densityImage(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize size) {
  QImage image(size, QImage::Format_ARGB32_Premultiplied);
  image.fill(Qt::transparent);
  if (!figure.points || size.isEmpty() || view.isEmpty()) return image;
  const Bins bins(figure, view, size);
  const auto scale = static_cast<float>(0.65 / std::log1p(static_cast<double>(bins.most())));
  uchar* const pixels = image.bits();   // detached once, before others write
  parallelFor(size.height(), 0, Bins::leastRows, [&](std::int64_t from, std::int64_t to) {
    std::unordered_map<std::int32_t, QRgb> colours;
    for (std::int64_t row = from; row < to; ++row)
      paintRow(reinterpret_cast<QRgb*>(pixels + row * image.bytesPerLine()), bins.row(static_cast<int>(row)), size.width(), scale, style, colours);
  });
  return image;
}

const QImage& DensityCache::image(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize size) {
  if (m_image.size() != size || m_view != view || m_ground != style.ground) {
    m_image = densityImage(figure, style, view, size);
    m_view = view;
    m_ground = style.ground;
  }
  return m_image;
}

}  // namespace lacuna::ui
