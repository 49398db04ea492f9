#include <QtTest/QtTest>

#include <fstream>
#include <nlohmann/json.hpp>

#include "answer_metrics.h"
#include "extraction.h"
#include "lacuna/base/error.h"
#include "lacuna/text/unicode.h"
#include "sampler.h"

using namespace lacuna::tasks;
using Json = nlohmann::json;

/// Every row of the tables that the reference's own code computed.
class FunctionsTest : public QObject {
  Q_OBJECT

 private:
  Json m_tables;

  void rows(const char* table) {
    QTest::addColumn<QByteArray>("json");
    int n = 0;
    for (const Json& row : m_tables.at(table)) {
      const std::string text = row.dump();
      QTest::newRow((std::to_string(n++) + " " + text.substr(0, 60)).c_str()) << QByteArray(text.data(), static_cast<int>(text.size()));
    }
    QVERIFY2(n > 0, table);
  }
  static Json row() {
    QFETCH(QByteArray, json);
    return Json::parse(json.toStdString());
  }
  static std::string text(const Json& row, const char* key) { return row.at(key).get<std::string>(); }
  static void same(const std::string& got, const std::string& wanted) {
    QCOMPARE(QString::fromStdString(got), QString::fromStdString(wanted));
  }
  static std::vector<std::int64_t> numbers(const std::string& letters) { return {letters.begin(), letters.end()}; }

 private Q_SLOTS:
  void initTestCase() {
    std::ifstream file(LACUNA_TEST_DATA "/tasks/functions.json");
    m_tables = Json::parse(file);
  }

  void gsm8kExtraction_data() { rows("gsm8k_extraction"); }
  void gsm8kExtraction() {
    const Json r = row();
    const std::string strict = gsm8kStrict(text(r, "text")), flexible = gsm8kFlexible(text(r, "text"));
    const std::string gold = gsm8kNormalised(text(r, "answer"));
    same(strict, text(r, "strict"));
    same(flexible, text(r, "flexible"));
    QCOMPARE(gsm8kNormalised(strict) == gold ? 1 : 0, r.at("strict_match").get<int>());
    QCOMPARE(gsm8kNormalised(flexible) == gold ? 1 : 0, r.at("flexible_match").get<int>());
  }

  /// Thousands separators, signs, dots, several answers, digits of other scripts: Python's own re on the same strings.
  void gsm8kExtractionOfOddStrings() {
    std::ifstream file(LACUNA_TEST_DATA "/extraction_reference.json");
    const Json table = Json::parse(file);
    QVERIFY(table.size() > 300);
    for (const Json& r : table) {
      same(gsm8kStrict(text(r, "text")), text(r, "strict"));
      same(gsm8kFlexible(text(r, "text")), text(r, "flexible"));
      same(gsm8kNormalised(text(r, "text")), text(r, "normalised"));
      if (QTest::currentTestFailed()) qFatal("in: %s", r.at("text").get<std::string>().c_str());
    }
  }

  void bbhExtraction_data() { rows("bbh_cot_extraction"); }
  void bbhExtraction() {
    const Json r = row();
    same(bbhGetAnswer(text(r, "text")), text(r, "get_answer"));
    same(bbhAnswer(text(r, "text")), text(r, "extracted"));
    QCOMPARE(bbhGetAnswer(text(r, "text")) == text(r, "target") ? 1 : 0, r.at("get_answer_match").get<int>());
    QCOMPARE(bbhAnswer(text(r, "text")) == text(r, "target") ? 1 : 0, r.at("match").get<int>());
  }

  void squad_data() { rows("squad_em_f1"); }
  void squad() {
    const Json r = row();
    const auto references = r.at("references").get<std::vector<std::string>>();
    same(squadNormalised(text(r, "prediction")), text(r, "normalised"));
    QCOMPARE(squadExact(text(r, "prediction"), references), r.at("em").get<double>());
    QVERIFY(std::abs(squadF1(text(r, "prediction"), references) - r.at("f1").get<double>()) < 1e-8);
  }

  void exactMatchOptions_data() { rows("exact_match_options"); }
  void exactMatchOptions() {
    const Json r = row();
    const Json& o = r.at("options");
    const ExactMatchOptions options{o.value("ignore_case", false), o.value("ignore_punctuation", false),
                                    o.value("ignore_numbers", false), o.value("regexes_to_ignore", std::vector<std::string>{})};
    checkRegexes(options.regexesToIgnore);
    QCOMPARE(exactMatch(text(r, "prediction"), text(r, "reference"), options) ? 1 : 0, r.at("match").get<int>());
  }

  void stopStrings_data() { rows("stop_strings"); }
  void stopStrings() {
    const Json r = row();
    same(cutAtStops(text(r, "text"), r.at("until").get<std::vector<std::string>>()), text(r, "result"));
  }

  void bigbenchPostprocess_data() { rows("bigbench_postprocess"); }
  void bigbenchPostprocess() { same(bigbenchAnswer(text(row(), "text")), text(row(), "result")); }

  void bigbenchPostprocessWithRegexAndStop() {
    same(bigbenchAnswer("abc 12; x", "", "[0-9]+"), "12");
    same(bigbenchAnswer(" a. b END c", "END"), "a. b");
    QVERIFY_EXCEPTION_THROWN(bigbenchAnswer("x", "", "("), lacuna::Error);
  }

  void cleanUp_data() { rows("decode_clean_up"); }
  void cleanUp() { same(cleanedUp(text(row(), "text")), text(row(), "result")); }

  void trailingWhitespace_data() { rows("trailing_whitespace"); }
  void trailingWhitespace() {
    const Json r = row();
    const std::string whole = text(r, "text"), kept(lacuna::text::rightStripped(whole));
    same(kept, text(r, "rstrip"));
    same(whole.substr(kept.size()), text(r, "moved"));
  }

  void lengths_data() { rows("lengths"); }
  void lengths() {
    const Json r = row();
    QCOMPARE(lacuna::text::characters(text(r, "text")), r.at("characters").get<std::int64_t>());
    QCOMPARE(static_cast<std::int64_t>(text(r, "text").size()), r.at("bytes").get<std::int64_t>());
  }

  void samplerLmEval_data() { rows("sampler_lm_eval"); }
  void samplerLmEval() {
    const Json r = row();
    std::vector<std::int64_t> pool(r.at("pool").get<std::size_t>());
    for (std::size_t i = 0; i < pool.size(); ++i) pool[i] = static_cast<std::int64_t>(i);
    ExampleSampler sampler(ExampleSampler::Kind::LmEval, pool, r.at("k").get<std::int64_t>(), r.at("exclude_item").get<bool>());
    std::size_t item = 0;
    for (const Json& draw : r.at("draws")) {
      const std::int64_t own = r.contains("items") ? r.at("items").at(item).get<std::int64_t>() : -1;
      QCOMPARE(sampler.next(own), draw.get<std::vector<std::int64_t>>());
      ++item;
    }
  }

  void samplerRepeatedRows_data() { rows("sampler_lm_eval_repeated_rows"); }
  void samplerRepeatedRows() {
    const Json r = row();
    ExampleSampler sampler(ExampleSampler::Kind::LmEval, numbers(text(r, "pool")), r.at("k").get<std::int64_t>(), true);
    std::size_t item = 0;
    for (const Json& draw : r.at("draws"))
      QCOMPARE(sampler.next(text(r, "items").at(item++)), draw.get<std::vector<std::int64_t>>());
  }

  void samplerFirst_data() { rows("sampler_first"); }
  void samplerFirst() {
    const Json r = row();
    const std::string pool = text(r, "pool");
    ExampleSampler sampler(ExampleSampler::Kind::First, numbers(pool), r.at("k").get<std::int64_t>(), true);
    std::vector<std::string> drawn;
    for (const std::int64_t at : sampler.next(text(r, "item").front())) drawn.push_back(pool.substr(static_cast<std::size_t>(at), 1));
    QCOMPARE(drawn, r.at("first").get<std::vector<std::string>>());
  }

  void samplerSaysWhenThePoolIsTooSmall() {
    ExampleSampler sampler(ExampleSampler::Kind::LmEval, {1, 1, 2}, 3, true);
    QVERIFY_EXCEPTION_THROWN(sampler.next(1), lacuna::Error);
  }

  void choicePermutation() {
    for (const auto& [n, order] : m_tables.at("bigbench_choice_permutation").items())
      QCOMPARE(numpyPermutation(42, std::stoll(n)), order.get<std::vector<std::int64_t>>());
  }

  void mersenneTwisterKnownOutputs() {
    MersenneTwister bits = MersenneTwister::fromKey(1234);
    for (const std::uint32_t wanted : {4150886329u, 3342196574u, 1892932127u, 501869158u}) QCOMPARE(bits.next(), wanted);
  }

  void sharedTokens_data() { rows("shared_tokens"); }
  void sharedTokens() {
    const Json r = row();
    const SharedTokens shared = lacuna::tasks::sharedTokens(r.at("a").get<std::vector<std::int32_t>>(), r.at("b").get<std::vector<std::int32_t>>());
    QCOMPARE(shared.inA, r.at("common_a").get<std::vector<std::int64_t>>());
    QCOMPARE(shared.inB, r.at("common_b").get<std::vector<std::int64_t>>());
  }

  void rollingWindows_data() { rows("rolling_windows"); }
  void rollingWindows() {
    const Json r = row();
    const auto windows = lacuna::tasks::rollingWindows(r.at("tokens").get<std::vector<std::int32_t>>(), r.at("prefix").get<std::int32_t>(),
                                                       r.at("max_length").get<std::int64_t>());
    QCOMPARE(windows.size(), r.at("windows").size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
      QCOMPARE(windows[i].context, r.at("windows")[i].at("context").get<std::vector<std::int32_t>>());
      QCOMPARE(windows[i].scored, r.at("windows")[i].at("scored").get<std::vector<std::int32_t>>());
    }
  }

  void lowerCaseFollowsUnicode() {
    same(lacuna::text::lower("ÀÉÎ ŽĆ ΑΒΓ Жук ẞ"), "àéî žć αβγ жук ß");
    same(lacuna::text::lower("ΟΔΟΣ ΣΑ"), "οδος σα");
  }
};

QTEST_GUILESS_MAIN(FunctionsTest)
#include "functions_test.moc"
