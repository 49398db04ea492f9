#include "views/annotation/sheet_exchange.h"

#include <QFileInfo>
#include <QRegularExpression>
#include <QSaveFile>

#include "views/format.h"
#include "views/perturbation/panel_view_model.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

SheetExchange::SheetExchange(StudyContext& study, QObject* parent) : QObject(parent), m_study(study) {}

QString SheetExchange::fileFor(const QString& rater) const {
  static const QRegularExpression unfit(u"[^\\w .-]+"_s, QRegularExpression::UseUnicodePropertiesOption);
  return u"%1_%2.csv"_s.arg(qs(m_study.results().name), QString(rater).replace(unfit, u"-"_s));
}

QString SheetExchange::raterOf(const QString& file) const {
  const QString name = QFileInfo(file).completeBaseName(), own = qs(m_study.results().name) + u'_';
  return name.startsWith(own) ? name.mid(own.size()).simplified() : QString();
}

void SheetExchange::write(const QString& rater, const QString& file) {
  m_study.jobs().start<bool>(
      JobPolicy::Queue, u"people"_s, tr("Writing a sheet for %1").arg(rater), this,
      [session = m_study.sharedSession(), results = m_study.sharedResults(), rater = rater.toStdString(), file](const RunContext&) {
        const auto people = session->people();
        const QByteArray text = QByteArray::fromStdString(study::writeSheet(*results, study::raterName(rater), people->seed, people->clustering,
                                                                            [&](DocumentId id) { return session->documentText(id); }));
        QSaveFile out(file);
        if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit())
          throw Error("LAC-4103", "Could not write " + file.toStdString(), "Choose another folder");
        return true;
      },
      [this, rater, file](bool) { Q_EMIT said(tr("Saved a sheet for %1: %2").arg(rater, file)); }, [this](const Error& error) { Q_EMIT failed(errorText(error)); });
}

void SheetExchange::read(const QString& rater, const QString& file) {
  m_study.jobs().start<study::SheetImport>(
      JobPolicy::Queue, u"people"_s, tr("Reading the answers of %1").arg(rater), this,
      [session = m_study.sharedSession(), results = m_study.sharedResults(), rater = rater.toStdString(), file = file.toStdString()](const RunContext&) {
        const auto people = session->people();
        study::SheetImport import = study::importOf(study::readSheet(file, *results, rater, people->seed, people->clustering), people->annotations, results->documents, people->clustering);
        if (!import.rows.empty()) session->annotate(import.rows);
        session->refreshAgreement();
        return import;
      },
      [this, rater](const study::SheetImport& import) {
        m_study.refreshPeople();
        Q_EMIT said(importText(rater.simplified(), import));
      },
      [this](const Error& error) { Q_EMIT failed(errorText(error)); });
}

void SheetExchange::refreshAgreement() {
  m_study.jobs().start<bool>(JobPolicy::LatestWins, u"agreement"_s, tr("Agreement of raters"), this,
                             [session = m_study.sharedSession()](const RunContext&) {
                               session->refreshAgreement();
                               return true;
                             },
                             [this](bool) { m_study.refreshPeople(); });
}

QString SheetExchange::importText(const QString& rater, const study::SheetImport& import) const {
  QStringList said{tr("%n answer(s) of %1 added.", nullptr, static_cast<int>(import.rows.size())).arg(rater)};
  if (import.replaced > 0) said << tr("%n answer(s) took the place of earlier ones.", nullptr, static_cast<int>(import.replaced));
  if (import.known > 0) said << tr("%n answer(s) were there already.", nullptr, static_cast<int>(import.known));
  if (import.unasked > 0) said << tr("%n answer(s) were to questions that are no longer asked; they are kept.", nullptr, static_cast<int>(import.unasked));
  return said.join(u' ');
}

}  // namespace lacuna::ui
