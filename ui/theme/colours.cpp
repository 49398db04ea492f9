#include "theme/colours.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace lacuna::ui {
namespace {

double linear(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double encoded(double channel) {
  const double c = std::clamp(channel, 0.0, 1.0);
  return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
}

/// Björn Ottosson's Oklab: a perceptual space with simple formulas.
struct Oklab {
  double l = 0, a = 0, b = 0;
};

Oklab toOklab(const QColor& colour) {
  const double r = linear(colour.redF()), g = linear(colour.greenF()), b = linear(colour.blueF());
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

QColor fromOklab(const Oklab& c) {
  const double l = std::pow(c.l + 0.3963377774 * c.a + 0.2158037573 * c.b, 3);
  const double m = std::pow(c.l - 0.1055613458 * c.a - 0.0638541728 * c.b, 3);
  const double s = std::pow(c.l - 0.0894841775 * c.a - 1.2914855480 * c.b, 3);
  return QColor::fromRgbF(static_cast<float>(encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)),
                          static_cast<float>(encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)),
                          static_cast<float>(encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)));
}

ColourTable interpolated(std::span<const QRgb> anchors) {
  std::vector<Oklab> points;
  for (const QRgb anchor : anchors) points.push_back(toOklab(QColor(anchor)));
  ColourTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double position = static_cast<double>(i) / (table.size() - 1) * static_cast<double>(points.size() - 1);
    const auto left = std::min(static_cast<std::size_t>(position), points.size() - 2);
    const double t = position - static_cast<double>(left);
    const Oklab &a = points[left], &b = points[left + 1];
    table[i] = fromOklab({a.l + t * (b.l - a.l), a.a + t * (b.a - a.a), a.b + t * (b.b - a.b)}).rgb();
  }
  return table;
}

constexpr std::array<QRgb, 11> viridisAnchors{0xff440154, 0xff482475, 0xff414487, 0xff355f8d, 0xff2a788e, 0xff21918c,
                                              0xff22a884, 0xff44bf70, 0xff7ad151, 0xffbddf26, 0xfffde725};
constexpr std::array<QRgb, 9> vikAnchors{0xff0b2b5b, 0xff1f5f9c, 0xff5f9dcb, 0xffb3d3e8, 0xfff6f4f1,
                                         0xfff2cba6, 0xffdd8f4b, 0xffb1560f, 0xff672c04};
constexpr std::array<QRgb, 9> vikDarkAnchors{0xffa9d6f7, 0xff66acdf, 0xff33719f, 0xff26435a, 0xff24282e,
                                             0xff563c26, 0xff9a5f22, 0xffdf9247, 0xffffd3a3};

}  // namespace

double luminance(const QColor& colour) {
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor readable(const QColor& base, const QColor& ground, double ratio) {
  const double step = luminance(ground) > 0.18 ? -0.01 : 0.01;
  Oklab lab = toOklab(base);
  QColor colour = base;
  while (contrast(colour, ground) < ratio && lab.l > 0.05 && lab.l < 0.99) {
    lab.l += step;
    colour = fromOklab(lab);
  }
  return colour;
}

QColor mixed(const QColor& a, const QColor& b, double share) {
  const auto blend = [share](int x, int y) { return static_cast<int>(std::lround(x + share * (y - x))); };
  return QColor(blend(a.red(), b.red()), blend(a.green(), b.green()), blend(a.blue(), b.blue()));
}

const ColourTable& colourTable(ColourMap map) {
  static const ColourTable sequential = interpolated(viridisAnchors);
  static const ColourTable diverging = interpolated(vikAnchors);
  static const ColourTable divergingDark = interpolated(vikDarkAnchors);
  if (map == ColourMap::Sequential) return sequential;
  return map == ColourMap::Diverging ? diverging : divergingDark;
}

QRgb colourAt(ColourMap map, double t) {
  if (std::isnan(t)) return 0;
  return colourTable(map)[static_cast<std::size_t>(std::lround(std::clamp(t, 0.0, 1.0) * 255))];
}

}  // namespace lacuna::ui
