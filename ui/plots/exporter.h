#pragma once

#include <QString>
#include <filesystem>
#include <string>
#include <vector>

#include "plots/plot_base.h"

namespace lacuna::ui {

/// Size and fonts of a figure: 1 px = 1 pt in every format.
struct FigureSpec {
  QString preset;                    ///< "icml-1col"; its name, for captions
  int width = 234, height = 145;     ///< pt
  int baseFont = 8, tickFont = 6;
  int dpi = 300;                     ///< PNG only
};
/// Venue presets by name (E-3): icml-1col, icml-2col, neurips, neurips-half, iclr, aaai-1col, aaai-2col, tmlr, jmlr, slide.
const std::vector<FigureSpec>& figurePresets();
FigureSpec figurePreset(const QString& name);   ///< throws LAC-4101 when there is none of that name

/// Writes by the file's extension: .pdf (vector, exact page, fonts embedded), .svg, .png. Throws LAC-4102 unknown extension,
/// LAC-4103 not writable.
void exportFigure(const PlotBase& plot, const FigureSpec& spec, const std::filesystem::path& file, const QString& title);

}  // namespace lacuna::ui
