#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/scale.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

using Paths = std::vector<std::filesystem::path>;

/// The tiny model with its first layers alone: same tokenizer, fewer parameters.
std::filesystem::path shortModel(const std::filesystem::path& folder, int layers) {
  std::filesystem::copy(LACUNA_TEST_DATA "/models/gpt2_default", folder);
  auto config = nlohmann::json::parse(files::readText(folder / "config.json"));
  config["n_layer"] = layers;
  files::writeFileAtomically(folder / "config.json", config.dump());
  return folder;
}

double law(double parameters) { return .05 + 12 * std::pow(parameters, -.25); }

const ScaleCurve* together(const ScaleReport& report, const std::string& method) {
  for (const ScaleCurve& curve : report.curves)
    if (curve.method == method && curve.task.empty()) return &curve;
  return nullptr;
}

}  // namespace

/// Studies of models of different size, compared from their files alone.
class ScaleTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  Paths m_studies;
  nlohmann::json m_spec;

  std::filesystem::path root() const { return m_folder.path().toStdString(); }
  /// A study made of the tiny one by `change`.
  std::filesystem::path made(const std::string& name, const std::filesystem::path& model, const std::function<void(nlohmann::json&)>& change = {}) {
    nlohmann::json spec = m_spec;
    spec["model"] = model.string();
    if (change) change(spec);
    runStudy(parseSpec(spec.dump(), root()), root() / (name + ".lacuna"), {});
    return root() / (name + ".lacuna");
  }
  static std::string codeOf(const Paths& studies, std::string* message = nullptr) {
    try {
      compareScales(studies, {}, {});
    } catch (const Error& e) {
      if (message) *message = e.message();
      return e.code();
    }
    return "no error";
  }
  /// Copies of a study whose models have these sizes and whose effects follow the law.
  Paths copiesOnALaw(const std::vector<double>& sizes) {
    const ScaleReport base = compareScales(m_studies, {}, {});
    std::map<std::string, double> sd;
    for (const ScaleCell& cell : base.cells)
      if (cell.model == 2) sd[cell.task] = cell.aceAdjusted / cell.cell.effect;
    Paths copies;
    for (const double size : sizes) {
      copies.push_back(root() / (std::to_string(static_cast<long>(size)) + ".lacuna"));
      std::filesystem::copy_file(m_studies[2], copies.back(), std::filesystem::copy_options::overwrite_existing);
      const auto store = store::Store::open(copies.back(), false);
      auto effects = store->effects();
      for (EffectRow& e : effects) e.aceAdjusted = law(size) * sd[e.task];
      store->putEffects(effects);
      store->setMeta("model_parameters", std::to_string(static_cast<long>(size)));
    }
    return copies;
  }

 private Q_SLOTS:
  void initTestCase() {
    m_spec = nlohmann::json::parse(files::readText(tests::writeTinyStudy(root(), LACUNA_TEST_DATA "/models/gpt2_default")));
    m_spec["perturbations"] = nlohmann::json::parse(R"([{"method": "project", "epsilons": [1.0]}, {"method": "grad_sign", "epsilons": [0.1]}])");
    m_spec["controls"] = {{"draws", 3}, {"kinds", {"matched"}}};
    m_spec["similarity"] = {{"documents", 0}};
    m_spec["statistics"]["bootstrap_draws"] = 200;
    m_studies = {made("one", shortModel(root() / "short1", 1)), made("two", shortModel(root() / "short2", 2)),
                 made("three", LACUNA_TEST_DATA "/models/gpt2_default")};
  }

  /// The cells are the studies' own numbers; models come by size whatever the order of the files.
  void cellsAreThoseOfTheStudies() {
    const Paths shuffled{m_studies[2], m_studies[0], m_studies[1]};
    const ScaleReport report = compareScales(shuffled, {}, {});
    QCOMPARE(report.models.size(), std::size_t(3));
    QVERIFY(report.models[0].file == m_studies[0] && report.models[2].file == m_studies[2]);
    QVERIFY(report.models[0].parameters < report.models[1].parameters && report.models[1].parameters < report.models[2].parameters);
    QVERIFY(report.models[0].family == report.models[2].family);
    QCOMPARE(report.cells.size(), std::size_t(3 * 3 * 2 * 2));   // studies × clusters × tasks × recipes
    const Results two = readResults(m_studies[1]);
    int seen = 0;
    for (const ScaleCell& cell : report.cells) {
      QVERIFY(cell.everywhere);
      QCOMPARE(cell.cell.lnParameters, std::log(static_cast<double>(report.models[cell.model].parameters)));
      if (cell.model != 1) continue;
      for (const EffectRow& e : two.effects)
        if (e.cluster == cell.cluster && e.task == cell.task && e.method == cell.method && e.dose == cell.dose && e.metric == "margin" && e.controls > 0) {
          QCOMPARE(cell.aceAdjusted, e.aceAdjusted);
          QVERIFY(std::abs(cell.cell.variance - std::pow(e.se * cell.cell.effect / cell.aceAdjusted, 2)) < 1e-9 * cell.cell.variance);
          ++seen;
        }
    }
    QCOMPARE(seen, 12);
  }

  /// Three sizes give points, no slope and no law, and say so.
  void threeSizesArePointsAlone() {
    const ScaleReport report = compareScales(m_studies, {}, {});
    const ScaleCurve* curve = together(report, "project");
    QVERIFY(curve && curve->law.status == statistics::Status::NotIdentified);
    QCOMPARE(curve->law.sizes.size(), std::size_t(3));
    QVERIFY(std::abs(curve->law.sizes[0] - static_cast<double>(report.models[0].parameters)) < 1e-6);
    QVERIFY(report.regression.front().reason.find("5 are needed") != std::string::npos);
    bool tokens = false;
    for (const RegressionRow& row : report.regression) {
      QVERIFY(row.term != "ln parameters");
      tokens |= row.term == "similarity" || row.term == "ln tokens";
    }
    QVERIFY(tokens);
    double weighted = 0, weight = 0;   // the smallest model's point: its cells by their precision
    for (const ScaleCell& cell : report.cells)
      if (cell.model == 0 && cell.method == "project") {
        weighted += cell.cell.effect / cell.cell.variance;
        weight += 1 / cell.cell.variance;
      }
    QVERIFY(std::abs(curve->law.effects[0] - weighted / weight) < 1e-12);
  }

  /// The law of methods.md 9.4's known answer, and the slope that a straight line through the same points has.
  void sixSizesGiveTheLawAndTheSlope() {
    const std::vector<double> sizes{70e6, 160e6, 410e6, 1e9, 1.4e9, 2.8e9};
    const ScaleReport report = compareScales(copiesOnALaw(sizes), {}, {});
    for (const ScaleCurve& curve : report.curves) {
      QCOMPARE(curve.law.status, statistics::Status::Ok);
      QCOMPARE(curve.law.power.status, statistics::Status::Ok);
      QVERIFY(std::abs(curve.law.power.offset - .05) < 1e-3 && std::abs(curve.law.power.slope - 12) < 0.3 && std::abs(curve.law.power.exponent - .25) < 2e-3);
      QCOMPARE(curve.law.chosen.kind, statistics::Scaling::Power);
    }
    QCOMPARE(report.curves.size(), std::size_t(2 + 2 * 6));
    double x = 0, y = 0, xy = 0, xx = 0;
    for (const double size : sizes) {
      x += std::log(size) / 6;
      y += law(size) / 6;
    }
    for (const double size : sizes) {
      xy += (std::log(size) - x) * (law(size) - y);
      xx += std::pow(std::log(size) - x, 2);
    }
    const auto slope = std::find_if(report.regression.begin(), report.regression.end(),
                                    [](const RegressionRow& row) { return row.model == "two-way" && row.term == "ln parameters"; });
    QVERIFY(slope != report.regression.end());
    QVERIFY(std::abs(slope->estimate - xy / xx) < 1e-9);
  }

  void otherFamiliesAreToldApart() {
    Paths copies = copiesOnALaw({70e6, 160e6, 410e6, 1e9, 1.4e9, 2.8e9});
    store::Store::open(copies[3], false)->setMeta("model_tokenizer", "another");
    const ScaleReport report = compareScales(copies, {}, {});
    QVERIFY(report.models[3].family != report.models[0].family);
    QCOMPARE(together(report, "project")->law.status, statistics::Status::NotIdentified);
    store::Store::open(copies[3], false)->setMeta("model_tokenizer", "");   // an older study: architecture alone, and a word about it
    const ScaleReport older = compareScales(copies, {}, {});
    QCOMPARE(older.models[3].family, older.models[0].family);
    QVERIFY(older.notices.front().find("architecture alone") != std::string::npos);
  }

  void whatIsInOneStudyAloneIsLeftOut() {
    const Paths studies{m_studies[0], made("fewer", root() / "short2", [](nlohmann::json& spec) { spec["perturbations"].erase(1); })};
    const ScaleReport report = compareScales(studies, {}, {});
    for (const ScaleCell& cell : report.cells) QCOMPARE(cell.method, std::string("project"));
    QCOMPARE(report.cells.size(), std::size_t(12));
    QVERIFY(report.notices.back().find("6 effects of one study alone") != std::string::npos);
  }

  void studiesThatDoNotFitAreRefusedInWords() {
    std::string message;
    QCOMPARE(codeOf({m_studies[0]}, &message), std::string("LAC-1405"));
    const auto clusters = made("clusters", root() / "short2", [](nlohmann::json& spec) { spec["clusters"] = {{"method", "kmeans"}, {"k", 2}}; });
    QCOMPARE(codeOf({m_studies[0], clusters}, &message), std::string("LAC-1405"));
    QVERIFY2(message.find("clusters") != std::string::npos && message.find("360 are in both") != std::string::npos, message.c_str());
    const auto items = made("items", root() / "short2", [](nlohmann::json& spec) { spec["statistics"]["tune_share"] = 0.5; });
    QCOMPARE(codeOf({m_studies[0], items}, &message), std::string("LAC-1405"));
    QVERIFY(message.find("task 'stones'") != std::string::npos);
    std::filesystem::create_directories(root() / "others");
    tests::writeTask(root() / "others", "other", 1, 40);
    const auto tasks = made("tasks", root() / "short2", [](nlohmann::json& spec) { spec["tasks"] = {{{"file", "others/other.json"}}}; });
    QCOMPARE(codeOf({m_studies[0], tasks}, &message), std::string("LAC-1405"));
    QVERIFY(message.find("no task in common") != std::string::npos);
    const auto methods = made("methods", root() / "short2", [](nlohmann::json& spec) { spec["perturbations"] = {{{"method", "flip"}, {"epsilons", {1.0}}}}; });
    QCOMPARE(codeOf({m_studies[0], methods}, &message), std::string("LAC-1405"));
    QVERIFY(message.find("no effect in common") != std::string::npos);
    store::Store::open(methods, false)->putStage({"effects", "stale", "", "", "", 0});
    QCOMPARE(codeOf({m_studies[0], methods}), std::string("LAC-2005"));
    QCOMPARE(codeOf({m_studies[0], root() / "absent.lacuna"}), std::string("LAC-3004"));
  }

  /// The command prints the library's numbers, writes the cells and refuses with exit code 1.
  void theCommandGivesTheSameNumbers() {
    const auto run = [](const QStringList& arguments, QByteArray* output) {
      QProcess process;
      process.start(LACUNA_BIN_DIR "/lacuna-cli", arguments);
      process.waitForFinished(60000);
      *output = process.exitCode() == 0 ? process.readAllStandardOutput() : process.readAllStandardError();
      return process.exitCode();
    };
    QStringList arguments{"scale"};
    for (const auto& study : m_studies) arguments << QString::fromStdString(study.string());
    const QString csv = m_folder.path() + "/cells.csv";
    QByteArray output;
    QCOMPARE(run(arguments + QStringList{"--json", "--out", csv}, &output), 0);
    const auto json = nlohmann::json::parse(output.toStdString());
    const ScaleReport report = compareScales(m_studies, {}, {});
    QCOMPARE(json["models"].size(), report.models.size());
    QCOMPARE(json["regression"].size(), report.regression.size());
    QCOMPARE(json["regression"][0]["estimate"].get<double>(), report.regression[0].estimate);
    QCOMPARE(json["curves"][0]["effects"][0].get<double>(), report.curves[0].law.effects[0]);
    QCOMPARE(QString::fromStdString(files::readText(csv.toStdString())).count('\n'), qsizetype(report.cells.size() + 1));
    QVERIFY(std::filesystem::exists(csv.toStdString() + "-metadata.json"));
    QCOMPARE(run(arguments, &output), 0);
    QVERIFY(output.contains("two-way") && output.contains("all clusters and tasks"));
    QCOMPARE(run({"scale", arguments[1], QString::fromStdString((root() / "clusters.lacuna").string())}, &output), 1);
    QVERIFY(output.contains("LAC-1405"));
    QCOMPARE(run({"scale", arguments[1]}, &output), 2);
  }
};

QTEST_GUILESS_MAIN(ScaleTest)
#include "scale_test.moc"
