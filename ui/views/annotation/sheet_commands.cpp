#include "views/annotation/sheet_commands.h"

#include <QFileDialog>
#include <QInputDialog>

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

SheetCommands::SheetCommands(SheetExchange& exchange, QWidget* window) : QObject(window), m_exchange(exchange), m_window(window) {}

void SheetCommands::askRater(const QString& title, const QString& name, std::function<void(const QString&)> then) {
  auto* ask = new QInputDialog(m_window);
  ask->setAttribute(Qt::WA_DeleteOnClose);
  ask->setWindowTitle(title);
  ask->setLabelText(tr("Name of the rater:"));
  ask->setTextValue(name);
  connect(ask, &QInputDialog::textValueSelected, this, [then = std::move(then)](const QString& rater) { then(rater.simplified()); });
  ask->open();
}

void SheetCommands::exportSheet() {
  askRater(tr("Export a sheet"), {}, [this](const QString& rater) {
    if (rater.isEmpty()) return Q_EMIT m_exchange.failed(tr("A sheet needs the name of its rater: nothing was written."));
    auto* dialog = new QFileDialog(m_window, tr("Export a sheet for %1").arg(rater), m_exchange.fileFor(rater), tr("Sheets (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(u"csv"_s);
    connect(dialog, &QFileDialog::fileSelected, this, [this, rater](const QString& file) { m_exchange.write(rater, file); });
    dialog->open();
  });
}

void SheetCommands::importAnswers() {
  auto* dialog = new QFileDialog(m_window, tr("Import answers"), QString(), tr("Sheets (*.csv);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) { importAnswers(file); });
  dialog->open();
}

void SheetCommands::importAnswers(const QString& file) {
  askRater(tr("Whose answers are these?"), m_exchange.raterOf(file), [this, file](const QString& rater) {
    if (rater.isEmpty()) return Q_EMIT m_exchange.failed(tr("Answers need the name of their rater: nothing was read."));
    m_exchange.read(rater, file);
  });
}

}  // namespace lacuna::ui
