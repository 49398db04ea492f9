#include <QtTest>

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <stop_token>

#include "lacuna/base/error.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/files/files.h"

using namespace lacuna;
namespace fs = std::filesystem;

namespace {

constexpr int kFiles = 12;

std::string line(const std::string& text, const std::string& source) {
  return R"({"text": ")" + text + R"(", "meta": {"set": ")" + source + R"("}})" + "\n";
}

/// What must not depend on where a reading was stopped.
void compare(const corpus::Corpus& found, const corpus::Corpus& expected) {
  QCOMPARE(found.hash, expected.hash);
  QCOMPARE(found.duplicatesDropped, expected.duplicatesDropped);
  QCOMPARE(found.report.documents, expected.report.documents);
  QCOMPARE(found.report.bytes, expected.report.bytes);
  QCOMPARE(found.report.bad, expected.report.bad);
  QCOMPARE(found.report.examples, expected.report.examples);
  QCOMPARE(found.report.textField, expected.report.textField);
  QCOMPARE(found.report.metadataFields, expected.report.metadataFields);
  for (std::size_t i = 0; i < expected.report.files.size(); ++i) {
    QCOMPARE(found.report.files[i].documents, expected.report.files[i].documents);
    QCOMPARE(found.report.files[i].modified, expected.report.files[i].modified);
  }
  QCOMPARE(found.sources.size(), expected.sources.size());
  for (std::size_t i = 0; i < expected.sources.size(); ++i) {
    QCOMPARE(found.sources[i].raw, expected.sources[i].raw);
    QCOMPARE(found.sources[i].wanted, expected.sources[i].wanted);
    QCOMPARE(found.sources[i].population, expected.sources[i].population);
  }
  QCOMPARE(found.documents.size(), expected.documents.size());
  for (std::size_t i = 0; i < expected.documents.size(); ++i) {
    QCOMPARE(found.documents[i].weight, expected.documents[i].weight);
    QCOMPARE(found.documents[i].duplicates, expected.documents[i].duplicates);
  }
}

}  // namespace

/// A reading that was stopped goes on after the last whole file, and gives what one that was not stopped gives.
class ReadingLogTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_scratch;
  int m_caches = 0;

  fs::path root() const { return m_scratch.path().toStdString(); }
  fs::path file(int i) const { return root() / "corpus" / ("part" + std::to_string(i) + ".jsonl"); }
  files::CacheSettings cache() { return {root() / ("cache" + std::to_string(m_caches++))}; }
  static std::vector<fs::path> logs(const files::CacheSettings& cache) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(cache.folder))
      if (entry.path().extension() == ".reading") out.push_back(entry.path());
    return out;
  }

  corpus::CorpusConfig config(const QString& kind) const {
    corpus::CorpusConfig config;
    config.path = root() / "corpus";
    config.sourceField = "meta.set";
    config.filter = "not text contains \"number 77\"";
    if (kind == "sample") config.maxDocuments = 500;
    if (kind == "by source") config.sampling = {600, .5, 20};
    return config;
  }

  using Saved = std::map<fs::path, std::string>;
  /// Other bytes under the same stamp: only who opens a file can tell.
  Saved scramble(const std::string& but) const {
    Saved saved;
    for (const auto& entry : fs::directory_iterator(root() / "corpus")) {
      if (entry.path().filename() == but) continue;
      const auto time = entry.last_write_time();
      const std::string bytes = files::readText(entry.path());
      saved[entry.path()] = bytes;
      std::ofstream(entry.path(), std::ios::binary | std::ios::trunc) << std::string(bytes.size(), '?');
      fs::last_write_time(entry.path(), time);
    }
    return saved;
  }
  static void restore(const Saved& saved) {
    for (const auto& [path, bytes] : saved) files::writeFileAtomically(path, bytes);
  }

 private Q_SLOTS:
  void initTestCase() {
    fs::create_directory(root() / "corpus");
    for (int f = 0; f < kFiles; ++f) {
      std::string all;
      for (int i = 0; i < 400; ++i) all += line("document number " + std::to_string((i * 7 + f * 13) % 3000) + std::string(20, 'x'), "set" + std::to_string((i + f) % 4));
      all += f % 3 == 0 ? "no json\n{\"text\": \"  \"}\n" : line("of file " + std::to_string(f), "own" + std::to_string(f));
      files::writeFileAtomically(file(f), all);
    }
  }

  void goesOnFromAnyByte_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"all", "sample", "by source"}) QTest::newRow(kind) << kind;
  }
  void goesOnFromAnyByte() {
    QFETCH(QString, kind);
    corpus::CorpusConfig plain = config(kind), kept = plain;
    const corpus::Corpus expected = corpus::readCorpus(plain, {});
    kept.kept = cache();
    compare(corpus::readCorpus(kept, {}), expected);
    compare(corpus::readCorpus(kept, {}), expected);   // from the log alone
    const std::vector<fs::path> written = logs(kept.kept);
    QCOMPARE(written.size(), kind == "by source" ? std::size_t{2} : std::size_t{1});
    std::mt19937 draw(1);
    for (const fs::path& log : written) {
      const std::string whole = files::readText(log);
      for (int i = 0; i < 12; ++i) {
        const std::size_t cut = i == 0 ? 0 : i == 1 ? whole.size() - 1 : draw() % whole.size();
        std::ofstream(log, std::ios::binary | std::ios::trunc) << whole.substr(0, cut);
        compare(corpus::readCorpus(kept, {}), expected);
        std::string bent = whole;
        bent[cut] = static_cast<char>(bent[cut] ^ 16);
        std::ofstream(log, std::ios::binary | std::ios::trunc) << bent;
        compare(corpus::readCorpus(kept, {}), expected);
        QCOMPARE(fs::file_size(log), whole.size());
      }
    }
  }

  void aStoppedReadingIsNotBegunAnew_data() {
    QTest::addColumn<int>("threads");
    for (const int threads : {1, 2, 4}) QTest::addRow("%d threads", threads) << threads;
  }
  void aStoppedReadingIsNotBegunAnew() {
    QFETCH(int, threads);
    std::string large;
    for (int i = 0; i < 100'000; ++i) large += line("a longer document with the number " + std::to_string(i) + std::string(60, 'y'), "large");
    const fs::path last = root() / "corpus" / "part99.jsonl";
    files::writeFileAtomically(last, large);
    corpus::CorpusConfig kept = config("sample");
    const corpus::Corpus expected = corpus::readCorpus(kept, {});
    kept.kept = cache();
    std::stop_source stop;
    RunContext context;
    context.threads = threads;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.done > 0) stop.request_stop();   // after some megabytes: within the last file
    };
    QVERIFY_THROWS_EXCEPTION(Cancelled, corpus::readCorpus(kept, context));
    QVERIFY(fs::file_size(logs(kept.kept).front()) > 10'000);
    const auto saved = threads < 4 ? scramble("part99.jsonl") : Saved();   // side by side it is chance which files are done with
    compare(corpus::readCorpus(kept, {}), expected);
    restore(saved);
    fs::remove(last);
  }

  void filesThatChangedAreReadAgain() {
    corpus::CorpusConfig kept = config("sample");
    kept.kept = cache();
    corpus::readCorpus(kept, {});
    const std::string before = files::readText(file(4));
    files::writeFileAtomically(file(4), before + line("added later", "new"));
    corpus::CorpusConfig plain = config("sample");
    compare(corpus::readCorpus(kept, {}), corpus::readCorpus(plain, {}));
    fs::remove(file(2));
    compare(corpus::readCorpus(kept, {}), corpus::readCorpus(plain, {}));
    files::writeFileAtomically(root() / "corpus" / "part100.jsonl", line("a further file", "new"));
    compare(corpus::readCorpus(kept, {}), corpus::readCorpus(plain, {}));
  }

  /// A further file may settle another text field; one that is named stays, and only the new file is read.
  void theTextFieldIsThatOfAllFiles() {
    const fs::path folder = root() / "fields";
    fs::create_directory(folder);
    std::string notes, texts;
    for (int i = 0; i < 300; ++i) notes += "{\"content\":\"a note with the number " + std::to_string(i) + "\"}\n";
    for (int i = 0; i < 250; ++i) texts += "{\"text\":\"a text with the number " + std::to_string(i) + "\",\"content\":\"short\"}\n";
    files::writeFileAtomically(folder / "b.jsonl", notes);
    corpus::CorpusConfig kept, named;
    kept.path = named.path = folder;
    kept.kept = cache();
    named.kept = cache();
    named.textField = "content";
    QCOMPARE(corpus::readCorpus(kept, {}).report.textField, std::string("content"));
    corpus::readCorpus(named, {});
    files::writeFileAtomically(folder / "a.jsonl", texts);
    corpus::CorpusConfig plain;
    plain.path = folder;
    const corpus::Corpus fresh = corpus::readCorpus(plain, {});
    QCOMPARE(fresh.report.textField, std::string("text"));
    compare(corpus::readCorpus(kept, {}), fresh);
    plain.textField = "content";
    compare(corpus::readCorpus(named, {}), corpus::readCorpus(plain, {}));
  }

  /// What a file gave that could not be read to its end is not kept, nor what came behind it.
  void aDamagedFileEndsTheLog() {
    const fs::path folder = root() / "damaged";
    fs::create_directory(folder);
    for (int f = 0; f < 4; ++f) {
      std::string all;
      for (int i = 0; i < 200; ++i) all += line("row " + std::to_string(i) + " of file " + std::to_string(f), "s");
      files::writeFileAtomically(folder / ("f" + std::to_string(f) + ".jsonl"), f == 2 ? "\x1f\x8b\x08 no gzip" : all);
    }
    corpus::CorpusConfig kept, plain;
    kept.path = plain.path = folder;
    kept.kept = cache();
    RunContext one;
    one.threads = 1;
    compare(corpus::readCorpus(kept, one), corpus::readCorpus(plain, one));
    const auto size = fs::file_size(logs(kept.kept).front());
    compare(corpus::readCorpus(kept, one), corpus::readCorpus(plain, one));
    QCOMPARE(fs::file_size(logs(kept.kept).front()), size);
  }

  void theFilesAreNotOpened() {
    corpus::CorpusConfig kept = config("by source");
    kept.kept = cache();
    const corpus::Corpus expected = corpus::readCorpus(kept, {});
    const Saved saved = scramble("");
    compare(corpus::readCorpus(kept, {}), expected);
    restore(saved);
  }

  void otherSettingsAreAnotherReading() {
    const files::CacheSettings shared = cache();
    for (const char* kind : {"all", "sample", "by source"})
      for (const std::uint64_t seed : {1U, 2U}) {
        RunContext context;
        context.seed = seed;
        corpus::CorpusConfig kept = config(kind);
        const corpus::Corpus expected = corpus::readCorpus(kept, context);
        kept.kept = shared;
        compare(corpus::readCorpus(kept, context), expected);
        kept.filter = "meta.set == set1";
        corpus::CorpusConfig plain = kept;
        plain.kept = {};
        compare(corpus::readCorpus(kept, context), corpus::readCorpus(plain, context));
      }
  }

  void keptCopiesAreNotLogged() {
    corpus::CorpusConfig kept = config("sample");
    kept.dropDuplicates = false;
    const corpus::Corpus expected = corpus::readCorpus(kept, {});
    kept.kept = cache();
    compare(corpus::readCorpus(kept, {}), expected);
    QVERIFY(!fs::exists(kept.kept.folder));
  }

  void aFolderThatCannotBeWrittenIsNoError() {
    corpus::CorpusConfig kept = config("sample");
    const corpus::Corpus expected = corpus::readCorpus(kept, {});
    const fs::path inTheWay = root() / "a file";
    std::ofstream(inTheWay) << "x";
    kept.kept.folder = inTheWay / "cache";
    compare(corpus::readCorpus(kept, {}), expected);
  }

  void roomIsKept() {
    corpus::CorpusConfig kept = config("all");
    const corpus::Corpus expected = corpus::readCorpus(kept, {});
    kept.kept = cache();
    kept.kept.capBytes = 40'000;
    compare(corpus::readCorpus(kept, {}), expected);
    std::uint64_t bytes = 0;
    for (const fs::path& log : logs(kept.kept)) bytes += fs::file_size(log);
    QVERIFY(bytes > 0 && bytes <= kept.kept.capBytes);
    compare(corpus::readCorpus(kept, {}), expected);
  }
};

QTEST_GUILESS_MAIN(ReadingLogTest)
#include "reading_log_test.moc"
