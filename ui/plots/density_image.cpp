#include "plots/density_image.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace lacuna::ui {
namespace {

struct Bin { std::int32_t count = 0, votes = 0, tone = toneMuted, strong = 0; };

struct Bins {
  std::vector<Bin> bins;
  std::int32_t most = 1;
};

Bins binned(const CloudFigure& figure, const QRectF& view, QSize size) {
  const CloudPoints& points = *figure.points;
  Bins out{std::vector<Bin>(static_cast<std::size_t>(size.width()) * static_cast<std::size_t>(size.height()))};
  const auto perX = static_cast<float>(size.width() / view.width()), perY = static_cast<float>(size.height() / view.height());
  const auto left = static_cast<float>(view.left()), bottom = static_cast<float>(view.bottom());
  const float *x = points.x().data(), *y = points.y().data();
  const auto width = static_cast<float>(size.width()), height = static_cast<float>(size.height());
  const bool all = figure.selected.empty();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const float column = (x[i] - left) * perX, row = (bottom - y[i]) * perY;
    if (!(column >= 0 && row >= 0 && column < width && row < height)) continue;
    Bin& bin = out.bins[static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width()) + static_cast<std::size_t>(column)];
    out.most = std::max(out.most, ++bin.count);
    bin.strong |= all || figure.selected[i];
    if (bin.votes == 0) bin.tone = points.tone()[i];
    bin.votes += bin.tone == points.tone()[i] ? 1 : -1;
  }
  return out;
}

}  // namespace

QImage densityImage(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize size) {
  QImage image(size, QImage::Format_ARGB32);
  image.fill(Qt::transparent);
  if (!figure.points || size.isEmpty() || view.isEmpty()) return image;
  const Bins data = binned(figure, view, size);
  std::unordered_map<std::int32_t, QRgb> colours;
  const auto scale = static_cast<float>(0.65 / std::log1p(static_cast<double>(data.most)));
  for (int row = 0; row < size.height(); ++row) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
    const Bin* bins = data.bins.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width());
    for (int column = 0; column < size.width(); ++column) {
      const Bin& bin = bins[column];
      if (bin.count == 0) continue;
      auto known = colours.find(bin.tone);
      if (known == colours.end()) known = colours.emplace(bin.tone, style.tone(bin.tone).rgb()).first;
      const float share = 0.35F + scale * std::log1p(static_cast<float>(bin.count));
      const int alpha = static_cast<int>(255 * (bin.strong ? share : 0.15F * share));
      line[column] = (known->second & 0x00FFFFFFU) | (static_cast<QRgb>(alpha) << 24);
    }
  }
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
