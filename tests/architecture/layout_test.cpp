#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

/// The house's rules (docs/adr/0001-the-house.md), checked on the source tree itself.
class LayoutTest : public QObject {
  Q_OBJECT

 private:
  struct Source { QString path, text; int lines = 0; };

  static QList<Source> sources(const QStringList& folders, const QStringList& patterns = {"*.h", "*.cpp"}) {
    QList<Source> list;
    for (const QString& folder : folders) {
      QDirIterator it(QStringLiteral(LACUNA_SOURCE_DIR "/") + folder, patterns, QDir::Files, QDirIterator::Subdirectories);
      while (it.hasNext()) {
        QFile file(it.next());
        if (file.fileName().contains("/target/") || !file.open(QIODevice::ReadOnly)) continue;
        const QString text = QString::fromUtf8(file.readAll());
        list.append({file.fileName().mid(int(qstrlen(LACUNA_SOURCE_DIR)) + 1), text, int(text.count('\n'))});
      }
    }
    return list;
  }
  static QStringList includes(const Source& source) {
    static const QRegularExpression pattern("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]", QRegularExpression::MultilineOption);
    QStringList names;
    for (auto it = pattern.globalMatch(source.text); it.hasNext();) names << it.next().captured(1);
    return names;
  }
  /// Stage → stages it may use, in the order of core/CMakeLists.txt.
  static QList<QPair<QString, QSet<QString>>> stages() {
    QFile file(QStringLiteral(LACUNA_SOURCE_DIR "/core/CMakeLists.txt"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    static const QRegularExpression stage("lacuna_stage\\((\\w+)([^)]*)\\)");
    QList<QPair<QString, QSet<QString>>> list;
    for (auto it = stage.globalMatch(QString::fromUtf8(file.readAll())); it.hasNext();) {
      const auto match = it.next();
      QSet<QString> after;
      bool inAfter = false;
      for (const QString& word : match.captured(2).split(QRegularExpression("\\s+"), Qt::SkipEmptyParts)) {
        if (word == "AFTER" || word == "USES" || word == "SHARES") inAfter = word == "AFTER";
        else if (inAfter) after.insert(word);
      }
      list.append({match.captured(1), after});
    }
    return list;
  }
  static QString stageOf(const QString& path) { return path.section('/', 1, 1); }

 private Q_SLOTS:
  void coreKnowsNoQt() {
    static const QRegularExpression qt("^(Q[A-Z]\\w*|Qt\\w*/.*)$");
    for (const Source& s : sources({"core", "app/cli"}))
      for (const QString& name : includes(s)) QVERIFY2(!qt.match(name).hasMatch(), qPrintable(s.path + " includes " + name));
  }

  void librariesStayInTheirRooms_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QStringList>("allowed");
    QTest::newRow("torch") << "^(torch|ATen|c10)/" << QStringList{"core/lab"};
    QTest::newRow("BLAS") << "^cblas\\.h$" << QStringList{"core/algebra"};
    QTest::newRow("faiss") << "^faiss/" << QStringList{"core/clusters"};
    QTest::newRow("sqlite") << "^(SQLiteCpp/|sqlite3\\.h)" << QStringList{"core/store"};
    QTest::newRow("spdlog") << "^spdlog/" << QStringList{"core/base"};
    QTest::newRow("xxhash") << "^xxhash\\.h" << QStringList{"core/base"};
    QTest::newRow("simdjson") << "^simdjson" << QStringList{"core/files"};
    QTest::newRow("libpng, libjpeg") << "^(png|jpeglib)\\.h" << QStringList{"core/files"};
    QTest::newRow("boost iostreams") << "^boost/iostreams" << QStringList{"core/files"};
    QTest::newRow("boost math") << "^boost/math" << QStringList{"core/statistics"};
    QTest::newRow("CLI11") << "^CLI/" << QStringList{"app/cli"};
    QTest::newRow("QCustomPlot") << "^qcustomplot\\.h" << QStringList{"ui/plots"};
    QTest::newRow("tokenizers") << "^lacuna_tokenizers\\.h" << QStringList{"core/text"};
    QTest::newRow("Parquet") << "^lacuna_parquet\\.h" << QStringList{"core/files"};
  }
  void librariesStayInTheirRooms() {
    QFETCH(QString, pattern);
    QFETCH(QStringList, allowed);
    const QRegularExpression library(pattern);
    int found = 0;
    for (const Source& s : sources({"core", "app", "ui"}))
      for (const QString& name : includes(s)) {
        if (!library.match(name).hasMatch()) continue;
        ++found;
        const bool inside = std::any_of(allowed.begin(), allowed.end(), [&](const QString& room) { return s.path.startsWith(room + "/"); });
        QVERIFY2(inside, qPrintable(s.path + " includes " + name));
      }
    if (found == 0) QSKIP("not included anywhere");
  }

  void stagesUseOnlyStagesDeclaredForThem() {
    const auto declared = stages();
    QVERIFY(declared.size() >= 15);
    QMap<QString, QSet<QString>> allowed;
    QSet<QString> earlier;
    for (const auto& [name, after] : declared) {
      for (const QString& dep : after) QVERIFY2(earlier.contains(dep), qPrintable(name + " comes before " + dep));
      QSet<QString> closure = after;
      for (const QString& dep : after) closure |= allowed.value(dep);
      allowed[name] = closure;
      earlier.insert(name);
    }
    static const QRegularExpression own("^lacuna/(\\w+)/");
    for (const Source& s : sources({"core"})) {
      if (stageOf(s.path).endsWith(".cmake") || !allowed.contains(stageOf(s.path))) continue;
      for (const QString& name : includes(s)) {
        const auto match = own.match(name);
        if (!match.hasMatch() || match.captured(1) == stageOf(s.path)) continue;
        QVERIFY2(allowed[stageOf(s.path)].contains(match.captured(1)), qPrintable(s.path + " includes " + name));
      }
    }
  }

  void everyStageFolderIsDeclared() {
    QSet<QString> declared;
    for (const auto& [name, after] : stages()) declared.insert(name);
    const QStringList folders = QDir(QStringLiteral(LACUNA_SOURCE_DIR "/core")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QCOMPARE(QSet<QString>(folders.begin(), folders.end()), declared);
    for (const QString& folder : folders) QVERIFY2(!sources({"core/" + folder}, {"*.cpp"}).isEmpty(), qPrintable(folder + " is empty"));
  }

  void theWindowSeesTheStudyOnly() {
    static const QRegularExpression stage("^lacuna/(\\w+)/");
    const QSet<QString> allowed = {"base", "study", "store"};
    for (const Source& s : sources({"ui"}))
      for (const QString& name : includes(s)) {
        const auto match = stage.match(name);
        QVERIFY2(!match.hasMatch() || allowed.contains(match.captured(1)), qPrintable(s.path + " includes " + name));
      }
  }

  void viewModelsHaveNoWidgets() {
    for (const Source& s : sources({"ui/views"}, {"*view_model.h", "*view_model.cpp"}))
      for (const QString& name : includes(s)) QVERIFY2(!name.contains("Widget") && name != "qcustomplot.h", qPrintable(s.path + " includes " + name));
  }

  void filesKeepTheirBudgets() {
    for (const Source& s : sources({"app", "core", "ui", "tests"})) {
      const int budget = s.path.contains("/include/") ? 150 : 600;
      QVERIFY2(s.lines <= budget, qPrintable(QString("%1: %2 lines, %3 allowed").arg(s.path).arg(s.lines).arg(budget)));
    }
  }

  void noFileNamesThePlaceItWasWrittenAt() {
    static const QRegularExpression place("(^|[^A-Za-z0-9_.])/(home|root|work)/", QRegularExpression::MultilineOption);
    for (const Source& s : sources({"app", "core", "ui", "tests", "docs"}, {"*.h", "*.cpp", "*.md", "*.cmake", "CMakeLists.txt"})) {
      if (s.path.startsWith("tests/architecture/")) continue;
      QVERIFY2(!place.match(s.text).hasMatch(), qPrintable(s.path));
    }
  }
};

QTEST_GUILESS_MAIN(LayoutTest)
#include "layout_test.moc"
