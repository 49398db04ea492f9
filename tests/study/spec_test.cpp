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

  void corporaAreDescribedInTheirOwnWords() {
    const StudySpec spec = parseSpec(R"({"model": "m", "corpus": {"path": ["a", "b"], "filter": "n > 1", "text_unit": "line", "dedup": "near", "decontaminate": true,
      "sampling": {"size": 100}, "chunk": {"least": 16}}})", "/somewhere");
    QCOMPARE(spec.corpus.morePaths, std::vector<std::filesystem::path>{"b"});
    QCOMPARE(spec.corpus.nearDuplicates.threshold, .7);
    QCOMPARE(spec.corpus.sampling.floor, std::int64_t{50});
    QCOMPARE(spec.corpus.chunks.tokens, std::int64_t{512});
    QCOMPARE(toJson(parseSpec(toJson(spec), "/somewhere")), toJson(spec));
    QVERIFY(!parseSpec(R"({"model": "m", "corpus": {"path": "c", "drop_duplicates": false}})", "/").corpus.dropDuplicates);
    QVERIFY(!parseSpec(R"({"model": "m", "corpus": {"path": "c", "dedup": "none"}})", "/").corpus.dropDuplicates);
    for (const char* key : {"filter", "sampling", "dedup", "chunk", "decontaminate", "text_unit"})   // older specs keep their hashes
      QVERIFY(toJson(parseSpec(kSmallest, "/somewhere")).find(std::string("\"") + key + "\"") == std::string::npos);
  }

  void embeddingsSayWhatBecomesOfLongDocuments() {
    const auto specOf = [](const std::string& embedding) { return parseSpec(R"({"model": "m", "corpus": {"path": "c"}, "embedding": )" + embedding + "}", "/somewhere"); };
    const auto textOf = [&](const std::string& embedding) { return toJson(specOf(embedding)); };
    QCOMPARE(specOf("{}").embedding.longDocuments, embeddings::LongDocuments::Windows);
    QCOMPARE(specOf(R"({"encoder": "model", "long_documents": "truncate"})").embedding.longDocuments, embeddings::LongDocuments::Truncate);
    QCOMPARE(specOf("{}").embedding.postSteps(), std::vector<std::string>());
    QCOMPARE(specOf(R"({"encoder": "model"})").embedding.postSteps(), std::vector<std::string>{"centre"});
    QCOMPARE(specOf(R"({"encoder": "model", "post": []})").embedding.postSteps(), std::vector<std::string>());
    QCOMPARE(specOf(R"({"post": ["all-but-the-top"], "top_components": 2})").embedding.topComponents, 2);
    QCOMPARE(textOf(R"({"encoder": "model", "post": ["centre"]})"), textOf(R"({"encoder": "model"})"));   // the default named is no other study
    for (const char* embedding : {R"({"encoder": "model", "post": []})", R"({"post": ["centre", "all-but-the-top"]})", R"({"encoder": "model", "long_documents": "truncate"})"}) {
      QVERIFY(textOf(embedding) != textOf("{}"));
      QCOMPARE(toJson(parseSpec(textOf(embedding), "/somewhere")), textOf(embedding));
    }
    for (const char* key : {"post", "top_components", "long_documents"})   // older specs of tfidf keep their hashes
      QVERIFY(toJson(parseSpec(kSmallest, "/somewhere")).find(std::string("\"") + key + "\"") == std::string::npos);
    for (const char* wrong : {R"({"long_documents": "cut"})", R"({"post": ["whiten"]})", R"({"post": "centre"})", R"({"top_components": -1})"})
      QVERIFY_EXCEPTION_THROWN(specOf(wrong), Error);
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
    QTest::newRow("no path") << R"({"model":"m","corpus":{"path":[]}})" << "/corpus/path";
    QTest::newRow("path of another kind") << R"({"model":"m","corpus":{"path":["c",1]}})" << "/corpus/path";
    QTest::newRow("filter") << R"({"model":"m","corpus":{"path":"c","filter":"a =="}})" << "expected a value";
    QTest::newRow("dedup") << R"({"model":"m","corpus":{"path":"c","dedup":"fuzzy"}})" << "/corpus/dedup";
    QTest::newRow("Jaccard") << R"({"model":"m","corpus":{"path":"c","dedup":"near","near_threshold":1.2}})" << "/corpus/near_threshold";
    QTest::newRow("sampling without size") << R"({"model":"m","corpus":{"path":"c","sampling":{"power":1}}})" << "/corpus/sampling/size";
    QTest::newRow("sampling twice") << R"({"model":"m","corpus":{"path":"c","sampling":{"size":9},"max_documents":9}})" << "/corpus/max_documents";
    QTest::newRow("chunk") << R"({"model":"m","corpus":{"path":"c","chunk":{"tokens":64,"words":3}}})" << "/corpus/chunk/words";
    QTest::newRow("text unit") << R"({"model":"m","corpus":{"path":"c","text_unit":"page"}})" << "/corpus/text_unit";
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
