#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QTest>

#include "fake_session.h"
#include "views/format.h"
#include "views/perturbation/panel_view.h"
#include "widgets/slider_box.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A session that remembers what it was asked to run, and selects by the panel's rule.
class AskedSession : public FakeSession {
 public:
  using FakeSession::FakeSession;
  mutable study::PanelParameters asked;
  std::optional<std::int64_t> existingRun(const study::PanelParameters& panel) const override {
    asked = panel;
    return FakeSession::existingRun(panel);
  }
  std::vector<std::int32_t> select(const study::PanelParameters& panel) const override {
    if (panel.tauRule != "perm-null") return FakeSession::select(panel);
    return std::vector<std::int32_t>(panel.layer.value == 1 ? 0 : 24);
  }
};

struct Bench {
  std::shared_ptr<AskedSession> session;
  StudyContext study;
  JobRunner jobs;
  PanelViewModel model;
  PanelView view;

  explicit Bench(study::Results results = syntheticResults())
      : session(std::make_shared<AskedSession>(std::move(results))), study(session), model(study, jobs), view(model) {
    model.setLive(false);
    model.setMethod(u"mean"_s);
    model.setLayer(LayerIndex(3));
    view.show();
  }
  QComboBox* combo(const QString& name) const {
    for (auto* box : view.findChildren<QComboBox*>())
      if (box->accessibleName() == name) return box;
    return nullptr;
  }
  QCheckBox* equalSize() const {
    for (auto* box : view.findChildren<QCheckBox*>())
      if (box->accessibleName() == u"Equal size"_s) return box;
    return nullptr;
  }
  void choose(QComboBox* box, const QString& data) {
    box->setCurrentIndex(box->findData(data));
    Q_EMIT box->activated(box->currentIndex());
  }
};

}  // namespace

/// Methods, rules of τ and doses that the panel offers, and what it says where they do not apply.
class PanelTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyMethodHasItsWords_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("name");
    QTest::newRow("zero") << u"zero"_s << u"zero ablation"_s;
    QTest::newRow("resample") << u"resample"_s << u"resample ablation"_s;
    QTest::newRow("leace") << u"leace"_s << u"LEACE"_s;
    QTest::newRow("grad_l2") << u"grad_l2"_s << u"gradient, L2"_s;
    QTest::newRow("flip") << u"flip"_s << u"flip"_s;
    QTest::newRow("subspace") << u"project:pca3"_s << u"projection · 3 PCA directions"_s;
    QTest::newRow("one direction") << u"project:inlp"_s << u"projection · INLP"_s;
    QTest::newRow("probe") << u"project:probe"_s << u"projection · probe direction"_s;
    QTest::newRow("tokens") << u"mean@last"_s << u"mean ablation · last token"_s;
    QTest::newRow("window") << u"mean+window3"_s << u"mean ablation · window of 3 layers"_s;
    QTest::newRow("everything") << u"project:inlp4@gated+onward=norm"_s
        << u"projection · 4 INLP directions · tokens the probe marks · this layer and all above · norm kept"_s;
  }
  void everyMethodHasItsWords() {
    QFETCH(QString, method);
    QFETCH(QString, name);
    QCOMPARE(methodName(method), name);
    QVERIFY(methodFormula(method).startsWith(u'h'));
  }
  void anUnknownMethodKeepsItsName() {
    QCOMPARE(methodName(u"steer:x"_s), u"steer:x"_s);
    QVERIFY(methodFormula(u"steer:x"_s).isEmpty());
  }

  void theListHoldsTheSpecsMethodsAndTheStudysRecipes() {
    study::Results results = syntheticResults();
    auto recipe = results.runs.front();
    recipe.number = 999;
    recipe.method = "project:pca3@last";
    results.runs.push_back(recipe);
    Bench bench(std::move(results));
    const QComboBox* methods = bench.combo(u"Method"_s);
    QStringList ids;
    for (int i = 0; i < methods->count(); ++i) {
      ids << methods->itemData(i).toString();
      QVERIFY(!methods->itemData(i, Qt::ToolTipRole).toString().isEmpty());
    }
    QCOMPARE(ids, methodIds() + QStringList{u"project:pca3@last"_s});
    QCOMPARE(ids.size(), 9);
    bench.choose(bench.combo(u"Method"_s), u"project:pca3@last"_s);
    QCOMPARE(bench.model.parameters().method, std::string("project:pca3@last"));
  }

  void methodsOfDirectionsNeedNoNeurons() {
    Bench bench;
    bench.model.setTau(0.001);   // |S| = 0
    QVERIFY(!bench.model.canRun());
    QVERIFY(bench.view.tau()->isEnabled());
    bench.model.setMethod(u"leace"_s);
    QVERIFY(bench.model.canRun());
    QVERIFY(!bench.view.tau()->isEnabled() && !bench.combo(u"Rule of τ"_s)->isEnabled());
    QCOMPARE(bench.view.selectionText(), u"τ chooses neurons; this method edits directions of the whole state."_s);
    QVERIFY(!bench.model.selectionWarns());
  }

  void thePermutationNullFixesTau() {
    Bench bench;
    bench.choose(bench.combo(u"Rule of τ"_s), u"perm-null"_s);
    QCOMPARE(bench.model.parameters().tauRule, std::string("perm-null"));
    QVERIFY(!bench.view.tau()->isEnabled());
    QVERIFY2(bench.view.selectionText().contains(u"|S| = 24 of 512"_s) && bench.view.selectionText().contains(u"τ_β = 0.15"_s),
        qPrintable(bench.view.selectionText()));
    QCOMPARE(bench.view.tau()->toolTip(), bench.model.tauReason());
    bench.choose(bench.combo(u"Rule of τ"_s), u"mass"_s);
    QVERIFY(bench.view.tau()->isEnabled());
  }

  void aProbeWithoutANullSaysHowToGetOne() {
    Bench bench;
    bench.model.setTauRule(u"perm-null"_s);
    bench.model.setLayer(LayerIndex(1));
    QVERIFY(!bench.view.tau()->isEnabled());
    QVERIFY(bench.view.selectionText().contains(u"set tau.rule to \"perm-null\" in the spec"_s));
    QVERIFY(bench.model.selectionWarns() && !bench.model.canRun());
  }

  void equalSizeTurnsEpsilonIntoDelta() {
    Bench bench(syntheticWithEqualDoses());
    const auto says = [&](const QString& text) {
      for (const auto* label : bench.view.findChildren<QLabel*>())
        if (label->text() == text) return true;
      return false;
    };
    QVERIFY(says(u"ε"_s) && !says(u"δ"_s));
    bench.equalSize()->click();
    QVERIFY(bench.model.parameters().equalDose);
    QVERIFY(bench.session->asked.equalDose);
    QVERIFY(says(u"δ"_s) && !says(u"ε"_s));
    QCOMPARE(bench.view.epsilon()->slider()->accessibleName(), u"Relative displacement δ"_s);
    QVERIFY(bench.view.epsilon()->toolTip().startsWith(u"Relative displacement"_s));
    QCOMPARE(bench.model.strengthsRun(), (std::vector<double>{0.05, 0.1, 0.2}));
    QVERIFY(bench.study.selection().strengthEqualDose());
    QCOMPARE(bench.view.epsilon()->value(), 0.2);   // the largest that was run
    QVERIFY(bench.model.runText().startsWith(u"Show run #"_s));
    bench.equalSize()->click();
    QCOMPARE(bench.model.strengthsRun(), (std::vector<double>{0.25, 0.5, 0.75, 1}));
    QVERIFY(!bench.study.selection().strengthEqualDose());
  }

  void theDoseIsKept() {
    Bench bench;
    bench.model.setEqualDose(true);
    bench.model.setEpsilon(0.12);
    Bench again;
    again.model.restore(bench.model.state());
    QVERIFY(again.model.parameters().equalDose);
    QCOMPARE(again.model.parameters().epsilon, 0.12);
    QCOMPARE(again.model.state(), bench.model.state());
  }
};

QTEST_MAIN(PanelTest)
#include "panel_test.moc"
