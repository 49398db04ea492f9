#include <QtTest>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lacuna/clusters/clusters.h"

using lacuna::clusters::agreement;

namespace {
using Labels = std::vector<std::int32_t>;
bool near(double a, double b) { return std::abs(a - b) < 1e-9; }
}  // namespace

class AgreementTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswers() {
    std::ifstream file(LACUNA_TEST_DATA "/known_answers.json");
    const auto kat = nlohmann::json::parse(file).at("external");
    const auto result = agreement(kat["pred"].get<Labels>(), kat["true"].get<Labels>());
    QVERIFY(near(result.purity, kat["purity"].get<double>()));
    QVERIFY(near(result.nmi, kat["nmi"].get<double>()));
    QVERIFY(near(result.ami, kat["ami"].get<double>()));
    QVERIFY(near(result.ari, kat["ari"].get<double>()));
  }

  void trivialCases_data() {
    QTest::addColumn<Labels>("predicted");
    QTest::addColumn<Labels>("truth");
    QTest::addColumn<double>("purity");
    QTest::addColumn<double>("nmi");
    QTest::addColumn<double>("ami");
    QTest::addColumn<double>("ari");
    QTest::newRow("renamed") << Labels{0, 0, 1, 1, 2} << Labels{9, 9, 4, 4, 7} << 1.0 << 1.0 << 1.0 << 1.0;
    QTest::newRow("one cluster each") << Labels{0, 0, 0} << Labels{5, 5, 5} << 1.0 << 1.0 << 1.0 << 1.0;
    QTest::newRow("all singletons") << Labels{0, 1, 2} << Labels{2, 1, 0} << 1.0 << 1.0 << 1.0 << 1.0;
    QTest::newRow("one cluster says nothing") << Labels{0, 0, 0, 0} << Labels{0, 0, 1, 1} << .5 << 0.0 << 0.0 << 0.0;
    QTest::newRow("independent") << Labels{0, 0, 1, 1} << Labels{0, 1, 0, 1} << .5 << 0.0 << -.5 << -.5;
    QTest::newRow("noise is left out") << Labels{0, 0, 1, 1, -1, 1} << Labels{3, 3, 5, 5, 3, -1} << 1.0 << 1.0 << 1.0 << 1.0;
  }
  void trivialCases() {
    QFETCH(Labels, predicted);
    QFETCH(Labels, truth);
    QFETCH(double, purity);
    QFETCH(double, nmi);
    QFETCH(double, ami);
    QFETCH(double, ari);
    const auto result = agreement(predicted, truth);
    QVERIFY(near(result.purity, purity));
    QVERIFY(near(result.nmi, nmi));
    QVERIFY2(near(result.ami, ami), qPrintable(QString::number(result.ami)));
    QVERIFY(near(result.ari, ari));
  }

  void nothingToCompareIsMissing() {
    const auto result = agreement({-1, -1}, {0, 1});
    QVERIFY(std::isnan(result.purity) && std::isnan(result.nmi) && std::isnan(result.ami) && std::isnan(result.ari));
  }
};

QTEST_GUILESS_MAIN(AgreementTest)
#include "agreement_test.moc"
