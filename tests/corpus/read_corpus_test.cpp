#include <QtTest>

#include <QTemporaryDir>
#include <algorithm>
#include <cmath>
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

std::string withAddress(const std::string& text, const std::string& url) { return "{\"text\": \"" + text + "\", \"url\": \"" + url + "\"}\n"; }

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

  void severalPathsAreOneCorpus() {
    auto config = write({line("first", "a")});
    const auto second = config.path.parent_path() / "second.jsonl";
    files::writeFileAtomically(second, line("second", "a") + line("FIRST ", "b"));
    config.morePaths = {second};
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(textsOf(corpus), (std::set<std::string>{"first", "second"}));
    QCOMPARE(corpus.report.files.size(), std::size_t{2});
    QCOMPARE(corpus.documents[0].duplicates, 1U);
  }

  void filtersChooseDocuments() {
    auto config = write(numberedLines(30));
    config.filter = "meta.pile_set_name == Github and text matches /[05]$/";
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(textsOf(corpus), (std::set<std::string>{"document number 0", "document number 15"}));
    QCOMPARE(corpus.report.documents, std::uint64_t{30});
    QCOMPARE(corpus.sources.size(), std::size_t{2});
    QCOMPARE(corpus.sources[1].source, std::string("Github"));
    QCOMPARE(corpus.sources[1].raw, 10);
    QCOMPARE(corpus.sources[1].wanted, 2);
    config.filter = "missing == 1";
    QCOMPARE(codeOf([&] { corpus::readCorpus(config, {}); }), std::string("LAC-1102"));
    config.filter = "missing =";
    QCOMPARE(codeOf([&] { corpus::readCorpus(config, {}); }), std::string("LAC-1104"));
  }

  void hostsAreSources() {
    auto config = write({withAddress("one", "https://a.org/x"), withAddress("two", "http://B.com")});
    config.sourceField = "url.host";
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(corpus.documents[0].source, std::string("a.org"));
    QCOMPARE(corpus.documents[1].source, std::string("b.com"));
  }

  void samplesOverSourcesAreTheKnownAnswer() {
    const std::pair<const char*, int> sizes[] = {{"a", 5000}, {"b", 800}, {"c", 150}, {"d", 50}};
    std::vector<std::string> lines;
    for (const auto& [source, size] : sizes)
      for (int i = 0; i < size; ++i) lines.push_back(line("document " + std::to_string(i) + " of source " + source, source));
    auto config = write(lines);
    config.sampling = {200, .5, 0};
    const auto sample = corpus::readCorpus(config, {});
    std::map<std::string, std::vector<double>> weights;
    for (const auto& document : sample.documents) weights[document.source].push_back(document.weight);
    const std::map<std::string, std::pair<std::size_t, double>> expected = {{"a", {119, 42.017}}, {"b", {48, 16.667}}, {"c", {21, 7.143}}, {"d", {12, 4.167}}};
    for (const auto& [source, answer] : expected) {
      QCOMPARE(weights[source].size(), answer.first);
      for (const double weight : weights[source]) QVERIFY(std::abs(weight - answer.second) < 5e-4);
    }
    QCOMPARE(sample.sources[0].raw, 5000);
    QCOMPARE(sample.sources[0].distinct, 119);
    QCOMPARE(sample.sources[0].population, 5000.0);
    std::reverse(lines.begin(), lines.end());
    write(lines);
    RunContext threads;
    threads.threads = 5;
    QCOMPARE(textsOf(corpus::readCorpus(config, threads)), textsOf(sample));
  }

  void weightsOfSamplesWithCopiesCountDocuments() {
    std::vector<std::string> lines;
    for (int i = 0; i < 4000; ++i)
      for (int copy = 0; copy <= i % 3; ++copy) lines.push_back(line("document number " + std::to_string(i), "a"));
    auto config = write(lines);
    config.maxDocuments = 1000;
    const auto sample = corpus::readCorpus(config, {});
    double population = 0;
    for (const auto& document : sample.documents) population += document.weight;
    QVERIFY2(std::abs(population - 4000) < 200, qPrintable(QString::number(population)));   // five standard errors of 1 + duplicates
    config.maxDocuments = 0;
    for (const auto& document : corpus::readCorpus(config, {}).documents) QCOMPARE(document.weight, 1.0);
  }

  /// A document with copies in two sources is drawn when the denser of them draws it: weights still add up to the documents there are.
  void copiesInTwoSourcesStandForWhatTheDenserOneDraws() {
    std::vector<std::string> lines;
    for (int i = 0; i < 3000; ++i) lines.push_back(line("of the large source " + std::to_string(i), "a large one"));
    for (int i = 0; i < 300; ++i) lines.push_back(line("of the small source " + std::to_string(i), "small"));
    for (int i = 0; i < 600; ++i)
      for (const char* source : {"a large one", "small"}) lines.push_back(line("of both " + std::to_string(i), source));
    auto config = write(lines);
    config.sampling = {600, .5, 0};
    double mean = 0;
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
      RunContext context;
      context.seed = seed;
      for (const auto& document : corpus::readCorpus(config, context).documents) mean += document.weight / 24;
    }
    QVERIFY2(std::abs(mean - 3900) < 60, qPrintable(QString::number(mean)));   // 4,140 if those of both stood for what their first source draws
  }

  void nearCopiesAreCountedAndLeftOut() {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "word" + std::to_string(i) + " ";
    auto config = write({line(text + "one", "a"), line(text + "two", "b"), line(text + "two", "b"), line("something else that has more than five words", "a")});
    config.nearDuplicates.threshold = .7;
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(corpus.documents.size(), std::size_t{2});
    QCOMPARE(corpus.duplicatesDropped, 1);
    QCOMPARE(corpus.nearDuplicatesDropped, 1);
    std::uint32_t duplicates = 0;
    for (const auto& document : corpus.documents) duplicates += document.duplicates;
    QCOMPARE(duplicates, 2U);
    QCOMPARE(corpus.sources[0].unlike + corpus.sources[1].unlike, 2);
    QCOMPARE(corpus.sources[0].distinct + corpus.sources[1].distinct, 3);
  }

  void textsOfTasksAreLeftOut() {
    const std::string item = "if a train leaves the town at noon and travels for three hours how far does it go";
    auto config = write({line("Before it: If a train, leaves the town at NOON and travels for three hours, how", "a"), line("a train leaves the town at noon", "a"),
                         line("another document", "b")});
    QCOMPARE(corpus::readCorpus(config, {}, {item}).documents.size(), std::size_t{3});
    config.decontaminate = true;
    const auto corpus = corpus::readCorpus(config, {}, {item, "another document"});   // too short to be told by
    QCOMPARE(corpus.contaminatedDropped, 1);
    QCOMPARE(textsOf(corpus), (std::set<std::string>{"a train leaves the town at noon", "another document"}));
    QCOMPARE(corpus.sources[0].clean, 1);
    QCOMPARE(corpus.contaminated.size(), std::size_t{1});   // kept aside, to be counted by cluster
    QVERIFY(corpus.contaminated[0].text.starts_with("Before it") && corpus.contaminated[0].source == "a" && !corpus.contaminated[0].id.valid());
  }

  void partsShareFamilyRoleAndWeight() {
    std::string text;
    for (int paragraph = 0; paragraph < 20; ++paragraph) {
      for (int i = 0; i < 40; ++i) text += "word" + std::to_string(paragraph * 100 + i) + " ";
      text += "\\n\\n";
    }
    auto config = write({line(text, "a"), line("too short to stay", "a")});
    config.chunks.tokens = 60;
    const auto corpus = corpus::readCorpus(config, {});
    QCOMPARE(corpus.documents.size(), std::size_t{4});
    QCOMPARE(corpus.families, 1);
    QCOMPARE(corpus.shortDropped, 1);
    for (std::size_t i = 0; i < 4; ++i) {
      QCOMPARE(corpus.documents[i].role, corpus.documents[0].role);
      QCOMPARE(corpus.documents[i].weight, .25);
      if (i > 0) QVERIFY(corpus.documents[i].chunk > corpus.documents[i - 1].chunk);
      QVERIFY(corpus.documents[i].text.starts_with("word" + std::to_string(100 * corpus.documents[i].chunk) + " "));
    }
  }

  void threadsAndFilesDoNotMatter() {
    const auto folder = std::filesystem::path(m_folder.path().toStdString()) / "many";
    std::filesystem::create_directory(folder);
    for (int file = 0; file < 12; ++file) {
      std::string all;
      for (int i = 0; i < 3000; ++i) all += line("text " + std::to_string((i * 7 + file * 13) % 5000), "set" + std::to_string(i % 4));
      files::writeFileAtomically(folder / ("part" + std::to_string(file) + ".jsonl"), all);
    }
    corpus::CorpusConfig config;
    config.path = folder;
    std::vector<std::string> hashes;
    for (const int threads : {1, 2, 3, 9}) {
      RunContext context;
      context.threads = threads;
      hashes.push_back(corpus::readCorpus(config, context).hash);
    }
    for (const std::string& hash : hashes) QCOMPARE(hash, hashes.front());
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
