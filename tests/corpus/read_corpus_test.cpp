#include <QtTest>

#include <QTemporaryDir>
#include <algorithm>
#include <map>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/files/files.h"

using namespace lacuna;

namespace {

std::string line(const std::string& text, const std::string& source) {
  return R"({"text": ")" + text + R"(", "meta": {"pile_set_name": ")" + source + R"("}})" + "\n";
}

std::vector<std::string> numberedLines(int count) {
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) lines.push_back(line("document number " + std::to_string(i), i % 3 == 0 ? "Github" : "ArXiv"));
  return lines;
}

std::string codeOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "nothing thrown";
}

std::set<std::string> textsOf(const corpus::Corpus& corpus) {
  std::set<std::string> texts;
  for (const auto& document : corpus.documents) texts.insert(document.text);
  return texts;
}

}  // namespace

class ReadCorpusTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;

  corpus::CorpusConfig write(const std::vector<std::string>& lines) {
    corpus::CorpusConfig config;
    config.path = std::filesystem::path(m_folder.path().toStdString()) / "corpus.jsonl";
    std::string all;
    for (const std::string& l : lines) all += l;
    files::writeFileAtomically(config.path, all);
    return config;
  }

 private Q_SLOTS:
  void documentsKeepOrderSourceAndMetadata() {
    const auto corpus = corpus::readCorpus(write(numberedLines(5)), {});
    QCOMPARE(corpus.documents.size(), std::size_t{5});
    for (int i = 0; i < 5; ++i) {
      const auto& document = corpus.documents[static_cast<std::size_t>(i)];
      QCOMPARE(document.id, DocumentId(i));
      QCOMPARE(document.text, "document number " + std::to_string(i));
      QCOMPARE(document.source, std::string(i % 3 == 0 ? "Github" : "ArXiv"));
      QCOMPARE(document.metadata.at("meta.pile_set_name"), document.source);
    }
    QCOMPARE(corpus.families, 5);
    QCOMPARE(corpus.report.documents, std::uint64_t{5});
  }

  void duplicatesAreOneFamily_data() {
    QTest::addColumn<bool>("drop");
    QTest::newRow("dropped") << true;
    QTest::newRow("kept") << false;
  }
  void duplicatesAreOneFamily() {
    QFETCH(bool, drop);
    auto config = write({line("One  two", "a"), line("three", "a"), line("one TWO ", "b"), line("one two", "a")});
    config.dropDuplicates = drop;
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(corpus.families, 2);
    QCOMPARE(corpus.documents.size(), drop ? std::size_t{2} : std::size_t{4});
    QCOMPARE(corpus.duplicatesDropped, drop ? 2 : 0);
    QCOMPARE(corpus.documents[0].duplicates, drop ? 2U : 0U);
    QCOMPARE(corpus.documents[0].text, std::string("One  two"));
    if (drop) return;
    QCOMPARE(corpus.documents[2].family, corpus.documents[0].family);
    QCOMPARE(corpus.documents[3].role, corpus.documents[0].role);
  }

  void rolesAreSixtyTwentyTwentyAndFollowTheText() {
    auto lines = numberedLines(3000);
    const auto corpus = corpus::readCorpus(write(lines), {});
    std::map<std::string, corpus::Role> roles;
    std::map<corpus::Role, int> counts;
    for (const auto& document : corpus.documents) {
      roles[document.text] = document.role;
      ++counts[document.role];
    }
    QVERIFY(std::abs(counts[corpus::Role::Fit] - 1800) < 135);   // five standard deviations
    QVERIFY(std::abs(counts[corpus::Role::Tune] - 600) < 110);
    std::reverse(lines.begin(), lines.end());
    lines.resize(1000);
    for (const auto& document : corpus::readCorpus(write(lines), {}).documents) QCOMPARE(document.role, roles.at(document.text));
    RunContext other;
    other.seed = 1;
    int changed = 0;
    for (const auto& document : corpus::readCorpus(write(lines), other).documents) changed += document.role != roles.at(document.text);
    QVERIFY(changed > 300);
  }

  void aSampleDoesNotDependOnOrder() {
    auto lines = numberedLines(500);
    auto config = write(lines);
    config.maxDocuments = 60;
    const auto sample = corpus::readCorpus(config, {});
    QCOMPARE(sample.documents.size(), std::size_t{60});
    std::reverse(lines.begin(), lines.end());
    write(lines);
    const auto reversed = corpus::readCorpus(config, {});
    QCOMPARE(textsOf(reversed), textsOf(sample));
    QCOMPARE(reversed.documents.front().text, sample.documents.back().text);
    config.maxDocuments = 30;
    const std::set<std::string> smaller = textsOf(corpus::readCorpus(config, {})), larger = textsOf(sample);
    QVERIFY(std::includes(larger.begin(), larger.end(), smaller.begin(), smaller.end()));
  }

  void aSampleOfManyCopiesIsFullAndCountsThem() {
    std::vector<std::string> lines;
    for (int copy = 0; copy < 4; ++copy)
      for (const std::string& l : numberedLines(200)) lines.push_back(l);
    auto config = write(lines);
    config.maxDocuments = 50;
    const auto sample = corpus::readCorpus(config, {});
    QCOMPARE(sample.documents.size(), std::size_t{50});
    for (const auto& document : sample.documents) QCOMPARE(document.duplicates, 3U);
    QCOMPARE(sample.duplicatesDropped, 150);
    config.dropDuplicates = false;
    QCOMPARE(corpus::readCorpus(config, {}).documents.size(), std::size_t{50});
  }

  void theHashTellsContentsApart() {
    const std::string hash = corpus::readCorpus(write(numberedLines(4)), {}).hash;
    QCOMPARE(corpus::readCorpus(write(numberedLines(4)), {}).hash, hash);
    QVERIFY(corpus::readCorpus(write(numberedLines(5)), {}).hash != hash);
    auto lines = numberedLines(4);
    lines[1] = line("document number 1", "FreeLaw");
    QVERIFY(corpus::readCorpus(write(lines), {}).hash != hash);
  }

  void blankDocumentsAreCountedNotKept() {
    const auto corpus = corpus::readCorpus(write({line("a text", "x"), line("  \\n ", "x")}), {});
    QCOMPARE(corpus.documents.size(), std::size_t{1});
    QCOMPARE(corpus.report.bad.at("empty_text"), std::uint64_t{1});
    QCOMPARE(corpus.report.documents, std::uint64_t{1});
  }

  void namedFieldsAreObeyedOrMissed() {
    auto config = write({R"({"body": "first", "text": "wrong", "kind": "news"})" "\n", R"({"body": "second", "text": "no", "kind": "code"})" "\n"});
    config.textField = "body";
    config.sourceField = "kind";
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(corpus.documents[1].text, std::string("second"));
    QCOMPARE(corpus.documents[1].source, std::string("code"));
    config.sourceField = "colour";
    QCOMPARE(codeOf([&] { corpus::readCorpus(config, {}); }), std::string("LAC-1103"));
  }

  void nothingToRead_data() {
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("code");
    QTest::newRow("only white space") << R"({"text": "  "})" << "LAC-1102";
    QTest::newRow("no rows") << "" << "LAC-1101";
  }
  void nothingToRead() {
    QFETCH(QString, content);
    QFETCH(QString, code);
    const auto config = write({content.toStdString()});
    const std::string found = codeOf([&] { corpus::readCorpus(config, {}); });
    QVERIFY2(found == code.toStdString() || (found == "LAC-1101" && code == "LAC-1102"), found.c_str());
  }

  void canBeCancelled() {
    std::stop_source stop;
    stop.request_stop();
    RunContext context;
    context.stop = stop.get_token();
    QVERIFY_THROWS_EXCEPTION(Cancelled, corpus::readCorpus(write(numberedLines(50)), context));
  }
};

QTEST_GUILESS_MAIN(ReadCorpusTest)
#include "read_corpus_test.moc"
