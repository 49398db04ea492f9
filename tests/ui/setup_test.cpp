#include <QAccessible>
#include <QCheckBox>
#include <QComboBox>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <nlohmann/json.hpp>

#include "jobs/job_runner.h"
#include "lacuna/study/spec.h"
#include "views/new_study/condition_builder.h"
#include "views/new_study/filter_box.h"
#include "views/new_study/new_study_view.h"
#include "views/number_list.h"
#include "widgets/disclosure.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

using Values = QList<std::pair<QString, QJsonValue>>;

}  // namespace

/// What the page of a new study lets a researcher say about corpus and clusters.
class SetupTest : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  QString m_corpus;

  /// The page over a corpus of 40 rows: source a or b, language en (30) or de, score 0 … 39, url of two hosts.
  struct Page {
    JobRunner jobs;
    NewStudyViewModel model{jobs};
    NewStudyView view{model};
    explicit Page(const QString& corpus) {
      view.resize(900, 1400);
      view.show();
      for (Disclosure* more : view.findChildren<Disclosure*>()) more->setOpen(true);
      model.setCorpus(corpus);
    }
    bool looked() {
      return QTest::qWaitFor([this] { return model.corpusSetup().look() != nullptr; });
    }
    /// By its name for screen readers.
    template <class Widget> Widget* find(const QString& name) const {
      for (Widget* widget : view.findChildren<Widget*>())
        if (widget->accessibleName() == name) return widget;
      return nullptr;
    }
    template <class Widget> bool shows(const QString& name) const {
      const Widget* widget = find<Widget>(name);
      return widget && widget->isVisibleTo(&view);
    }
    QStringList labels() const {
      QStringList texts;
      for (const QLabel* label : view.findChildren<QLabel*>())
        if (label->isVisibleTo(&view)) texts << label->text();
      return texts;
    }
    void choose(const QString& name, const QString& value) {
      auto* box = find<QComboBox>(name);
      QVERIFY2(box && box->findData(value) >= 0, qPrintable(name));
      box->setCurrentIndex(box->findData(value));
      Q_EMIT box->activated(box->currentIndex());
    }
  };
  /// The spec of the page's model; what it needs beside corpus and clusters is made up.
  static study::StudySpec specOf(NewStudyViewModel& model) {
    nlohmann::json spec = nlohmann::json::parse(model.spec());
    if (model.model().isEmpty()) spec["model"] = "/m";
    return study::parseSpec(spec.dump(), "/");
  }

 private Q_SLOTS:
  void initTestCase() {
    useTemporarySettings();
    m_corpus = m_folder.filePath(u"corpus.jsonl"_s);
    QFile file(m_corpus);
    QVERIFY(file.open(QIODevice::WriteOnly));
    for (int i = 0; i < 40; ++i)
      file.write(QStringLiteral("{\"text\": \"the %1 sheep of hill %2 ate the grass of spring\", \"source\": \"%3\", \"language\": \"%4\", \"score\": %1, \"url\": \"https://%3.org/%1\"}\n")
                     .arg(i).arg(i % 7).arg(i % 2 ? u"a"_s : u"b"_s, i < 30 ? u"en"_s : u"de"_s).toUtf8());
  }

  // ---- numbers
  void numbersAreReadAsPeopleWriteThem_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("numbers");
    QTest::newRow("list") << u"4, 8,16 , 32"_s << u"4, 8, 16, 32"_s;
    QTest::newRow("range") << u"4-32 step 4"_s << u"4, 8, 12, 16, 20, 24, 28, 32"_s;
    QTest::newRow("dash, no step") << u"4–7"_s << u"4, 5, 6, 7"_s;
    QTest::newRow("both, twice") << u"16; 4-8 step 2, 8"_s << u"4, 6, 8, 16"_s;
    QTest::newRow("blanks") << u"4 8 16"_s << u"4, 8, 16"_s;
    QTest::newRow("step over the end") << u"2-9 Step 5"_s << u"2, 7"_s;
    for (const char* wrong : {"", "four", "8-4", "4-8 step 0", "1, 4", "2-90", "4-", "99999999", "200000", "3.5"}) QTest::newRow(wrong) << QString::fromUtf8(wrong) << QString();
  }
  void numbersAreReadAsPeopleWriteThem() {
    QFETCH(QString, text);
    QFETCH(QString, numbers);
    const NumberList list = numbersFrom(text, 2, 100000);
    QCOMPARE(list.fault.isEmpty(), !numbers.isEmpty());
    if (list.fault.isEmpty()) QCOMPARE(numbersText(list.numbers), numbers);
  }

  // ---- the spec
  void whatIsNotTouchedIsTheSpecsDefault() {
    Page page(m_corpus);
    QVERIFY(page.looked());
    page.model.setModel(u"/m"_s);
    for (const QString& method : {u"kmeans"_s, u"euclidean"_s, u"hdbscan"_s, u"topics"_s, u"metadata"_s}) {
      page.model.clusterSetup().set(u"method"_s, method);
      study::StudySpec made = specOf(page.model), usual = study::parseSpec(QStringLiteral(R"({"model": "m", "corpus": {"path": "c"}, "clusters": {"method": "%1"}})").arg(method).toStdString(), "/");
      made.corpus.path = usual.corpus.path;
      usual.corpus.decontaminate = true;   // the page's own default
      made.model = usual.model, made.name = usual.name;
      made.perturbations.clear();
      QCOMPARE(QString::fromStdString(study::toJson(made)), QString::fromStdString(study::toJson(usual)));
    }
  }

  void everythingOfTheSpecIsFilledAndWritten_data() {
    QTest::addColumn<QString>("corpus");
    QTest::addColumn<QString>("embedding");
    QTest::addColumn<QString>("clusters");
    QTest::newRow("fields, filter, sample") << QStringLiteral(R"("text_field":"text","source_field":"url.host","text_unit":"line","filter":"language == en","max_documents":20)") << u""_s << u""_s;
    QTest::newRow("sources, near copies, parts")
        << QStringLiteral(R"("sampling":{"size":99,"power":0.25,"floor":3},"dedup":"near","near_threshold":0.8,"decontaminate":true,"chunk":{"tokens":128,"least":8,"per_family":2})")
        << QStringLiteral(R"("encoder":"tfidf","dimensions":64,"buckets":4096,"post":["all-but-the-top"],"top_components":2)") << u""_s;
    QTest::newRow("old name of dedup") << QStringLiteral(R"("drop_duplicates":false)") << QStringLiteral(R"("encoder":"model","layer":2,"long_documents":"truncate","post":[])") << u""_s;
    QTest::newRow("steps in a row") << u""_s << QStringLiteral(R"("post":["centre","all-but-the-top"])") << QStringLiteral(R"("method":"euclidean","k":5,"restarts":3,"iterations":50,"check_stability":true,"stability_pairs":7)");
    QTest::newRow("pictures") << u""_s << QStringLiteral(R"("encoder":"image-encoder","folder":"/e","image_field":"photo","post":["centre"])") << u""_s;
    QTest::newRow("grid") << u""_s << u""_s << QStringLiteral(R"("method":"kmeans","choose_k":[3,9,27],"stability_pairs":12,"min_size":12,"map":"umap")");
    QTest::newRow("hdbscan") << u""_s << u""_s << QStringLiteral(R"("method":"hdbscan","min_cluster_size":17,"min_samples":3,"selection":"leaf","representatives":7,"check_stability":true)");
    QTest::newRow("topics") << u""_s << u""_s
        << QStringLiteral(R"("method":"topics","topics":9,"merge_similarity":0.8,"terms":"bm25","umap":{"neighbours":20,"dimensions":3,"min_dist":0.25,"spread":1.5,"epochs":70,"metric":"euclidean","start":"pca"})");
    QTest::newRow("field") << u""_s << u""_s << QStringLiteral(R"("method":"metadata","field":"url.host")");
    QTest::newRow("filters") << u""_s << u""_s << QStringLiteral(R"("method":"filters","filters":[{"name":"code","where":"language == 'py'"},{"name":"rest","where":""}],"multi_label":true)");
    QTest::newRow("refined") << u""_s << u""_s << QStringLiteral(R"("k":6,"refine":{"rounds":4,"purity":0.8,"silhouette":0.1,"merge_cosine":0.9,"min_size":40,"field":"language"})");
  }
  void everythingOfTheSpecIsFilledAndWritten() {
    QFETCH(QString, corpus);
    QFETCH(QString, embedding);
    QFETCH(QString, clusters);
    const QString text = QStringLiteral(R"({"model":"/m","corpus":{"path":"/c"%1%2},"embedding":{%3},"clusters":{%4}})").arg(corpus.isEmpty() ? u""_s : u","_s, corpus, embedding, clusters);
    study::StudySpec asked = study::parseSpec(text.toStdString(), "/");
    Page page(m_corpus);   // the widgets are there: none of them may change a value that it shows
    page.model.load(QJsonDocument::fromJson(QByteArray::fromStdString(study::toJson(asked))).object());
    study::StudySpec made = specOf(page.model);
    made.name = asked.name;
    QCOMPARE(QString::fromStdString(study::toJson(made)), QString::fromStdString(study::toJson(asked)));
  }

  // ---- controls
  void eachMethodShowsItsOwn_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QStringList>("shown");
    QTest::addColumn<QStringList>("hidden");
    const QStringList means{u"Clusters (k)"_s}, density{u"Smallest cluster"_s, u"Neighbours"_s}, topics{u"Topics at most"_s, u"UMAP: neighbours"_s};
    QTest::newRow("kmeans") << u"kmeans"_s << means << density + topics;
    QTest::newRow("euclidean") << u"euclidean"_s << means << density + topics;
    QTest::newRow("hdbscan") << u"hdbscan"_s << density << means + topics;
    QTest::newRow("topics") << u"topics"_s << density + topics << means;
    QTest::newRow("metadata") << u"metadata"_s << QStringList{} << means + density + topics;
    QTest::newRow("filters") << u"filters"_s << QStringList{} << means + density + topics;
  }
  void eachMethodShowsItsOwn() {
    QFETCH(QString, method);
    QFETCH(QStringList, shown);
    QFETCH(QStringList, hidden);
    Page page(m_corpus);
    page.choose(u"Grouped by"_s, method);
    for (const QString& name : shown) QVERIFY2(page.shows<QSpinBox>(name), qPrintable(name));
    for (const QString& name : hidden) QVERIFY2(!page.shows<QSpinBox>(name), qPrintable(name));
    QCOMPARE(page.shows<QComboBox>(u"Field"_s), method == "metadata"_L1);
    QCOMPARE(page.shows<QLineEdit>(u"Filter of cluster 1"_s), method == "filters"_L1);
  }

  void whatCannotBeIsDisabledAndSaysWhy() {
    Page page(m_corpus);
    const auto box = [&](const QString& text) {
      for (QCheckBox* check : page.view.findChildren<QCheckBox*>())
        if (check->text() == text) return check;
      return static_cast<QCheckBox*>(nullptr);
    };
    QVERIFY(!box(u"Without texts of the abilities"_s)->isEnabled());
    page.choose(u"Grouped by"_s, u"euclidean"_s);
    QVERIFY(!box(u"Choose k by stability"_s)->isEnabled());
    QVERIFY(!page.labels().filter(u"Only k-means on the sphere chooses k"_s).isEmpty());
    page.choose(u"Grouped by"_s, u"metadata"_s);
    QVERIFY(!box(u"Check stability"_s)->isEnabled());
    QVERIFY(!page.labels().filter(u"the same on every subsample"_s).isEmpty());
    page.model.clusterSetup().set(u"check_stability"_s, true);   // asked for before the method was changed: no spec says it
    QVERIFY(!specOf(page.model).clusters.checkStability);
    page.choose(u"Grouped by"_s, u"filters"_s);
    page.model.clusterSetup().set(u"multi_label"_s, true);
    QVERIFY(!page.find<QSpinBox>(u"Refine in rounds"_s)->isEnabled());
  }

  void theGridIsWrittenAsText() {
    Page page(m_corpus);
    page.model.clusterSetup().set(u"choosing"_s, true);
    auto* edit = page.find<QLineEdit>(u"Choose k among"_s);
    QVERIFY(edit && edit->isVisibleTo(&page.view));
    edit->clear();
    QTest::keyClicks(edit, u"4-12 step 4"_s);
    QCOMPARE(specOf(page.model).clusters.kGrid, (std::vector<int>{4, 8, 12}));
    edit->clear();
    QTest::keyClicks(edit, u"4-x"_s);
    QTRY_VERIFY(!page.labels().filter(u"“4-x” is no number"_s).isEmpty());
    QVERIFY(page.model.clusterSetup().missing().contains(u"choose among"_s));
    QCOMPARE(edit->text(), u"4-x"_s);   // what is typed stays
  }

  void aClusterOfOneDocumentIsSteppedOver() {
    Page page(m_corpus);
    page.choose(u"Grouped by"_s, u"hdbscan"_s);
    auto* size = page.find<QSpinBox>(u"Smallest cluster"_s);
    size->stepUp();
    QCOMPARE(size->value(), 2);
    size->stepDown();
    QCOMPARE(size->value(), 0);
  }

  // ---- filters
  void aFilterIsCheckedAsItIsTyped() {
    Page page(m_corpus);
    QVERIFY(page.looked());
    auto* edit = page.find<QLineEdit>(u"Filter of the corpus"_s);
    QTest::keyClicks(edit, u"language = en"_s);
    const FilterState wrong = page.model.corpusSetup().filter();
    QVERIFY(wrong.fault.contains(u"LAC-1104"_s) && wrong.fault.contains(u"found '= en'"_s));
    QCOMPARE(wrong.place, u"language = en\n         ^"_s);
    QVERIFY(page.labels().contains(wrong.place));
    QVERIFY(page.model.missing() != QString());
    edit->clear();
    QTest::keyClicks(edit, u"language == en and score >= 20"_s);
    QVERIFY(QTest::qWaitFor([&] { return !page.model.corpusSetup().filter().passing.isEmpty(); }));
    QVERIFY(page.model.corpusSetup().filter().passing.startsWith(u"10 of 40 "_s));
    QVERIFY(!page.labels().filter(u"10 of 40 "_s).isEmpty());
    QCOMPARE(edit->text(), u"language == en and score >= 20"_s);
  }

  void theCaretStandsUnderTheCharacter() {
    const QString far = u"language == en and "_s.repeated(8) + u"score = 3"_s;
    const FilterState state = filterState(far, std::nullopt, nullptr);
    const QStringList lines = state.place.split(u'\n');
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].size() <= 70);
    QCOMPARE(lines[0][lines[1].size() - 1], u'=');
    const FilterState wide = filterState(u"größe = 3"_s, std::nullopt, nullptr);
    QCOMPARE(wide.place, u"größe = 3\n      ^"_s);
  }

  void conditionsAreClickedTogetherAndTakenOff() {
    Page page(m_corpus);
    QVERIFY(page.looked());
    auto* box = page.view.findChild<FilterBox*>();
    auto* builder = box->findChild<ConditionBuilder*>();
    for (QToolButton* button : box->findChildren<QToolButton*>())
      if (button->text() == "+ Condition"_L1) button->click();
    QVERIFY(builder->isVisibleTo(&page.view));
    auto* field = builder->findChildren<QComboBox*>().front();
    QVERIFY(field->findData(u"url.host"_s) >= 0);
    field->setCurrentIndex(field->findData(u"language"_s));
    auto* values = builder->findChild<QListWidget*>();
    QVERIFY(values->item(0)->text().startsWith(u"en – 30 "_s));
    for (int i = 0; i < values->count(); ++i) values->item(i)->setCheckState(Qt::Checked);
    builder->findChild<QPushButton*>()->click();
    QCOMPARE(page.model.corpusSetup().text(u"filter"_s), u"language in (en, de)"_s);
    QVERIFY(!builder->isVisibleTo(&page.view));
    field->setCurrentIndex(field->findData(u"score"_s));   // many numbers: a limit
    QTest::keyClicks(builder->findChild<QLineEdit*>(), u"20"_s);
    QTest::keyClick(builder->findChild<QLineEdit*>(), Qt::Key_Return);
    QCOMPARE(page.model.corpusSetup().text(u"filter"_s), u"language in (en, de) and score >= 20"_s);
    const auto chips = [&] {
      QList<QPushButton*> all;
      for (QPushButton* button : box->findChildren<QPushButton*>(u"chip"_s))
        if (button->isVisibleTo(&page.view)) all << button;
      return all;
    };
    QCOMPARE(chips().size(), 2);
    chips().front()->click();
    QCOMPARE(page.model.corpusSetup().text(u"filter"_s), u"score >= 20"_s);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCOMPARE(chips().size(), 1);
    QVERIFY(chips().front()->accessibleName().contains(u"score >= 20"_s));
  }

  void clustersByFiltersAreAddedMovedAndRemoved() {
    Page page(m_corpus);
    QVERIFY(page.looked());
    page.choose(u"Grouped by"_s, u"filters"_s);
    QTest::keyClicks(page.find<QLineEdit>(u"Name of cluster 1"_s), u"english"_s);
    QTest::keyClicks(page.find<QLineEdit>(u"Filter of cluster 1"_s), u"language == en"_s);
    for (QPushButton* button : page.view.findChildren<QPushButton*>())
      if (button->text() == "Add a cluster"_L1) button->click();
    QTest::keyClicks(page.find<QLineEdit>(u"Name of cluster 2"_s), u"high"_s);
    QTest::keyClicks(page.find<QLineEdit>(u"Filter of cluster 2"_s), u"score >"_s);
    QVERIFY(page.model.clusterSetup().missing().contains(u"“high” is not sound"_s));
    QTest::keyClicks(page.find<QLineEdit>(u"Filter of cluster 2"_s), u" 35"_s);
    QCOMPARE(page.model.clusterSetup().missing(), QString());
    QVERIFY(QTest::qWaitFor([&] { return page.labels().filter(u"  4 of 40 "_s).size() == 1; }));
    page.find<QToolButton>(u"Cluster 2: try it earlier"_s)->click();
    study::StudySpec spec = specOf(page.model);
    QCOMPARE(spec.clusters.filters.front().name, std::string("high"));
    QCOMPARE(page.find<QLineEdit>(u"Name of cluster 1"_s)->text(), u"high"_s);
    page.find<QToolButton>(u"Cluster 1: remove it"_s)->click();
    spec = specOf(page.model);
    QCOMPARE(spec.clusters.filters.size(), std::size_t{1});
    QCOMPARE(spec.clusters.filters.front().expression, std::string("language == en"));
  }

  // ---- the page
  void everythingOnThePageHasANameAndAMeaning() {
    Page page(m_corpus);
    QVERIFY(page.looked());
    for (const QString& method : {u"kmeans"_s, u"topics"_s, u"filters"_s}) {
      page.model.clusterSetup().set(u"method"_s, method);
      for (const QWidget* widget : page.view.findChildren<QWidget*>()) {
        if (!widget->isVisibleTo(&page.view) || !(widget->focusPolicy() & Qt::TabFocus) || widget->focusProxy() || qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) || qobject_cast<const QComboBox*>(widget->parentWidget())) continue;
        const auto* face = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(widget));
        QVERIFY2(face && !face->text(QAccessible::Name).trimmed().isEmpty(), widget->metaObject()->className());
      }
    }
  }

  void nothingIsWiderThanThePage_data() {
    QTest::addColumn<QString>("method");
    for (const QString& method : {u"kmeans"_s, u"topics"_s, u"metadata"_s, u"filters"_s}) QTest::newRow(qPrintable(method)) << method;
  }
  void nothingIsWiderThanThePage() {
    QFETCH(QString, method);
    Page page(m_corpus);
    QVERIFY(page.looked());
    page.model.clusterSetup().set(u"method"_s, method);
    page.model.corpusSetup().set(u"filter"_s, u"language == en and "_s.repeated(12) + u"score = 3"_s);
    page.view.resize(1004, 600);   // in the smallest window
    QTest::qWait(20);
    for (const QWidget* widget : page.view.findChildren<QWidget*>()) {
      if (!widget->isVisible() || qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) || qobject_cast<const QComboBox*>(widget->parentWidget())) continue;
      const int right = widget->mapTo(&page.view, QPoint(widget->width(), 0)).x();
      QVERIFY2(right <= page.view.width(), qPrintable(u"%1 '%2' reaches %3"_s.arg(QLatin1StringView(widget->metaObject()->className()), widget->accessibleName()).arg(right)));
      if (const auto* label = qobject_cast<const QLabel*>(widget); label && label->wordWrap())
        QVERIFY2(label->heightForWidth(label->width()) <= label->height() + 1, qPrintable(label->text()));
    }
  }
};

QTEST_MAIN(SetupTest)
#include "setup_test.moc"
