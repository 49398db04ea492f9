#pragma once

#include "plots/figure_data.h"
#include "plots/qcp.h"

namespace lacuna::ui {

/// Cells of a grid, centred on integer coordinates: cell (r, c) covers [c − ½, c + ½) × [r − ½, r + ½). Cells larger than a pixel
/// are rectangles (vector in a figure, up to 10,000 of them); smaller ones are max-|x| pooled to one lossless image.
class CellGrid : public QCPAbstractPlottable {
 public:
  CellGrid(QCPAxis* key, QCPAxis* value, const Grid& grid, ColourMap map, double low, double high);

  void setTexts(std::vector<QString> texts, QFont font);
  void setMarks(std::vector<bool> marks) { m_marks = std::move(marks); }
  void setGap(double pixels) { m_gap = pixels; }
  void setGround(const QColor& ground, const QColor& hatch) { m_ground = ground, m_hatch = hatch; }

  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

  /// Cells a screen pixel stands for along the columns; 1 when cells are at least a pixel wide.
  double cellsPerPixel() const;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  struct View {
    GridWindow window;
    QRectF pixels;
    bool flipped = false;   ///< rows grow upwards
  };
  View view() const;
  void drawImage(QCPPainter* painter, const View& view) const;
  void drawCells(QCPPainter* painter, const View& view) const;
  void drawCell(QCPPainter* painter, std::int64_t row, std::int64_t column) const;
  QColor colourOf(double value) const;

  const Grid m_grid;
  ColourMap m_map;
  double m_low, m_high, m_gap = 0;
  std::vector<QString> m_texts;
  std::vector<bool> m_marks;
  QFont m_font;
  QColor m_ground, m_hatch;
};

}  // namespace lacuna::ui
