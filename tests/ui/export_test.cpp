#include <QImageReader>
#include <QLocale>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <QtEndian>
#include <bit>
#include <charconv>
#include <clocale>

#include "composition.h"
#include "fake_session.h"
#include "lacuna/base/error.h"
#include "pictures.h"
#include "plots/exporter.h"
#include "rfc4180.h"
#include "views/format.h"
#include "widgets/view_frame.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray bytesOf(const QString& file) {
  QFile in(file);
  return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

/// Sums of the words of all <text> elements of an SVG; empty when it is no XML.
QStringList svgTexts(const QByteArray& bytes, QXmlStreamAttributes& root) {
  QXmlStreamReader reader(bytes);
  QStringList texts;
  bool first = true;
  while (!reader.atEnd()) {
    if (reader.readNext() != QXmlStreamReader::StartElement) continue;
    if (std::exchange(first, false)) root = reader.attributes();
    if (reader.name() == "text"_L1) texts << reader.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
  }
  return reader.hasError() ? QStringList() : texts;
}

std::vector<const char*> plotViews() {
  return {"sources", "lengths", "map", "silhouette", "terms", "probes", "probe-matrix", "neurons", "rank", "overlap", "forest",
          "matrix", "dose", "cka", "cka-strength", "cka-layers", "volcano"};
}

/// Texts that a careless writer breaks on, numbers that a careless printer rounds.
study::Results awkwardResults() {
  study::Results r = test::syntheticResults();
  r.clusters[0].label = "sums, \"differences\"";
  r.documents[0].text = "first line\nsecond, with \"quotes\" and ü → 😀\r\nthird";
  r.documents[1].silhouette = 0.1 + 0.2;
  r.documents[2].silhouette = std::nan("");
  r.effects[0].ace = 5e-324;
  r.effects[1].ace = -1.7976931348623157e308;
  r.effects[2].ace = 1.0 / 3;
  r.effects[3].p = 0;
  return r;
}

}  // namespace

class ExportTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::shared_ptr<test::FakeSession> m_session = std::make_shared<test::FakeSession>();
  QString write(const QString& view, const QString& preset, const QString& extension) {
    const QString file = m_folder.filePath(view + u'-' + preset + u'.' + extension);
    app::writeFigure(m_session, view, preset, file);
    return file;
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!std::setlocale(LC_ALL, "de_DE.UTF-8")) qInfo("no de_DE.UTF-8 on this machine: QLocale alone is German");
    cleanup();
  }
  void cleanup() {
    QLocale::setDefault(QLocale::c());
    std::setlocale(LC_ALL, "C");
  }

  void pdf_data() {
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("preset");
    for (const char* view : plotViews())
      for (const char* preset : {"icml-1col", "neurips"}) QTest::addRow("%s-%s", view, preset) << QString::fromLatin1(view) << QString::fromLatin1(preset);
  }
  void pdf() {
    QFETCH(QString, view);
    QFETCH(QString, preset);
    const QByteArray bytes = bytesOf(write(view, preset, u"pdf"_s));
    QVERIFY(bytes.startsWith("%PDF-"));
    const FigureSpec spec = figurePreset(preset);
    static const QRegularExpression box(u"/MediaBox\\s*\\[\\s*0\\s+0\\s+([0-9.]+)\\s+([0-9.]+)\\s*\\]"_s);
    const auto match = box.match(QString::fromLatin1(bytes));
    QCOMPARE(match.captured(1).toDouble(), double(spec.width));
    QCOMPARE(match.captured(2).toDouble(), double(spec.height));
    QVERIFY(bytes.contains("/FontFile2"));
    QVERIFY(!bytes.contains("/Type3"));
    QVERIFY(!bytes.contains("DCTDecode"));
    QCOMPARE(bytes.count("/Type /Page\n") + bytes.count("/Type /Page "), 1);
  }

  void svg_data() { pdf_data(); }
  void svg() {
    QFETCH(QString, view);
    QFETCH(QString, preset);
    QXmlStreamAttributes root;
    const QByteArray bytes = bytesOf(write(view, preset, u"svg"_s));
    const QStringList texts = svgTexts(bytes, root);
    QVERIFY2(texts.size() >= 4, qPrintable(QString::number(texts.size())));
    const FigureSpec spec = figurePreset(preset);
    QCOMPARE(root.value(u"viewBox"_s).toString(), u"0 0 %1 %2"_s.arg(spec.width).arg(spec.height));
    QVERIFY(root.value(u"width"_s).endsWith("mm"_L1));
    QVERIFY(std::abs(root.value(u"width"_s).chopped(2).toDouble() - spec.width * 25.4 / 72) < 0.01);
    QVERIFY(!bytes.contains("nan") && !bytes.contains("inf\""));
  }

  void svgNamesItsClusters() {
    QXmlStreamAttributes root;
    const QStringList texts = svgTexts(bytesOf(write(u"forest"_s, u"icml-1col"_s, u"svg"_s)), root);
    for (const auto& cluster : m_session->results()->clusters) QVERIFY2(texts.contains(qs(cluster.label)), cluster.label.c_str());
  }

  void png_data() {
    QTest::addColumn<QString>("preset");
    for (const FigureSpec& spec : figurePresets()) QTest::newRow(qPrintable(spec.preset)) << spec.preset;
  }
  void png() {
    QFETCH(QString, preset);
    const FigureSpec spec = figurePreset(preset);
    const QString file = write(u"forest"_s, preset, u"png"_s);
    const QByteArray bytes = bytesOf(file);
    const qsizetype chunk = bytes.indexOf("pHYs");
    QVERIFY(chunk > 0);
    const auto big = [&](qsizetype at) { return qFromBigEndian<quint32>(bytes.constData() + at); };
    QCOMPARE(big(chunk + 4), quint32(qRound(spec.dpi / 0.0254)));
    QCOMPARE(big(chunk + 8), quint32(qRound(spec.dpi / 0.0254)));
    QCOMPARE(bytes[chunk + 12], char(1));
    const QImage image(file);
    QCOMPARE(image.size(), QSize(qRound(spec.width * spec.dpi / 72.0), qRound(spec.height * spec.dpi / 72.0)));
    QCOMPARE(image.pixelColor(0, 0), QColor(Qt::white));
  }

  void figuresAreTheSameTwice_data() {
    QTest::addColumn<QString>("extension");
    for (const char* extension : {"pdf", "svg", "png"}) QTest::newRow(extension) << QString::fromLatin1(extension);
  }
  void figuresAreTheSameTwice() {
    QFETCH(QString, extension);
    const QByteArray first = bytesOf(write(u"matrix"_s, u"aaai-1col"_s, extension));
    QCOMPARE(bytesOf(write(u"matrix"_s, u"aaai-1col"_s, extension)), first);
    QVERIFY(!first.isEmpty());
  }

  void csvHoldsTheTableBitForBit_data() {
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("locale");
    for (const app::Stage& stage : app::stages())
      for (const QString& view : stage.views)
        for (const char* locale : {"C", "de_DE"}) QTest::addRow("%s-%s", qPrintable(view), locale) << view << QString::fromLatin1(locale);
  }
  void csvHoldsTheTableBitForBit() {
    QFETCH(QString, view);
    QFETCH(QString, locale);
    auto session = std::make_shared<test::FakeSession>(awkwardResults());
    if (locale == "de_DE"_L1) {
      QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
      std::setlocale(LC_ALL, "de_DE.UTF-8");
    }
    StudyContext study(session);
    const std::unique_ptr<ViewFrame> frame(app::makeView(view, study));
    QVERIFY(QTest::qWaitFor([&] { return study.jobs().idle(); }));
    const TableData table = frame->model().table();
    const QString file = m_folder.filePath(view + u".csv"_s);
    app::writeFigure(session, view, u"icml-1col"_s, file);
    const auto records = test::readRfc4180(bytesOf(file).toStdString());
    QCOMPARE(records.size(), table.rows.size() + 1);
    for (std::size_t c = 0; c < table.columns.size(); ++c) QCOMPARE(records[0][c], table.columns[c].name);
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      QCOMPARE(records[r + 1].size(), table.columns.size());
      for (std::size_t c = 0; c < table.columns.size(); ++c) QVERIFY2(same(table.rows[r][c], records[r + 1][c]), qPrintable(u"row %1, %2"_s.arg(r).arg(qs(table.columns[c].name))));
    }
  }
  /// A number that could not be computed is an empty field; every other number is read back to the same bits.
  static bool same(const TableCell& cell, const std::string& field) {
    if (const auto* text = std::get_if<QString>(&cell)) return text->toStdString() == field;
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) return std::to_string(*whole) == field;
    const auto* value = std::get_if<double>(&cell);
    if (!value || !std::isfinite(*value)) return field.empty();
    double read = 0;
    const auto [end, fault] = std::from_chars(field.data(), field.data() + field.size(), read);
    return fault == std::errc() && end == field.data() + field.size() && std::bit_cast<std::uint64_t>(read) == std::bit_cast<std::uint64_t>(*value);
  }

  void columnNamesAreSnakeCaseAndUnique() {
    static const QRegularExpression snake(u"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"_s);
    StudyContext study(m_session);
    for (const app::Stage& stage : app::stages())
      for (const QString& id : stage.views) {
        const std::unique_ptr<ViewFrame> view(app::makeView(id, study));
        QStringList names;
        for (const TableColumn& column : view->model().table().columns) names << qs(column.name);
        QCOMPARE(names.removeDuplicates(), 0);
        for (const QString& name : names) QVERIFY2(snake.match(name).hasMatch(), qPrintable(id + u": "_s + name));
      }
  }

  void whatCannotBeWrittenSaysWhy_data() {
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("preset");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("code");
    QTest::newRow("preset") << u"forest"_s << u"nature"_s << u"a.pdf"_s << u"LAC-4101"_s;
    QTest::newRow("extension") << u"forest"_s << u"iclr"_s << u"a.eps"_s << u"LAC-4102"_s;
    QTest::newRow("folder") << u"forest"_s << u"iclr"_s << u"no/such/folder/a.pdf"_s << u"LAC-4103"_s;
    QTest::newRow("view") << u"atlas"_s << u"iclr"_s << u"a.pdf"_s << u"LAC-4104"_s;
    QTest::newRow("table") << u"tests"_s << u"iclr"_s << u"a.pdf"_s << u"LAC-4106"_s;
  }
  void whatCannotBeWrittenSaysWhy() {
    QFETCH(QString, view);
    QFETCH(QString, preset);
    QFETCH(QString, file);
    QFETCH(QString, code);
    try {
      app::writeFigure(m_session, view, preset, m_folder.filePath(file));
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(qs(error.code()), code);
      QVERIFY(!error.hint().empty());
    }
  }
};

QTEST_MAIN(ExportTest)
#include "export_test.moc"
