#include <QTest>

#include "lacuna/base/error.h"
#include "lacuna/study/spec.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

const char* kSmallest = R"({"model": "m", "corpus": {"path": "c.jsonl"}})";

std::string complaint(const std::string& json) {
  try {
    parseSpec(json, "/somewhere");
  } catch (const Error& e) {
    return e.code() + " " + e.message();
  }
  return "accepted";
}

}  // namespace

class SpecTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theSmallestSpecGetsTheDefaults() {
    const StudySpec spec = parseSpec(kSmallest, "/somewhere");
    QCOMPARE(spec.controlDraws, 20);
    QCOMPARE(spec.bootstrapDraws, 10000);
    QCOMPARE(spec.clusters.method, std::string("kmeans"));
    QVERIFY(spec.perturbations.empty());
  }

  void canonicalJsonReadsBackAsItself() {
    StudySpec spec = parseSpec(R"({"model": "m", "corpus": {"path": "c"}, "tau": {"rule": "topk", "value": 12}, "seed": 7,
      "perturbations": [{"method": "grad_sign", "epsilons": [0.4, 0.1]}], "tasks": [{"file": "t.json", "shots": 3}]})", "/somewhere");
    const std::string json = toJson(spec);
    QCOMPARE(toJson(parseSpec(json, "/somewhere")), json);
    QCOMPARE(spec.perturbations[0].site, std::string("resid_post"));
    QCOMPARE(spec.perturbations[0].epsilons, (std::vector<double>{0.1, 0.4}));
    QCOMPARE(spec.perturbations[0].controlEpsilon, 0.4);
    QCOMPARE(spec.tasks[0].shots, 3);
  }

  void pairsAreSortedAndTakeTheGridsDose() {
    const StudySpec spec = parseSpec(R"({"model": "m", "corpus": {"path": "c"}, "perturbations": [{"displacements": [0.1]}, {"method": "zero"}],
      "interactions": {"pairs": [[3, 1], [1, 3], [0, 2]]}})", "/somewhere");
    QVERIFY(spec.interactions.pairs == (std::vector<std::pair<int, int>>{{0, 2}, {1, 3}}));
    QCOMPARE(spec.interactions.method, std::string("zero"));   // equal doses are solved for each cluster: a pair has no such dose
    QCOMPARE(spec.interactions.dose, 1.0);
    QCOMPARE(toJson(parseSpec(toJson(spec), "/somewhere")), toJson(spec));
    QVERIFY(!parseSpec(kSmallest, "/somewhere").interactions.wanted());
  }

  void sentenceEncodersKeepTheirFolder() {
    const StudySpec spec = parseSpec(R"({"model": "m", "corpus": {"path": "c"}, "embedding": {"encoder": "sentence-encoder", "folder": "e", "prompt": "query"}})", "/somewhere");
    QCOMPARE(spec.embedding.folder, std::filesystem::path("e"));
    QCOMPARE(spec.embedding.prompt, std::string("query"));
    QCOMPARE(toJson(parseSpec(toJson(spec), "/somewhere")), toJson(spec));
    QVERIFY(toJson(parseSpec(kSmallest, "/somewhere")).find("folder") == std::string::npos);  // older specs keep their keys
  }

  void mistakesAreNamedByPlace_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("says");
    QTest::newRow("unknown key") << R"({"model":"m","corpus":{"path":"c","txt":"x"}})" << "/corpus/txt";
    QTest::newRow("wrong kind") << R"({"model":"m","corpus":{"path":"c"},"clusters":{"k":"eight"}})" << "/clusters/k: expected a whole number, found \"eight\"";
    QTest::newRow("fraction for a whole number") << R"({"model":"m","corpus":{"path":"c"},"clusters":{"k":2.5}})" << "/clusters/k";
    QTest::newRow("method") << R"({"model":"m","corpus":{"path":"c"},"perturbations":[{"method":"melt"}]})" << "/perturbations/0/method";
    QTest::newRow("dose 0") << R"({"model":"m","corpus":{"path":"c"},"perturbations":[{"epsilons":[0]}]})" << "/perturbations/0/epsilons";
    QTest::newRow("dose of controls") << R"({"model":"m","corpus":{"path":"c"},"perturbations":[{"epsilons":[1],"control_epsilon":0.3}]})" << "control_epsilon";
    QTest::newRow("pair of one") << R"({"model":"m","corpus":{"path":"c"},"perturbations":[{}],"interactions":{"pairs":[[1,1]]}})" << "/interactions/pairs";
    QTest::newRow("pairs of nothing") << R"({"model":"m","corpus":{"path":"c"},"interactions":{"pairs":"all"}})" << "/interactions/method";
    QTest::newRow("dose of pairs") << R"({"model":"m","corpus":{"path":"c"},"perturbations":[{"epsilons":[1]}],"interactions":{"pairs":"all","dose":0.5}})" << "/interactions/dose";
    QTest::newRow("encoder without a folder") << R"({"model":"m","corpus":{"path":"c"},"embedding":{"encoder":"sentence-encoder"}})" << "/embedding/folder";
    QTest::newRow("encoder") << R"({"model":"m","corpus":{"path":"c"},"embedding":{"encoder":"doc2vec"}})" << "/embedding/encoder";
    QTest::newRow("dtype") << R"({"model":"m","dtype":"fp16","corpus":{"path":"c"}})" << "/dtype";
    QTest::newRow("no model") << R"({"corpus":{"path":"c"}})" << "/model";
    QTest::newRow("no JSON") << "{" << "not valid JSON";
    QTest::newRow("list for object") << R"({"model":"m","corpus":[]})" << "/corpus";
  }
  void mistakesAreNamedByPlace() {
    QFETCH(QString, json);
    QFETCH(QString, says);
    const QString said = QString::fromStdString(complaint(json.toStdString()));
    QVERIFY2(said.startsWith("LAC-1401") && said.contains(says), qPrintable(said));
  }

  void overridesSetOneValue() {
    const StudySpec spec = parseSpec(withOverride(withOverride(kSmallest, "clusters/k=12"), "embedding/encoder=model"), "/somewhere");
    QCOMPARE(spec.clusters.k, 12);
    QCOMPARE(spec.embedding.encoder, std::string("model"));
    QVERIFY_EXCEPTION_THROWN(withOverride(kSmallest, "clusters/k"), Error);
  }
};

QTEST_GUILESS_MAIN(SpecTest)
#include "spec_test.moc"
