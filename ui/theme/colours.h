#pragma once

#include <QColor>
#include <array>

namespace lacuna::ui {

/// Okabe & Ito's colour-blind safe palette, black left to text. Clusters take them in order, then again with another shape.
inline constexpr std::array<QRgb, 7> okabeIto{0xffE69F00, 0xff56B4E9, 0xff009E73, 0xffF0E442, 0xff0072B2, 0xffD55E00, 0xffCC79A7};

/// WCAG 2 relative luminance in [0, 1] and contrast ratio in [1, 21].
double luminance(const QColor& colour);
double contrast(const QColor& a, const QColor& b);

/// `base` with its lightness moved away from `ground`, hue kept, until the contrast reaches `ratio`.
QColor readable(const QColor& base, const QColor& ground, double ratio);

QColor mixed(const QColor& a, const QColor& b, double share);  ///< share of b, in sRGB

using ColourTable = std::array<QRgb, 256>;
enum class ColourMap { Sequential, Diverging, DivergingDark };  ///< DivergingDark: a dark middle, for the dark theme
/// Built once from anchors interpolated in Oklab, so that equal steps look equal.
const ColourTable& colourTable(ColourMap map);
/// t in [0, 1], clamped; NaN gives a transparent colour.
QRgb colourAt(ColourMap map, double t);

}  // namespace lacuna::ui
