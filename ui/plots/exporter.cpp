#include "plots/exporter.h"

#include <QBuffer>
#include <QImageWriter>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include "lacuna/base/error.h"
#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

/// Golden-ratio heights.
FigureSpec preset(const char16_t* name, double inches, int base, int ticks) {
  const int width = static_cast<int>(inches * 72 + 0.5);
  return {QString::fromUtf16(name), width, static_cast<int>(width / 1.618 + 0.5), base, ticks, 300};
}

void paintVector(const PlotBase& plot, const FigureSpec& spec, QPaintDevice& device) {
  QCPPainter painter;
  painter.begin(&device);
  painter.setRenderHint(QPainter::LosslessImageRendering);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setModes(QCPPainter::pmVectorized | QCPPainter::pmNoCaching | QCPPainter::pmNonCosmetic);
  plot.figure(PlotStyle::forPaper(spec.baseFont, spec.tickFont), {spec.width, spec.height})->toPainter(&painter, spec.width, spec.height);
}

QByteArray pdf(const PlotBase& plot, const FigureSpec& spec, const QString& title) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter writer(&buffer);
    writer.setResolution(72);
    writer.setPageSize(QPageSize(QSizeF(spec.width, spec.height), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins(QMarginsF());
    writer.setTitle(title);
    writer.setCreator(u"Lacuna"_s);
    paintVector(plot, spec, writer);
  }
  // The one thing that differs between two runs; Qt 6.4 knows no SOURCE_DATE_EPOCH. Same length, so offsets stay right.
  const qsizetype date = bytes.indexOf("/CreationDate (D:");
  if (date >= 0) bytes.replace(date + 17, 14, "20000101000000");
  return bytes;
}

QByteArray svg(const PlotBase& plot, const FigureSpec& spec, const QString& title) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setResolution(72);
  generator.setSize({spec.width, spec.height});
  generator.setViewBox(QRect(0, 0, spec.width, spec.height));
  generator.setTitle(title);
  paintVector(plot, spec, generator);
  return bytes;
}

QByteArray png(const PlotBase& plot, const FigureSpec& spec, const QString& title) {
  const double scale = spec.dpi / 72.0;
  QImage image(qRound(spec.width * scale), qRound(spec.height * scale), QImage::Format_ARGB32);
  image.fill(Qt::white);
  QCPPainter painter;
  painter.begin(&image);
  painter.scale(scale, scale);
  painter.setRenderHint(QPainter::TextAntialiasing);
  painter.setModes(QCPPainter::pmVectorized | QCPPainter::pmNoCaching | QCPPainter::pmNonCosmetic);
  plot.figure(PlotStyle::forPaper(spec.baseFont, spec.tickFont), {spec.width, spec.height})->toPainter(&painter, spec.width, spec.height);
  painter.end();
  image.setDotsPerMeterX(qRound(spec.dpi / 0.0254));
  image.setDotsPerMeterY(qRound(spec.dpi / 0.0254));
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QImageWriter writer(&buffer, "png");
  writer.setText(u"Software"_s, u"Lacuna"_s);
  writer.setText(u"Title"_s, title);
  writer.write(image);
  return bytes;
}

}  // namespace

const std::vector<FigureSpec>& figurePresets() {
  static const std::vector<FigureSpec> presets{
      preset(u"icml-1col", 3.25, 8, 6), preset(u"icml-2col", 6.75, 8, 6), preset(u"neurips", 5.5, 9, 7),
      preset(u"neurips-half", 2.7, 9, 7), preset(u"iclr", 5.5, 9, 7), preset(u"aaai-1col", 3.3, 9, 7),
      preset(u"aaai-2col", 6.975, 9, 7), preset(u"tmlr", 6.5, 9, 7), preset(u"jmlr", 6.0, 9, 7),
      {u"slide"_s, 960, 540, 18, 14, 150}};
  return presets;
}

FigureSpec figurePreset(const QString& name) {
  QStringList names;
  for (const FigureSpec& spec : figurePresets()) {
    if (spec.preset == name) return spec;
    names << spec.preset;
  }
  throw Error("LAC-4101", "There is no figure preset '" + name.toStdString() + "'", "Presets: " + names.join(u", "_s).toStdString());
}

void exportFigure(const PlotBase& plot, const FigureSpec& spec, const std::filesystem::path& file, const QString& title) {
  const QString extension = QString::fromStdString(file.extension().string()).toLower();
  QByteArray bytes;
  if (extension == u".pdf"_s) bytes = pdf(plot, spec, title);
  else if (extension == u".svg"_s) bytes = svg(plot, spec, title);
  else if (extension == u".png"_s) bytes = png(plot, spec, title);
  else throw Error("LAC-4102", "Figures are written as .pdf, .svg or .png, not '" + file.string() + "'", "Change the file's extension");
  QSaveFile out(QString::fromStdString(file.string()));
  if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
    throw Error("LAC-4103", "Could not write " + file.string() + ": " + out.errorString().toStdString(), "Choose another folder");
}

}  // namespace lacuna::ui
