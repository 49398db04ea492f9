#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include <unistd.h>
#include <zstd.h>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

using namespace lacuna;
using namespace lacuna::files;
namespace fs = std::filesystem;

namespace {

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

using Counts = std::map<std::string, std::uint64_t>;

}  // namespace

/// Files of a corpus together: several paths, links, threads, and what is wrong with some of them.
class CorpusFilesTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> m_folder;

  fs::path here(const std::string& name = "") const { return fs::path(m_folder->path().toStdString()) / name; }
  fs::path put(const std::string& name, const std::string& bytes) const {
    fs::create_directories(here(name).parent_path());
    std::ofstream(here(name), std::ios::binary) << bytes;
    return here(name);
  }
  static std::string row(const std::string& text) { return R"({"text":")" + text + "\"}\n"; }

  struct Outcome {
    ReadReport report;
    std::vector<std::string> texts;   ///< "file:row text", sorted where the order is free
  };
  static Outcome read(std::span<const fs::path> paths, ReadOptions options = {}, int threads = 1) {
    Outcome out;
    RunContext context;
    context.threads = threads;
    out.report = readRecords(paths, options, context, [&](Record&& record) {
      out.texts.push_back(std::to_string(1000 + record.file) + ":" + std::to_string(1000000 + record.row) + " " + record.text);
      return true;
    });
    if (options.anyOrder) std::sort(out.texts.begin(), out.texts.end());
    return out;
  }
  static Outcome read(const fs::path& path, ReadOptions options = {}, int threads = 1) { return read(std::span(&path, 1), options, threads); }

  /// A folder with many kinds of files and faults.
  void putMixture() const {
    std::string lines;
    for (int i = 0; i < 3000; ++i) lines += i % 500 == 7 ? "{broken\n" : i % 700 == 3 ? "{\"text\":null,\"n\":1}\n" : row("line " + std::to_string(i));
    for (int part = 0; part < 6; ++part) put("part" + std::to_string(part) + ".jsonl.zst", zstd(lines));
    put("part7.jsonl.zst", zstd(lines).substr(0, 3000));
    put("table.csv", "text,n\none,1\ntwo\nthree,3\n");
    put("picture.jsonl", std::string("\x89PNG\r\n\x1A\n\0\0\0", 11));
    put("empty.jsonl", "");
    put("array.json", "[{\"text\":\"a\"},{\"text\":\"b\"},{\"text\":3}]");
  }
  static void compare(const ReadReport& a, const ReadReport& b) {
    QCOMPARE(a.documents, b.documents);
    QCOMPARE(a.bytes, b.bytes);
    QCOMPARE(a.bad, b.bad);
    QCOMPARE(a.repaired, b.repaired);
    QCOMPARE(a.examples, b.examples);
    QCOMPARE(a.warnings, b.warnings);
    QCOMPARE(a.metadataFields, b.metadataFields);
    for (std::size_t i = 0; i < a.files.size(); ++i) {
      QCOMPARE(a.files[i].path, b.files[i].path);
      QCOMPARE(a.files[i].documents, b.files[i].documents);
      QCOMPARE(a.files[i].damaged, b.files[i].damaged);
    }
  }

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void threadsGiveTheSameRows_data() {
    QTest::addColumn<int>("threads");
    QTest::addColumn<bool>("anyOrder");
    for (const int threads : {2, 3, 8, 40})
      for (const bool any : {false, true}) QTest::addRow("%d threads, %s", threads, any ? "any order" : "in order") << threads << any;
  }
  void threadsGiveTheSameRows() {
    QFETCH(int, threads);
    QFETCH(bool, anyOrder);
    putMixture();
    ReadOptions options;
    options.anyOrder = anyOrder;
    const Outcome one = read(here(), options), many = read(here(), options, threads);
    QVERIFY(one.report.documents > 17000 && one.report.damaged());
    QCOMPARE(many.texts, one.texts);
    compare(many.report, one.report);
  }

  void readingManyFilesStopsEarly() {
    putMixture();
    for (const int threads : {1, 2, 8}) QCOMPARE(read(here(), {.maxRecords = 4321}, threads).texts.size(), std::size_t{4321});
  }

  void readingManyFilesCanBeCancelled() {
    putMixture();
    for (const int threads : {1, 2, 8}) {
      std::stop_source source;
      RunContext context;
      context.threads = threads;
      context.stop = source.get_token();
      std::uint64_t seen = 0;
      QVERIFY_EXCEPTION_THROWN(readRecords(here(), {}, context,
                                           [&](Record&&) {
                                             if (++seen == 100) source.request_stop();
                                             return true;
                                           }),
                               Cancelled);
      QVERIFY(seen < 17000);
    }
  }

  void whatTheConsumerThrowsArrives() {
    putMixture();
    for (const int threads : {1, 2, 8}) {
      RunContext context;
      context.threads = threads;
      QVERIFY_EXCEPTION_THROWN(readRecords(here(), {}, context, [](Record&&) -> bool { throw Error("LAC-0000", "mine"); }), Error);
    }
  }

  void progressReachesTheEnd() {
    putMixture();
    for (const int threads : {1, 2, 8}) {
      RunContext context;
      context.threads = threads;
      Progress last;
      context.progress = [&](const Progress& p) { last = p; };
      readRecords(here(), {}, context, [](Record&&) { return true; });
      QVERIFY(last.total > 0 && last.done == last.total);
    }
  }

  void pathsAreReadInNaturalOrderEachOnce() {
    const std::vector<fs::path> paths = {put("b10.jsonl", row("ten")), put("b9.jsonl", row("nine")), here(), put("sub/a.jsonl", row("sub"))};
    const Outcome out = read(paths);
    QCOMPARE(out.texts, (std::vector<std::string>{"1000:1000000 nine", "1001:1000000 ten", "1002:1000000 sub"}));
    QVERIFY(out.report.files[0].size > 0 && out.report.files[0].modified > 0);
  }

  void linksAreFollowedOnce() {
    put("a/one.jsonl", row("one"));
    put("elsewhere/two.jsonl", row("two"));
    fs::create_directory_symlink(here("a"), here("a/loop"));
    fs::create_directory_symlink(here("elsewhere"), here("a/other"));
    fs::create_symlink(here("a/one.jsonl"), here("a/same.jsonl"));
    fs::create_symlink(here("nowhere"), here("a/broken.jsonl"));
    const Outcome out = read(here("a"));
    QCOMPARE(out.report.documents, std::uint64_t{3});
    QVERIFY(out.report.files[0].path.ends_with("broken.jsonl") && out.report.files[0].damaged);
    QCOMPARE(out.report.warnings.size(), std::size_t{1});
    QVERIFY(out.report.warnings[0].find("loop") != std::string::npos);
  }

  void unreadableFilesAreListed() {
    if (::geteuid() == 0) QSKIP("root may read everything");
    put("a.jsonl", row("one"));
    fs::permissions(put("b.jsonl", row("two")), fs::perms::none);
    const Outcome out = read(here());
    QCOMPARE(out.report.documents, std::uint64_t{1});
    QVERIFY(out.report.files[1].damaged);
  }

  void filesOfManyKindsHaveTheirOwnCounts_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("documents");
    QTest::addColumn<QString>("kind");     // of bad or repaired rows
    QTest::addColumn<int>("rows");
    const auto data = [](const char* name, const std::string& bytes, int documents, const char* kind, int rows) {
      QTest::newRow(name) << QByteArray::fromStdString(bytes) << documents << kind << rows;
    };
    const std::string good = row("good");
    data("unparsable", good + "{\"text\":\"a\"\n" + good, 2, "unparsable", 1);
    data("deep", good + "{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + ",\"text\":\"b\"}\n", 1, "unparsable", 1);
    data("NaN is no JSON", good + "{\"text\":\"a\",\"x\":NaN}\n", 1, "unparsable", 1);
    data("raw NUL", good + std::string("{\"text\":\"a\0b\"}\n", 15), 1, "unparsable", 1);
    data("missing", good + "{\"other\":\"a\"}\n{\"text\":null}\n{\"text\":[\"a\"]}\n{\"text\":{\"text\":\"a\"}}\n", 1, "missing_text", 4);
    data("a later null wins", good + "{\"text\":\"a\",\"text\":null}\n", 1, "missing_text", 1);
    data("empty", good + "{\"text\":\"\"}\n", 1, "empty_text", 1);
    data("keys twice", good + "{\"text\":\"a\",\"text\":\"b\",\"m\":{\"x\":1,\"x\":2}}\n", 2, "duplicate_key", 1);
    data("escaped NUL", good + "{\"text\":\"a\\u0000\"}\n", 2, "control_characters", 1);
    data("invalid UTF-8", good + "{\"text\":\"\xC3(\"}\n", 2, "invalid_utf8", 1);
    data("lone surrogates", good + "{\"text\":\"\\uDC00\"}\n", 2, "lone_surrogate", 1);
  }
  void filesOfManyKindsHaveTheirOwnCounts() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, documents);
    QFETCH(QString, kind);
    QFETCH(int, rows);
    const Outcome out = read(put("a.jsonl", bytes.toStdString()));
    QCOMPARE(out.report.documents, static_cast<std::uint64_t>(documents));
    Counts all = out.report.bad;
    all.insert(out.report.repaired.begin(), out.report.repaired.end());
    QVERIFY((all == Counts{{kind.toStdString(), static_cast<std::uint64_t>(rows)}}));
  }

  void oneBadRowInAHundredIsSound() {
    std::string lines;
    for (int i = 0; i < 99; ++i) lines += row("a");
    QVERIFY(read(put("a.jsonl", lines + "{\n")).report.sound());
    QVERIFY(!read(put("a.jsonl", lines + "{\n{\n")).report.sound());
  }

  void bombsAreStopped() {
    std::string bytes;
    const std::string frame = zstd(std::string(64u << 20, '\n'));
    for (int i = 0; i < 80; ++i) bytes += frame;   // 5 GiB of blank lines
    const Outcome out = read(put("a.jsonl.zst", zstd(row("before")) + bytes));
    QCOMPARE(out.report.documents, std::uint64_t{1});
    QVERIFY(out.report.damaged());
    QVERIFY2(out.report.examples.at(0).find("more than 1000 times its size") != std::string::npos, out.report.examples.at(0).c_str());
  }

  void largeWindowsAreRead() {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += row("a row " + std::to_string(i));
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, 31);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
    std::string packed(ZSTD_compressBound(text.size()) + 100, '\0');
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    QCOMPARE(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_end), std::size_t{0});
    packed.resize(out.pos);
    QCOMPARE(read(put("a.jsonl.zst", packed)).report.documents, std::uint64_t{1000});
  }

  void compressedTwiceIsSaid() {
    const Outcome out = read(put("a.zst", zstd(zstd(row("a")))), {.mayBeEmpty = true});
    QVERIFY(out.report.damaged());
    QVERIFY(out.report.examples.at(0).find("compressed twice") != std::string::npos);
  }

  void fieldsThatLookAlikeAreNotChosenBetween() {
    const std::string text = "twenty letters or even more of them";
    try {
      read(put("a.jsonl", "{\"alpha\":\"" + text + "\",\"beta\":\"" + text + "\"}\n"));
      QFAIL("read");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1101"));
      QVERIFY(error.message().find("'alpha' and 'beta' look equally") != std::string::npos);
    }
  }

  void textFieldsNeedNoBlanks() {
    const Outcome out = read(put("a.jsonl", "{\"frage\":\"人类的语言模型从大量的文本中学习词语之间的关系并且可以\",\"k\":\"x\"}\n"));
    QCOMPARE(out.report.textField, std::string("frage"));
  }

  void aNameThatMostRowsHaveIsPreferred() {
    std::string lines = "{\"text\":\"once\"}\n";
    for (int i = 0; i < 10; ++i) lines += "{\"content\":\"often\"}\n";
    QCOMPARE(read(put("a.jsonl", lines)).report.textField, std::string("content"));
  }
};

QTEST_GUILESS_MAIN(CorpusFilesTest)
#include "corpus_files_test.moc"
