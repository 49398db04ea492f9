#include <QTest>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/perturbation/controls.h"
#include "perturbations.h"

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
  if (name == "resample") j["neurons"] = {3, 4}, j["bank"] = {{.1, .2}, {.3, .4}, {.5, .6}}, j["bank_positions"] = {1, 7, 0}, j["seed"] = 9;
  if (name == "leace") j["basis"] = {{2, 0, 0}}, j["readout"] = {{.5, 1, 0}}, j["centre"] = {.5, 0, 1};
  if (name == "grad_l2") j["direction"] = {.6, 0, -.8}, j["rho"] = .5;
  if (name == "flip") j["direction"] = {.5, -2, 0}, j["bias"] = .2, j["margin"] = 1;
  return j;
}

constexpr const char* kMethods[] = {"zero", "mean", "set", "resample", "project", "leace", "grad_sign", "grad_l2", "flip", "noise"};

json probeJson() { return {{"hidden", {{1, 2, 3}, {4, 5, 6}}}, {"bias", {.1, .2}}, {"output", {1, -1}}}; }

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
  void randomValuesRoundTrip_data();
  void randomValuesRoundTrip();
  void centreOfZerosIsSaidPlainly();
  void donorsMoveWithTheirNeurons();
  void gateIsATokenScope();
  void mlpProbesAreRead();
  void setsAreArrays();
  void setsNameTheirMember_data();
  void setsNameTheirMember();
  void controlsAreValues();
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
  row("gate missing", "zero", R"({"tokens": "gated"})", "/gate:");
  row("gate without scope", "zero", R"({"gate": {"weights": [1], "bias": 0}})", "/gate:");
  row("gate without weights", "zero", R"({"tokens": "gated", "gate": {"bias": 0}})", "/gate/weights:");
  row("gate of nothing", "zero", R"({"tokens": "gated", "gate": {"weights": [], "bias": 0}})", "/gate/weights:");
  row("gate's weight", "zero", R"({"tokens": "gated", "gate": {"weights": [1, "2"], "bias": 0}})", "/gate/weights/1:");
  row("gate's bias", "zero", R"({"tokens": "gated", "gate": {"weights": [1], "bias": true}})", "/gate/bias:");
  row("gate's key", "zero", R"({"tokens": "gated", "gate": {"weights": [1], "bias": 0, "threshold": 1}})", "/gate/threshold:");
  row("gate is a number", "zero", R"({"tokens": "gated", "gate": 1})", "/gate:");
  row("bank empty", "resample", R"({"bank": []})", "/bank:");
  row("bank too narrow", "resample", R"({"bank": [[1], [2], [3]]})", "/bank:");
  row("bank ragged", "resample", R"({"bank": [[1, 2], [3]]})", "/bank/1:");
  row("positions too few", "resample", R"({"bank_positions": [1]})", "/bank_positions:");
  row("position", "resample", R"({"bank_positions": [1, 2, -1]})", "/bank_positions/2:");
  row("readout rank", "leace", R"({"readout": []})", "/readout:");
  row("readout is no inverse", "leace", R"({"readout": [[1, 0, 0]]})", "/readout:");
  row("readout width", "leace", R"({"readout": [[1, 0]]})", "/readout/0:");
  row("centre as another word", "project", R"({"centre": "mean"})", "/centre:");
  row("zero centre of no width", "project", R"({"centre": "zero", "basis": []})", "/centre:");
  row("direction not of length 1", "grad_l2", R"({"direction": [1, 1, 0]})", "/direction:");
  row("flip along 0", "flip", R"({"direction": [0, 0, 0]})", "/direction:");
  row("margin missing", "flip", R"({"margin": null})", "/margin:");
  row("steps of a linear probe", "grad_sign", R"({"steps": 3})", "/steps:");
  row("direction beside a probe", "grad_sign", R"({"probe": {"hidden": [[1, 2, 3]], "bias": [0], "output": [1]}})", "/direction:");
  row("probe without units", "grad_sign", R"({"direction": null, "probe": {"hidden": [], "bias": [], "output": []}})", "/probe/hidden:");
  row("probe's bias", "grad_sign", R"({"direction": null, "probe": {"hidden": [[1, 2, 3]], "bias": [0, 1], "output": [1]}})", "/probe/bias:");
  row("probe's output", "grad_sign", R"({"direction": null, "probe": {"hidden": [[1, 2, 3]], "bias": [0], "output": []}})", "/probe/output:");
  row("no steps", "grad_sign", R"({"direction": null, "steps": 0, "probe": {"hidden": [[1, 2, 3]], "bias": [0], "output": [1]}})", "/steps:");
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
  QTest::newRow("resample") << QStringLiteral("resample") << QStringLiteral("resample 2 neurons of resid_post 1 from 3 states, ε = 0.5");
  QTest::newRow("leace") << QStringLiteral("leace") << QStringLiteral("erase 1 direction out of resid_post 1, ε = 0.5");
  QTest::newRow("grad_l2") << QStringLiteral("grad_l2") << QStringLiteral("shift resid_post 1 against the gradient, ρ = 0.5, ε = 0.5");
  QTest::newRow("flip") << QStringLiteral("flip") << QStringLiteral("flip the probe at resid_post 1 to logit -1, ε = 0.5");
}

void JsonTest::describes() {
  QFETCH(QString, method);
  QFETCH(QString, words);
  json j = minimal(qPrintable(method));
  j["epsilon"] = 0.5;
  QCOMPARE(QString::fromStdString(describe(fromJson(j))), words);
}

void JsonTest::randomValuesRoundTrip_data() {
  QTest::addColumn<int>("draw");
  for (int draw = 0; draw < 20; ++draw) QTest::addRow("draw %d", draw) << draw;
}

/// Through text, as files and the study keep it: the same value, the same hash, the same numbers to the last bit.
void JsonTest::randomValuesRoundTrip() {
  QFETCH(int, draw);
  Rng rng(1, "json-fuzz", static_cast<std::uint64_t>(draw));
  for (const testing::Named& example : testing::examples(model::Site::ResidPre, 2, 13, static_cast<std::uint64_t>(draw))) {
    Perturbation p = example.p;
    p.epsilon = rng.normal() * std::pow(10, 20 * rng.uniform() - 10);
    p.includeFirst = rng.uniform() < .5;
    p.keepNorm = rng.uniform() < .5;
    p.layer = LayerIndex(static_cast<std::int64_t>(rng.below(100)));
    if (p.gate.weights.empty()) p.tokens = static_cast<model::TokenScope>(rng.below(4));
    if (p.method == Method::Noise || p.method == Method::Resample) p.seed = rng.nextU64();
    const std::string text = toJson(p).dump();
    const Perturbation read = fromJson(json::parse(text));
    QCOMPARE(toJson(read).dump(), text);
    QCOMPARE(hash(read), hash(p));
    QVERIFY(read.epsilon == p.epsilon && read.centre == p.centre && read.direction == p.direction && read.seed == p.seed && read.tokens == p.tokens);
    QVERIFY(read.basis == p.basis && read.readout == p.readout && read.bank == p.bank && read.bankPositions == p.bankPositions);
    QVERIFY(read.probe.hidden == p.probe.hidden && read.probe.output == p.probe.output && read.steps == p.steps && read.neurons == p.neurons);
    QVERIFY(read.gate.weights == p.gate.weights && read.gate.bias == p.gate.bias && read.rho == p.rho && read.margin == p.margin);
  }
}

void JsonTest::centreOfZerosIsSaidPlainly() {
  json j = minimal("project");
  j["centre"] = "zero";
  const Perturbation p = fromJson(j);
  QVERIFY((p.centre == std::vector<double>{0, 0, 0}));
  QCOMPARE(toJson(p).at("centre").get<std::string>(), std::string("zero"));
  QVERIFY(describe(p).find("through 0") != std::string::npos);
  j["centre"] = {0, 0, 0};
  QCOMPARE(hash(fromJson(j)), hash(p));
  QVERIFY(toJson(fromJson(minimal("mean"))).at("centre").is_array());
}

void JsonTest::donorsMoveWithTheirNeurons() {
  json j = minimal("resample");
  j["neurons"] = {4, 3};
  const Perturbation p = fromJson(j);
  QVERIFY((p.neurons == std::vector<std::int32_t>{3, 4}));
  QCOMPARE(p.bank(0, 0), .2);
  QCOMPARE(p.bank(2, 1), .5);
  j.erase("bank_positions");
  QVERIFY(fromJson(j).bankPositions.empty());
  QVERIFY(!toJson(fromJson(j)).contains("bank_positions"));
  j["bank"] = json::parse("[[1, 2]]");
  QCOMPARE(fromJson(j).bank(0, 0), 2.0);
}

void JsonTest::gateIsATokenScope() {
  json j = minimal("project");
  j["tokens"] = "gated";
  j["gate"] = {{"weights", {1, 0, -2}}, {"bias", .5}};
  const Perturbation p = fromJson(j);
  QVERIFY(p.tokens == model::TokenScope::All);
  QVERIFY((p.gate.weights == std::vector<double>{1, 0, -2}));
  QCOMPARE(toJson(p).at("tokens").get<std::string>(), std::string("gated"));
  QVERIFY(toJson(p).at("gate") == j["gate"]);
  QVERIFY(hash(p) != hash(fromJson(minimal("project"))));
  QVERIFY(describe(p).find("where the probe fires") != std::string::npos);
}

void JsonTest::mlpProbesAreRead() {
  json j = minimal("grad_sign");
  j.erase("direction");
  j["probe"] = probeJson();
  Perturbation p = fromJson(j);
  QCOMPARE(p.steps, 1);
  QCOMPARE(p.probe.hidden(1, 2), 6.0);
  QVERIFY(p.neurons.empty());
  j["steps"] = 4;
  j["neurons"] = {2, 0};
  p = fromJson(j);
  QCOMPARE(p.steps, 4);
  QVERIFY((p.neurons == std::vector<std::int32_t>{0, 2}));
  QVERIFY(toJson(p).at("probe") == probeJson());
}

void JsonTest::setsAreArrays() {
  const json two = json::array({minimal("mean"), minimal("flip")});
  const PerturbationSet set = setFromJson(two);
  QCOMPARE(set.size(), std::size_t(2));
  QVERIFY(set[1].method == Method::Flip);
  const json canonical = toJson(set);
  QVERIFY(canonical.is_array() && canonical == toJson(setFromJson(canonical)));
  QVERIFY(canonical[0] == toJson(set[0]));
  QVERIFY(hash(set) != hash(PerturbationSet{set[1], set[0]}));  // order is meaning
  QCOMPARE(QString::fromStdString(describe(set)), QString::fromStdString(describe(set[0]) + "; then " + describe(set[1])));
  // A set of one is that perturbation: the same key in a study.
  const PerturbationSet single = setFromJson(minimal("mean"));
  QCOMPARE(hash(single), hash(set[0]));
  QCOMPARE(hash(setFromJson(json::array({minimal("mean")}))), hash(set[0]));
  QVERIFY(toJson(single).is_object());
}

void JsonTest::setsNameTheirMember_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("words");
  QTest::newRow("second") << QStringLiteral(R"([{"site":"resid_post","layer":1,"method":"zero","neurons":[1]},{"site":"resid_post","layer":1,"method":"zero","neurons":[-1]}])")
                          << QStringLiteral("perturbation /1/neurons/0: expected");
  QTest::newRow("no object") << QStringLiteral("[3]") << QStringLiteral("perturbation /0: expected an object, found 3");
  QTest::newRow("nested") << QStringLiteral("[[]]") << QStringLiteral("perturbation /0: expected an object, found []");
  QTest::newRow("empty") << QStringLiteral("[]") << QStringLiteral("perturbation /: expected at least one perturbation, found []");
  QTest::newRow("neither") << QStringLiteral("7") << QStringLiteral("perturbation /: expected an object, found 7");
}

void JsonTest::setsNameTheirMember() {
  QFETCH(QString, text);
  QFETCH(QString, words);
  try {
    setFromJson(json::parse(text.toStdString()));
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QStringLiteral("LAC-1201"));
    QVERIFY2(QString::fromStdString(error.message()).startsWith(words), error.message().c_str());
  }
}

void JsonTest::controlsAreValues() {
  for (const ControlKind kind : {ControlKind::Matched, ControlKind::Permuted, ControlKind::Other, ControlKind::Noise}) {
    const Control control{kind, 7, fromJson(minimal("leace"))};
    const Control read = controlFromJson(json::parse(toJson(control).dump()));
    QVERIFY(read.kind == kind && read.draw == 7 && hash(read.perturbation) == hash(control.perturbation));
    QVERIFY(controlFromName(controlName(kind)) == kind);
  }
  json j = {{"kind", "shuffled"}, {"draw", 0}, {"perturbation", minimal("zero")}};
  const auto said = [&] {
    try {
      controlFromJson(j);
    } catch (const Error& error) {
      return QString::fromStdString(error.message());
    }
    return QString();
  };
  QVERIFY(said().startsWith(QStringLiteral("control /kind: expected matched, permuted, other or noise, found \"shuffled\"")));
  j["kind"] = "noise";
  j["perturbation"]["layer"] = -1;
  QVERIFY(said().startsWith(QStringLiteral("perturbation /perturbation/layer: expected")));
}

QTEST_GUILESS_MAIN(JsonTest)
#include "json_test.moc"
