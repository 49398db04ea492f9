#include <QTest>
#include <QDir>

#include <nlohmann/json.hpp>

#include "lacuna/files/files.h"
#include "lacuna/text/text.h"

using namespace lacuna::text;
using Json = nlohmann::json;  // not Qt's: QString drops the byte order marks some tokens are

/// Every case of tests/data/tokenizers: what the reference (tokenizers 0.21.4, transformers 4.53.3) made of a text.
class ParityTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyCaseEqualsTheReference_data();
  void everyCaseEqualsTheReference();
  void batchesEqualSingleTexts_data() { everyCaseEqualsTheReference_data(); }
  void batchesEqualSingleTexts();

 private:
  static Json cases(const QString& folder) { return Json::parse(lacuna::files::readText(folder.toStdString() + "/cases.json")); }
};

namespace {

QString difference(const Tokenizer& tokenizer, const Json& c) {
  const EncodeOptions options{c["add_special"], c.value("special_as_text", false)};
  const std::string text = c["text"], pairText = c.value("pair", "");
  const Encoding encoding = tokenizer.encode(text, options, c.contains("pair") ? std::optional<std::string_view>(pairText) : std::nullopt);
  const Json found = {{"ids", encoding.ids}, {"type_ids", encoding.typeIds}, {"offsets", encoding.offsets}, {"tokens", encoding.tokens},
                      {"decoded", tokenizer.decode(encoding.ids, false)}, {"decoded_skip", tokenizer.decode(encoding.ids, true)}};
  for (const auto& [key, value] : found.items())
    if (value != c[key]) return QString::fromStdString(key + " of '" + text + "': expected " + c[key].dump() + ", found " + value.dump());
  return {};
}

}  // namespace

void ParityTest::everyCaseEqualsTheReference_data() {
  QTest::addColumn<QString>("folder");
  const QDir root(LACUNA_TEST_DATA "/tokenizers");
  for (const QString& name : root.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) QTest::newRow(qPrintable(name)) << root.filePath(name);
  // The whole of a larger set of the same form, when one is given.
  const QDir more(qEnvironmentVariable("LACUNA_PARITY_TOKENIZERS"));
  if (!qEnvironmentVariableIsEmpty("LACUNA_PARITY_TOKENIZERS"))
    for (const QString& name : more.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) QTest::newRow(qPrintable("full " + name)) << more.filePath(name);
}

void ParityTest::everyCaseEqualsTheReference() {
  QFETCH(QString, folder);
  const auto tokenizer = Tokenizer::load(folder.toStdString());
  const Json all = cases(folder);
  QVERIFY(all.size() >= 30);
  QStringList failures;
  for (const auto& c : all)
    if (const QString failure = difference(*tokenizer, c); !failure.isEmpty()) failures += failure;
  if (!failures.isEmpty()) QFAIL(qPrintable(QStringLiteral("%1 of %2 cases differ:\n%3").arg(failures.size()).arg(all.size()).arg(failures.mid(0, 3).join("\n"))));
}

void ParityTest::batchesEqualSingleTexts() {
  QFETCH(QString, folder);
  const auto tokenizer = Tokenizer::load(folder.toStdString());
  std::vector<std::string> texts;
  const Json all = cases(folder);
  for (const auto& c : all) texts.push_back(c["text"]);
  const auto batch = tokenizer->encodeBatch(texts, {}, 3);
  QCOMPARE(batch.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) QVERIFY(batch[i] == tokenizer->encode(texts[i]).ids);
}

QTEST_GUILESS_MAIN(ParityTest)
#include "parity_test.moc"
