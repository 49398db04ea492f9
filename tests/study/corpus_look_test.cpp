#include <QTemporaryDir>
#include <QtTest>

#include "lacuna/base/error.h"
#include "lacuna/study/looks.h"
#include "lacuna/study/spec.h"

using namespace lacuna;

/// What the window sees of a corpus before a study: fields, values, and how many rows a filter wants.
class CorpusLookTest : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  std::filesystem::path written(const QString& name, const QByteArray& bytes) const {
    QFile file(m_folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("cannot write");
    return m_folder.filePath(name).toStdString();
  }
  /// 30 rows: 20 en, 10 de; scores 0 … 29; hosts a.org (even) and b.org.
  std::filesystem::path corpus() const {
    QByteArray bytes;
    for (int i = 0; i < 30; ++i)
      bytes += QStringLiteral("{\"text\": \"document number %1 about %2 sheep\", \"language\": \"%3\", \"score\": %1, \"url\": \"https://%4.org/page/%1\"}\n")
                   .arg(i).arg(i % 2 ? "black" : "white").arg(i < 20 ? "en" : "de").arg(i % 2 ? "b" : "a").toUtf8();
    return written("corpus.jsonl", bytes);
  }
  static const study::FieldLook* field(const study::CorpusLook& look, const std::string& name) {
    for (const study::FieldLook& field : look.groups)
      if (field.name == name) return &field;
    return nullptr;
  }

 private Q_SLOTS:
  void fieldsHaveTheirValuesAndHostsAreDerived() {
    const study::CorpusLook look = study::lookAtCorpus({{corpus()}, {}}, {});
    QVERIFY(look.sound() && look.complete);
    QCOMPARE(look.documents, std::uint64_t{30});
    const study::FieldLook *language = field(look, "language"), *host = field(look, "url.host"), *score = field(look, "score"), *url = field(look, "url");
    QVERIFY(language && host && score && url);
    QCOMPARE(language->values, (std::vector<std::pair<std::string, std::int64_t>>{{"en", 20}, {"de", 10}}));
    QVERIFY(!language->numeric && !language->derived && language->rows == 30 && language->different == 2);
    QVERIFY(host->derived && host->values.size() == 2 && host->values.front() == std::make_pair(std::string("a.org"), std::int64_t{15}));
    QVERIFY(score->numeric && score->different == 30);
    QVERIFY(std::find(look.fields.begin(), look.fields.end(), "url.host") == look.fields.end());
  }

  void manyValuesAreCountedButNotListed() {
    QByteArray bytes;
    for (int i = 0; i < 80; ++i) bytes += QStringLiteral("{\"text\": \"a document that is number %1\", \"id\": \"x%1\"}\n").arg(i).toUtf8();
    const study::CorpusLook look = study::lookAtCorpus({{written("many.jsonl", bytes)}, {}}, {});
    QVERIFY(field(look, "id") && field(look, "id")->values.empty());
    QCOMPARE(field(look, "id")->different, std::int64_t{65});
  }

  void rowsThatPassAreCounted_data() {
    QTest::addColumn<QString>("filter");
    QTest::addColumn<qint64>("rows");
    QTest::newRow("all") << "" << qint64{30};
    QTest::newRow("one of") << "language in (en, fr)" << qint64{20};
    QTest::newRow("two conditions") << "language == en and score >= 15" << qint64{5};
    QTest::newRow("derived") << "url.host == b.org" << qint64{15};
    QTest::newRow("the text itself") << "text matches /black/" << qint64{15};
    QTest::newRow("no such field") << "colour == red" << qint64{0};
    QTest::newRow("not sound") << "language =" << qint64{-1};
  }
  void rowsThatPassAreCounted() {
    QFETCH(QString, filter);
    QFETCH(qint64, rows);
    const study::CorpusLook look = study::lookAtCorpus({{corpus()}, {}}, {});
    QCOMPARE(study::rowsPassing(look, {filter.toStdString()}, {}), std::vector<std::int64_t>{rows});
  }

  void severalPathsAreOneCorpus() {
    const std::filesystem::path more = written("more.jsonl", "{\"text\": \"one more document of the corpus\", \"language\": \"fr\"}\n");
    const study::CorpusLook look = study::lookAtCorpus({{corpus(), more}, {}}, {});
    QCOMPARE(look.documents, std::uint64_t{31});
    QCOMPARE(look.files, std::int64_t{2});
    const study::CorpusLook missing = study::lookAtCorpus({{corpus(), "/nowhere/at/all"}, {}}, {});
    QVERIFY(!missing.sound() && missing.problems.front().code() == "LAC-1105" && !missing.kept);
    QCOMPARE(study::rowsPassing(missing, {"a == 1", "a ="}, {}), (std::vector<std::int64_t>{0, -1}));
  }

  void plainTextByLines() {
    const std::filesystem::path file = written("lines.txt", "the first line of it\nthe second line of it\n");
    QCOMPARE(study::lookAtCorpus({{file}, {}, "line"}, {}).documents, std::uint64_t{2});
    QCOMPARE(study::lookAtCorpus({{file}, {}}, {}).documents, std::uint64_t{1});
  }

  void aSpecIsReadForANewStudyLikeIt() {
    const std::filesystem::path file = written("study.json", R"({"model": "models/m", "corpus": {"path": ["a.jsonl", "/b"]}, "clusters": {"method": "hdbscan"}, "tasks": [{"file": "t.json"}]})");
    const study::StudySpec spec = study::parseSpec(study::specOf(file), "/elsewhere");
    const std::filesystem::path folder = file.parent_path();
    QCOMPARE(spec.model, folder / "models/m");
    QCOMPARE(spec.corpus.path, folder / "a.jsonl");
    QCOMPARE(spec.corpus.morePaths, std::vector<std::filesystem::path>{"/b"});
    QCOMPARE(spec.tasks.front().file, folder / "t.json");
    const std::filesystem::path study = m_folder.filePath("of.lacuna").toStdString();
    study::createStudy(study::specOf(file), study);
    QCOMPARE(study::specOf(study), study::specOf(file));
    QCOMPARE(study::guessInput(file), std::string("spec"));
    QCOMPARE(study::guessInput(corpus()), std::string("corpus"));
    QVERIFY_EXCEPTION_THROWN(study::specOf(written("broken.json", "{")), Error);
  }
};

QTEST_GUILESS_MAIN(CorpusLookTest)
#include "corpus_look_test.moc"
