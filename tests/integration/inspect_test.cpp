#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "bad_folders.h"

namespace fs = std::filesystem;

/// lacuna-cli inspect on the bad folders of reliability.md 5, and on sound ones.
class InspectTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void badFoldersEndWithTheirCode_data();
  void badFoldersEndWithTheirCode();
  void soundFoldersSayWhatTheyAre_data();
  void soundFoldersSayWhatTheyAre();

 private:
  struct Answer {
    int status = -1;
    QByteArray out, err;
    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
  };
  static Answer inspect(const fs::path& path, bool json) {
    QProcess process;
    process.start(LACUNA_BIN_DIR "/lacuna-cli", QStringList{"inspect", QString::fromStdString(path.string())} + (json ? QStringList{"--json"} : QStringList()));
    if (!process.waitForFinished(20'000) || process.exitStatus() != QProcess::NormalExit) return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }
};

void InspectTest::badFoldersEndWithTheirCode_data() {
  QTest::addColumn<int>("number");
  const auto all = bad::all();
  for (int i = 0; i < static_cast<int>(all.size()); ++i) QTest::newRow(all[static_cast<std::size_t>(i)].name) << i;
}

void InspectTest::badFoldersEndWithTheirCode() {
  QFETCH(int, number);
  const BadFolder spoilt = bad::all()[static_cast<std::size_t>(number)];
  const QTemporaryDir folder;
  const fs::path here = folder.path().toStdString();
  for (const auto& entry : fs::directory_iterator(fs::path(LACUNA_TEST_DATA) / "models" / spoilt.base)) {
    fs::copy(entry.path(), here / entry.path().filename());
    fs::permissions(here / entry.path().filename(), fs::perms::owner_read | fs::perms::owner_write);
  }
  spoilt.spoil(here);
  const Answer answer = inspect(here, true);
  QCOMPARE(answer.status, 1);
  QVERIFY2(answer.err.startsWith(spoilt.code), answer.err.constData());
  const QJsonObject json = answer.json();
  QCOMPARE(json["kind"].toString(), QString("model"));
  QCOMPARE(json["sound"].toBool(true), false);
  const QJsonObject problem = json["problems"].toArray().at(0).toObject();
  QCOMPARE(problem["code"].toString(), QString(spoilt.code));
  QVERIFY(!problem["message"].toString().isEmpty() && !problem["hint"].toString().isEmpty());
}

void InspectTest::soundFoldersSayWhatTheyAre_data() {
  QTest::addColumn<QString>("folder");
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("role");
  QTest::newRow("decoder") << "models/neox_parallel" << "model" << "decoder";
  QTest::newRow("shards and tokenizer") << "models/llama_mha" << "model" << "decoder";
  QTest::newRow("tokenizer.json") << "tokenizers/bert_cased" << "tokenizer" << "tokenizer";
  QTest::newRow("older files") << "tokenizers/files_gpt2" << "tokenizer" << "tokenizer";
}

void InspectTest::soundFoldersSayWhatTheyAre() {
  QFETCH(QString, folder);
  QFETCH(QString, kind);
  QFETCH(QString, role);
  const fs::path here = fs::path(LACUNA_TEST_DATA) / folder.toStdString();
  const Answer answer = inspect(here, true), text = inspect(here, false);
  QCOMPARE(answer.status, 0);
  QVERIFY(answer.err.isEmpty());
  const QJsonObject json = answer.json();
  QCOMPARE(json["kind"].toString(), kind);
  QCOMPARE(json["role"].toString(), role);
  QVERIFY(json["sound"].toBool(false));
  if (kind == "model") QCOMPARE(json["memory_fp32_bytes"].toInteger(), 4 * json["parameters"].toInteger());
  else QVERIFY(json["tokenizer"].toObject()["vocabulary"].toInteger() > 0);
  QCOMPARE(text.status, 0);
  QVERIFY(text.out.contains("sound") && text.out.contains(role.toUtf8()));
}

QTEST_GUILESS_MAIN(InspectTest)
#include "inspect_test.moc"
