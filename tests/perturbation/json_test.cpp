#include <QTest>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/perturbation/perturbation.h"

using namespace lacuna;
using namespace lacuna::perturbation;
using nlohmann::json;

namespace {

json minimal(const char* method) {
  json j = {{"site", "resid_post"}, {"layer", 1}, {"method", method}};
  const std::string name = method;
  if (name == "zero" || name == "set" || name == "mean") j["neurons"] = {10, 11, 29};
  if (name == "set") j["value"] = 2.35;
  if (name == "mean") j["centre"] = {.1, .2, .3};
  if (name == "project") j["basis"] = {{1, 0, 0}, {0, 1, 0}}, j["centre"] = {.5, 0, 1};
  if (name == "grad_sign") j["direction"] = {1, 0, -1}, j["rho"] = .5;
  if (name == "noise") j["rho"] = .5, j["seed"] = 18446744073709551615ULL;
  return j;
}

constexpr const char* kMethods[] = {"zero", "mean", "set", "project", "grad_sign", "noise"};

}  // namespace

class JsonTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void roundTrips_data();
  void roundTrips();
  void shortFormOfSetEditsAllPositions();
  void neuronsAreSortedWithTheirMeans();
  void hashFollowsTheValue();
  void emptyBasisKeepsItsWidth();
  void namesTheDefect_data();
  void namesTheDefect();
  void describes_data();
  void describes();
};

void JsonTest::roundTrips_data() {
  QTest::addColumn<QString>("method");
  for (const char* method : kMethods) QTest::newRow(method) << QString::fromUtf8(method);
}

void JsonTest::roundTrips() {
  QFETCH(QString, method);
  json j = minimal(qPrintable(method));
  j["epsilon"] = 0.1;
  j["tokens"] = "last";
  j["keep_norm"] = true;
  const Perturbation p = fromJson(j);
  QCOMPARE(p.epsilon, 0.1);
  QVERIFY(p.tokens == model::TokenScope::Last);
  QVERIFY(p.keepNorm);
  const json canonical = toJson(p);
  QVERIFY(canonical == toJson(fromJson(canonical)));
  QVERIFY(json::parse(canonical.dump()) == canonical);
  for (const auto& [key, value] : j.items()) QVERIFY2(canonical.at(key) == value, key.c_str());
  QCOMPARE(QString::fromStdString(methodName(p.method)), method);
}

void JsonTest::shortFormOfSetEditsAllPositions() {
  const Perturbation p = fromJson(json::parse(R"({"site": "resid_post", "layer": 1, "method": "set", "neurons": [10, 11, 29], "value": 2.35})"));
  QVERIFY(p.includeFirst);
  QVERIFY(p.tokens == model::TokenScope::All);
  QCOMPARE(p.epsilon, 1.0);
  QCOMPARE(p.value, 2.35);
  QVERIFY(!fromJson(minimal("zero")).includeFirst);
  json off = minimal("set");
  off["include_first"] = false;
  QVERIFY(!fromJson(off).includeFirst);
}

void JsonTest::neuronsAreSortedWithTheirMeans() {
  json j = minimal("mean");
  j["neurons"] = {29, 10, 11};
  const Perturbation p = fromJson(j);
  QVERIFY((p.neurons == std::vector<std::int32_t>{10, 11, 29}));
  QVERIFY((p.centre == std::vector<double>{.2, .3, .1}));
}

void JsonTest::hashFollowsTheValue() {
  const Perturbation p = fromJson(minimal("mean"));
  QCOMPARE(hash(p).size(), std::size_t(32));
  QVERIFY(hash(p) == hash(fromJson(toJson(p))));
  Perturbation other = p;
  other.centre[0] += 1e-15;
  QVERIFY(hash(p) != hash(other));
  other = p;
  other.value = 5;  // means nothing for this method
  QVERIFY(hash(p) == hash(other));
}

void JsonTest::emptyBasisKeepsItsWidth() {
  json j = minimal("project");
  j["basis"] = json::array();
  const Perturbation p = fromJson(j);
  QCOMPARE(p.basis.rows(), Eigen::Index(0));
  QCOMPARE(p.basis.cols(), Eigen::Index(3));
}

void JsonTest::namesTheDefect_data() {
  QTest::addColumn<QString>("method");
  QTest::addColumn<QString>("patch");
  QTest::addColumn<QString>("pointer");
  const auto row = [](const char* name, const char* method, const char* patch, const char* pointer) {
    QTest::newRow(name) << QString::fromUtf8(method) << QString::fromUtf8(patch) << QString::fromUtf8(pointer);
  };
  row("unknown key", "zero", R"({"eps": 1})", "/eps:");
  row("key of another method", "zero", R"({"rho": 1})", "/rho:");
  row("missing site", "zero", R"({"site": null})", "/site:");
  row("unknown site", "zero", R"({"site": "mlp"})", "/site:");
  row("unknown method", "zero", R"({"method": "erase"})", "/method:");
  row("layer as text", "zero", R"({"layer": "1"})", "/layer:");
  row("negative layer", "zero", R"({"layer": -1})", "/layer:");
  row("layer beyond integers", "zero", R"({"layer": 4294967296})", "/layer:");
  row("neuron is a fraction", "zero", R"({"neurons": [1, 2.5]})", "/neurons/1:");
  row("neuron twice", "zero", R"({"neurons": [4, 4]})", "/neurons:");
  row("means too few", "mean", R"({"centre": [1]})", "/centre:");
  row("value missing", "set", R"({"value": null})", "/value:");
  row("value as text", "set", R"({"value": "1"})", "/value:");
  row("tokens", "zero", R"({"tokens": "every"})", "/tokens:");
  row("flag", "zero", R"({"keep_norm": 1})", "/keep_norm:");
  row("ragged basis", "project", R"({"basis": [[1, 0, 0], [0, 1]]})", "/basis/1:");
  row("basis entry", "project", R"({"basis": [[1, 0, "x"]]})", "/basis/0/2:");
  row("basis not orthonormal", "project", R"({"basis": [[1, 0, 0], [0.7, 0.7, 0]]})", "/basis:");
  row("negative seed", "noise", R"({"seed": -1})", "/seed:");
}

void JsonTest::namesTheDefect() {
  QFETCH(QString, method);
  QFETCH(QString, patch);
  QFETCH(QString, pointer);
  json j = minimal(qPrintable(method));
  j.merge_patch(json::parse(patch.toStdString()));
  try {
    fromJson(j);
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QStringLiteral("LAC-1201"));
    const QString message = QString::fromStdString(error.message());
    QVERIFY2(message.contains(pointer) && message.contains(QStringLiteral("expected")) && message.contains(QStringLiteral("found")), qPrintable(message));
  }
}

void JsonTest::describes_data() {
  QTest::addColumn<QString>("method");
  QTest::addColumn<QString>("words");
  QTest::newRow("mean") << QStringLiteral("mean") << QStringLiteral("mean-ablate 3 neurons of resid_post 1, ε = 0.5");
  QTest::newRow("set") << QStringLiteral("set") << QStringLiteral("set 3 neurons of resid_post 1 to 2.35, ε = 0.5");
  QTest::newRow("project") << QStringLiteral("project") << QStringLiteral("project 2 directions out of resid_post 1, ε = 0.5");
}

void JsonTest::describes() {
  QFETCH(QString, method);
  QFETCH(QString, words);
  json j = minimal(qPrintable(method));
  j["epsilon"] = 0.5;
  QCOMPARE(QString::fromStdString(describe(fromJson(j))), words);
}

QTEST_GUILESS_MAIN(JsonTest)
#include "json_test.moc"
