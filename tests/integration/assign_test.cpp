#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/assign.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// Documents that a study has not seen find its clusters.
class AssignTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_root, m_file;
  Results m_results;

  std::filesystem::path newDocuments() const {
    const std::filesystem::path file = m_root / "new.jsonl";
    std::ofstream out(file);
    for (int i = 0; i < 30; ++i) {
      Rng rng(99, "new", static_cast<std::uint64_t>(i));
      out << nlohmann::json{{"text", tests::sentence(rng, i % 3) + " " + tests::sentence(rng, i % 3)}, {"meta", {{"set", "new" + std::to_string(i % 3)}}}}.dump() << '\n';
    }
    out << nlohmann::json{{"text", "zzqx vvkw"}, {"meta", {{"set", "none"}}}}.dump() << '\n';   // no word of the corpus
    return file;
  }

 private Q_SLOTS:
  void initTestCase() {
    m_root = m_folder.path().toStdString();
    const auto spec = tests::writeTinyStudy(m_root, LACUNA_TEST_DATA "/models/gpt2_default");
    m_file = m_root / "tiny.lacuna";
    runStudy(readSpec(spec), m_file, {});
    m_results = readResults(m_file);
  }

  /// What one generator wrote goes to one cluster; words that the corpus never had go nowhere.
  void newDocumentsGoWhereTheirLikeAre() {
    const auto before = files::readText(m_file);
    const AssignSummary done = assignDocuments(m_file, newDocuments(), m_root / "a.csv", {.textField = {}, .sourceField = "meta.set", .cache = {}}, {});
    QCOMPARE(done.documents, std::int64_t(31));
    QCOMPARE(done.assigned, std::int64_t(30));
    const auto rows = files::parseCsv(files::readText(m_root / "a.csv"));
    QCOMPARE(rows.size(), std::size_t(32));
    QCOMPARE(rows[0], (std::vector<std::string>{"document", "source", "cluster_id", "cluster_label", "strength", "cosine", "text"}));
    std::map<std::string, std::map<std::string, int>> clusters;
    for (std::size_t r = 1; r < 31; ++r) {
      ++clusters[rows[r][1]][rows[r][2]];
      const double strength = parseNumber(rows[r][4]).value_or(-1), cosine = parseNumber(rows[r][5]).value_or(-2);
      QVERIFY(strength >= 0 && strength <= 1 && cosine > 0 && cosine <= 1 + 1e-9 && !rows[r][3].empty());
    }
    QCOMPARE(clusters.size(), std::size_t(3));
    std::map<std::string, int> winners;
    for (const auto& [source, counts] : clusters) {
      const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      QVERIFY2(most->second >= 9, source.c_str());
      ++winners[most->first];
    }
    QCOMPARE(winners.size(), std::size_t(3));
    QVERIFY(rows[31][2].empty() && rows[31][4].empty());
    QVERIFY(files::readText(m_file) == before);   // the study is only read
  }

  void aStudyWhoseInputsChangedIsRefused() {
    const std::filesystem::path empty = m_root / "empty.lacuna";
    createFrom(empty);
    try {
      assignDocuments(empty, m_root / "new.jsonl", m_root / "b.csv", {}, {});
      QFAIL("no error");
    } catch (const Error& e) {
      QCOMPARE(e.code(), std::string("LAC-2005"));
    }
    QVERIFY(!std::filesystem::exists(m_root / "b.csv"));
  }

 private:
  /// The same study with another seed, not run again.
  void createFrom(const std::filesystem::path& file) const {
    std::filesystem::copy_file(m_file, file);
    const auto store = store::Store::open(file, false);
    store->setMeta("spec", withOverride(store->meta("spec"), "seed=12345"));
  }
};

QTEST_GUILESS_MAIN(AssignTest)
#include "assign_test.moc"
