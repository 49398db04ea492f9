#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lacuna/files/files.h"

using namespace lacuna;

/// `lacuna-cli edit` through the command line: a folder whose logits are those of the perturbed run.
class EditTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;

  QString path(const QString& name) const { return m_folder.path() + "/" + name; }
  static int cli(const QStringList& arguments, QByteArray* error = nullptr) {
    QProcess process;
    process.start(LACUNA_BIN_DIR "/lacuna-cli", arguments);
    process.waitForFinished(60000);
    if (error) *error = process.readAllStandardError();
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  }
  QString write(const QString& name, const nlohmann::json& json) const {
    files::writeFileAtomically(path(name).toStdString(), json.dump());
    return path(name);
  }
  std::vector<double> logits(const QStringList& what, const QString& name) const {
    QByteArray error;
    const int code = cli(QStringList{"logits"} + what + QStringList{"--ids", "5,17,42,3,99,7,250,11", "--out", path(name)}, &error);
    if (code != 0) qFatal("logits: %s", error.constData());
    return files::readNpy(path(name).toStdString()).values;
  }
  static double farthest(const std::vector<double>& a, const std::vector<double>& b) {
    double most = a.size() == b.size() && !a.empty() ? 0 : INFINITY;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
  }
  /// An orthonormal pair of directions and a centre, as wide as the stream.
  static nlohmann::json projection(int width) {
    nlohmann::json basis = {nlohmann::json::array(), nlohmann::json::array()}, centre = nlohmann::json::array();
    for (int j = 0; j < width; ++j) {
      basis[0].push_back(std::sqrt(2.0 / width) * (j % 2 == 0));
      basis[1].push_back(std::sqrt(2.0 / width) * (j % 2 == 1) * (j % 4 == 1 ? 1 : -1));
      centre.push_back(0.01 * j);
    }
    return {{"site", "mlp_out"}, {"layer", 1}, {"method", "project"}, {"basis", basis}, {"centre", centre}, {"epsilon", 0.7}, {"include_first", true}};
  }

 private Q_SLOTS:
  void anEditedFolderAnswersAsThePerturbedModelDoes_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("perturbation");
    const nlohmann::json zero = {{"site", "mlp_hidden"}, {"layer", 0}, {"method", "zero"}, {"neurons", {0, 3, 17, 40}}, {"epsilon", 1}, {"include_first", true}};
    nlohmann::json mean = zero;
    mean["layer"] = 1;
    mean["method"] = "mean";
    mean["centre"] = {0.4, -0.2, 0.1, 0.9};
    mean["epsilon"] = 0.5;
    const auto text = [](const nlohmann::json& json) { return QString::fromStdString(json.dump()); };
    const QString gpt2 = LACUNA_TEST_DATA "/models/gpt2_default", llama = LACUNA_TEST_DATA "/models/llama_mha";
    QTest::newRow("GPT-2, zeroed neurons") << gpt2 << text(zero);
    QTest::newRow("GPT-2, mean ablation") << gpt2 << text(mean);
    QTest::newRow("GPT-2, a projection") << gpt2 << text(projection(32));
    QTest::newRow("GPT-2, two at once") << gpt2 << text({zero, mean, projection(32)});
    QTest::newRow("LLaMA, zeroed neurons") << llama << text(zero);
    QTest::newRow("LLaMA, a projection") << llama << text(projection(32));
  }
  void anEditedFolderAnswersAsThePerturbedModelDoes() {
    QFETCH(QString, model);
    QFETCH(QString, perturbation);
    const QString json = write("perturb.json", nlohmann::json::parse(perturbation.toStdString())), out = path("edited");
    std::filesystem::remove_all(out.toStdString());
    QByteArray error;
    QVERIFY2(cli({"edit", model, "--perturb", json, "--out", out}, &error) == 0, error.constData());
    const auto edited = logits({out}, "edited.npy"), perturbed = logits({model, "--perturb", json}, "perturbed.npy"), clean = logits({model}, "clean.npy");
    const double change = farthest(clean, perturbed), gap = farthest(edited, perturbed);
    QVERIFY2(gap <= 1e-4, qPrintable(QString::number(gap)));
    QVERIFY2(change > 100 * gap && change > 1e-3, qPrintable(QString::number(change)));   // it is an edit that shows
    QVERIFY(std::filesystem::exists((out + "/lacuna-edit.json").toStdString()));
  }

  /// What weights cannot hold exactly is refused by name, with exit code 1, and no folder that could pass for a model.
  void whatCannotBeFoldedIsRefused_data() {
    QTest::addColumn<QString>("change");
    QTest::newRow("some tokens") << R"({"tokens": "last"})";
    QTest::newRow("not the first token") << R"({"include_first": false})";
    QTest::newRow("a stream between layers") << R"({"site": "resid_post"})";
    QTest::newRow("keep_norm") << R"({"keep_norm": true})";
    QTest::newRow("a layer that is not there") << R"({"layer": 7})";
  }
  void whatCannotBeFoldedIsRefused() {
    QFETCH(QString, change);
    nlohmann::json json = projection(32);
    json.update(nlohmann::json::parse(change.toStdString()));
    QByteArray error;
    const QString out = path("refused");
    QCOMPARE(cli({"edit", LACUNA_TEST_DATA "/models/gpt2_default", "--perturb", write("refused.json", json), "--out", out}, &error), 1);
    QVERIFY2(error.contains("LAC-"), error.constData());
    QVERIFY(!std::filesystem::exists((out + "/config.json").toStdString()));
  }
};

QTEST_GUILESS_MAIN(EditTest)
#include "edit_test.moc"
