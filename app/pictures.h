#pragma once

#include <QSize>
#include <memory>
#include <QString>

namespace lacuna::study { class Session; }

namespace lacuna::app {

class MainWindow;

/// Writes the window as a PNG: "stage:effects", "view:forest" (alone, maximised), "welcome" or "stage:welcome", "palette".
/// Waits until all jobs are done. Throws LAC-4104 for a target that does not exist, LAC-4103 when not writable.
void writeScreenshot(MainWindow& window, const QString& target, QSize size, const QString& file);

/// Writes one view of a study as a figure or, for .csv, its data. Throws LAC-4101 … 4104.
void writeFigure(std::shared_ptr<study::Session> session, const QString& view, const QString& preset, const QString& file);

}  // namespace lacuna::app
