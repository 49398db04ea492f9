#include "lacuna/study/people.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <set>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/files/files.h"
#include "lacuna/study/cluster_edits.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

/// `clusters` clusters of `each` documents, ids 0, 1, … in turn.
Results studyOf(int clusters, int each) {
  Results r;
  for (int c = 0; c < clusters; ++c) r.clusters.push_back({ClusterId(c), "label " + std::to_string(c), each, 0.5, 0, false, {}});
  for (int i = 0; i < clusters * each; ++i) {
    DocumentRow d;
    d.id = DocumentId(i);
    d.cluster = i % clusters;
    d.text = "text \"" + std::to_string(i) + "\", with\nlines";
    r.documents.push_back(d);
  }
  return r;
}

AnnotationRow fitsRow(const std::string& rater, std::int32_t document, const std::string& value, std::int32_t cluster = 0) {
  AnnotationRow row;
  row.rater = rater;
  row.kind = "fits";
  row.cluster = ClusterId(cluster);
  row.item = document;
  row.documents = {document};
  row.value = value;
  row.clustering = "key";
  return row;
}

const char* const kWords[] = {"fits", "not", "unsure"};

/// Answers of two raters whose table is `table`, on documents 0, 1, … of cluster 0.
std::vector<AnnotationRow> twoRaters(const MatrixD& table) {
  std::vector<AnnotationRow> rows;
  std::int32_t document = 0;
  for (Eigen::Index a = 0; a < table.rows(); ++a)
    for (Eigen::Index b = 0; b < table.cols(); ++b)
      for (int k = 0; k < static_cast<int>(table(a, b)); ++k, ++document) {
        rows.push_back(fitsRow("ann", document, kWords[a]));
        rows.push_back(fitsRow("bob", document, kWords[b]));
      }
  return rows;
}

AgreementRow firstOf(const Results& r, const std::vector<AnnotationRow>& rows) { return agreementOf(r.documents, r.clusters, rows, "key").front(); }

std::string codeOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.code();
  }
  return "no error";
}

std::string idsOf(const std::vector<DocumentId>& documents) {
  std::string ids;
  for (const DocumentId id : documents) ids += std::to_string(id.value) + " ";
  return ids;
}

std::vector<ClusterId> idsOf(const Results& r) {
  std::vector<ClusterId> ids;
  for (const ClusterRow& c : r.clusters) ids.push_back(c.id);
  return ids;
}

}  // namespace

/// Sheets, answers, agreement (methods.md 3.7, known answers F) and edits as values.
class PeopleTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cohenOfTwoRaters() {
    const QJsonObject known = testing::knownAnswer("kappa");
    const AgreementRow row = firstOf(studyOf(1, 60), twoRaters(testing::matrix(known["table"])));
    QVERIFY(std::abs(row.kappa.value - known["kappa"].toDouble()) < 1e-12);
    QVERIFY(std::abs(row.kappa.low - known["lo"].toDouble()) < 1e-9);
    QVERIFY(std::abs(row.kappa.high - known["hi"].toDouble()) < 1e-9);
    QCOMPARE(row.kappaMethod, std::string("cohen"));
    QCOMPARE(row.observed, 0.7);
    QCOMPARE(row.raters, std::int64_t(2));
    QCOMPARE(row.documents, std::int64_t(50));
    QCOMPARE(row.shared, std::int64_t(50));
    QVERIFY(row.alpha.low < row.alpha.value && row.alpha.value < row.alpha.high);
  }

  void kappaIsLowWhereNearlyAllFits() {
    const AgreementRow row = firstOf(studyOf(1, 100), twoRaters((MatrixD(2, 2) << 90, 5, 5, 0).finished()));
    QVERIFY(std::abs(row.kappa.value - testing::knownAnswer("kappa")["paradox"].toDouble()) < 1e-12);
    QCOMPARE(row.observed, 0.9);
  }

  void perfectAgreementOnOneAnswerIsNotIdentified() {
    const AgreementRow row = firstOf(studyOf(1, 20), twoRaters((MatrixD(1, 1) << 20).finished()));
    QVERIFY(std::isnan(row.kappa.value) && std::isnan(row.alpha.value));
    QCOMPARE(row.kappaStatus, std::string("NOT_IDENTIFIED"));
    QCOMPARE(row.alphaStatus, std::string("NOT_IDENTIFIED"));
    QCOMPARE(row.observed, 1.0);
  }

  void fleissOfThree() {
    const int counts[4][2] = {{3, 0}, {2, 1}, {0, 3}, {1, 2}};
    std::vector<AnnotationRow> rows;
    for (std::int32_t document = 0; document < 4; ++document)
      for (int rater = 0; rater < 3; ++rater) rows.push_back(fitsRow("r" + std::to_string(rater), document, kWords[rater < counts[document][0] ? 0 : 1]));
    const AgreementRow row = firstOf(studyOf(1, 10), rows);
    QVERIFY(std::abs(row.kappa.value - testing::knownAnswer("kappa")["fleiss"].toDouble()) < 1e-12);
    QCOMPARE(row.kappaMethod, std::string("fleiss"));
    QVERIFY(std::isnan(row.kappa.low));   // four documents are too few for an interval
    QCOMPARE(row.kappaRaters, std::int64_t(3));
    QCOMPARE(row.kappaDocuments, std::int64_t(4));
    rows.pop_back();
    const AgreementRow gap = firstOf(studyOf(1, 10), rows);
    QCOMPARE(gap.kappaDocuments, std::int64_t(3));   // with a gap, the documents that all three judged
    QVERIFY(!std::isnan(gap.kappa.value) && !std::isnan(gap.alpha.value));
  }

  /// Cohen of every pair, κ of those with enough in common, α of all: scikit-learn, statsmodels, numpy.
  void ratersWhoJudgedDifferentDocuments_data() {
    QTest::addColumn<QJsonObject>("known");
    const QJsonArray cases = testing::readJson("raters_reference.json")["cases"].toArray();
    QCOMPARE(cases.size(), 5);
    for (const QJsonValue& value : cases) QTest::newRow(qPrintable(value["name"].toString())) << value.toObject();
  }
  void ratersWhoJudgedDifferentDocuments() {
    QFETCH(QJsonObject, known);
    const auto near = [](double value, const QJsonValue& wanted, double within = 1e-9) { return wanted.isDouble() ? std::abs(value - wanted.toDouble()) < within : std::isnan(value); };
    const QJsonArray ratings = known["ratings"].toArray();
    std::vector<AnnotationRow> rows;
    for (int rater = 0; rater < ratings.size(); ++rater)
      for (int document = 0; document < ratings[rater].toArray().size(); ++document)
        if (const QJsonValue said = ratings[rater][document]; said.isDouble()) rows.push_back(fitsRow(std::to_string(rater), document, kWords[said.toInt()]));
    const Results r = studyOf(1, 600);
    for (const AgreementRow& row : agreementOf(r.documents, r.clusters, rows, "key")) {   // the cluster, and all clusters
      const QJsonArray pairs = known["pairs"].toArray();
      QCOMPARE(std::ssize(row.pairs), pairs.size());
      for (int i = 0; i < pairs.size(); ++i) {
        const RaterPair& pair = row.pairs[static_cast<std::size_t>(i)];
        QCOMPARE(pair.first, std::to_string(pairs[i]["raters"][0].toInt()));
        QCOMPARE(pair.second, std::to_string(pairs[i]["raters"][1].toInt()));
        QCOMPARE(pair.documents, std::int64_t(pairs[i]["n"].toInt()));
        QVERIFY(near(pair.observed, pairs[i]["observed"]));
        QVERIFY(near(pair.kappa.value, pairs[i]["kappa"]));
        QCOMPARE(pair.status, std::string(pairs[i]["kappa"].isDouble() ? "OK" : "NOT_IDENTIFIED"));
        if (pair.documents >= 8) QVERIFY(near(pair.kappa.low, pairs[i]["low"]) && near(pair.kappa.high, pairs[i]["high"]));
        else QVERIFY(std::isnan(pair.kappa.low) && std::isnan(pair.kappa.high));
      }
      const QJsonArray raters = known["kappa_raters"].toArray();
      QCOMPARE(row.kappaRaters, std::int64_t(raters.size()));
      QCOMPARE(row.kappaDocuments, std::int64_t(known["kappa_documents"].toInt()));
      QCOMPARE(row.kappaMethod, std::string(raters.size() > 2 ? "fleiss" : raters.size() == 2 ? "cohen" : ""));
      QVERIFY(near(row.alpha.value, known["alpha"]));
      if (raters.size() > 2) QVERIFY(near(row.kappa.value, known["fleiss"]) && near(row.kappaObserved, known["observed"]) && row.kappa.low < row.kappa.value && row.kappa.value < row.kappa.high);
      for (const QJsonValue& pair : pairs)
        if (raters.size() == 2 && pair["raters"].toArray() == raters) QVERIFY(near(row.kappa.value, pair["kappa"]) && near(row.kappaObserved, pair["observed"]));
    }
  }

  void documentsOfOneFamilyCountTogether() {
    Results r = studyOf(1, 60);
    const auto rows = twoRaters((MatrixD(2, 2) << 20, 5, 10, 15).finished());
    const AgreementRow apart = firstOf(r, rows);
    for (DocumentRow& d : r.documents) d.family = d.id.value / 5;
    const AgreementRow together = firstOf(r, rows);
    QCOMPARE(together.alpha.value, apart.alpha.value);
    QVERIFY(together.alpha.high - together.alpha.low > 1.2 * (apart.alpha.high - apart.alpha.low));   // neighbours say the same here
    for (DocumentRow& d : r.documents) d.family = d.id.value / 10;
    QVERIFY(std::isnan(firstOf(r, rows).alpha.low));   // five families are too few for an interval
  }

  /// A share of judgements is one, whatever the interval is made of.
  void sharesAreOfJudgementsWhereDocumentsHaveDifferentNumbers() {
    const AgreementRow row = firstOf(studyOf(1, 20), {fitsRow("ann", 0, "fits"), fitsRow("bob", 0, "fits"), fitsRow("ann", 1, "not")});
    QVERIFY(std::abs(row.fits.value - 2.0 / 3) < 1e-12);
  }

  void intrudersAgainstGuessing() {
    const Results r = studyOf(3, 60);
    std::vector<AnnotationRow> rows;
    for (const SheetItem& item : drawSheets(r.documents, {ClusterId(1)}, "intruder", 7)) {
      AnnotationRow row;
      row.rater = "ann";
      row.kind = item.kind;
      row.cluster = item.cluster;
      row.item = item.item;
      for (const DocumentId id : item.documents) row.documents.push_back(id.value);
      row.expected = std::to_string(item.intruder.value);
      const DocumentId other = item.documents[item.documents[0] == item.intruder ? 1 : 0];
      row.value = std::to_string((item.item < 8 ? item.intruder : other).value);
      row.clustering = "key";
      rows.push_back(row);
    }
    QCOMPARE(rows.size(), std::size_t(10));
    const auto agreement = agreementOf(r.documents, r.clusters, rows, "key");
    const AgreementRow& one = agreement[1];
    QCOMPARE(one.intruders, std::int64_t(10));
    QCOMPARE(one.found.value, 0.8);
    QVERIFY(std::abs(one.found.low - 0.49016247153664183) < 1e-9 && std::abs(one.found.high - 0.9433178485456247) < 1e-9);   // statsmodels, wilson
    QVERIFY(std::abs(one.pFound - 1.944888990499415e-05) < 1e-15);                                                           // scipy binom.sf(7, 10, 1/6)
    QCOMPARE(agreement.back().found.value, 0.8);
    QVERIFY(!agreement.back().cluster.valid());
    QCOMPARE(agreement[0].intruders, std::int64_t(0));
    QVERIFY(std::isnan(agreement[0].found.value) && std::isnan(agreement[0].pFound));
  }

  void theNewestAnswerCountsAndAnEmptyOneWithdraws() {
    const Results r = studyOf(1, 10);
    std::vector<AnnotationRow> rows = {fitsRow("ann", 0, "fits"), fitsRow("ann", 0, "not"), fitsRow("ann", 1, "fits"), fitsRow("ann", 1, "")};
    const AgreementRow row = firstOf(r, rows);
    QCOMPARE(row.documents, std::int64_t(1));
    QCOMPARE(row.fits.value, 0.0);
  }

  void answersAboutWhatMovedOrWasClusteredAnewDoNotCount() {
    Results r = studyOf(2, 10);
    std::vector<AnnotationRow> rows = {fitsRow("ann", 0, "fits"), fitsRow("ann", 2, "fits")};
    QCOMPARE(firstOf(r, rows).documents, std::int64_t(2));
    r.documents[2].cluster = 1;
    QCOMPARE(firstOf(r, rows).documents, std::int64_t(1));
    rows[0].clustering = "an older key";
    QCOMPARE(firstOf(r, rows).documents, std::int64_t(0));
  }

  void sheetsAreDrawnFromTheSeedAlone() {
    const Results r = studyOf(4, 80);
    const auto first = drawSheets(r.documents, idsOf(r), "fits", 3), again = drawSheets(r.documents, idsOf(r), "fits", 3), other = drawSheets(r.documents, idsOf(r), "fits", 4);
    QCOMPARE(first.size(), std::size_t(4 * (1 + kSheetDocuments)));
    bool differs = false;
    for (std::size_t i = 0; i < first.size(); ++i) {
      QVERIFY(first[i].documents == again[i].documents);
      differs = differs || first[i].documents != other[i].documents;
    }
    QVERIFY(differs);
    std::set<std::int32_t> shown;
    for (const SheetItem& item : first)
      if (item.kind == "fits") {
        QCOMPARE(r.documents[item.documents.at(0).index()].cluster, item.cluster.value);
        QVERIFY(shown.insert(item.documents.at(0).value).second);
      }
  }

  void anIntruderComesFromAnotherClusterAndStandsAnywhere() {
    const Results r = studyOf(3, 200);
    std::set<std::ptrdiff_t> places;
    for (const SheetItem& item : drawSheets(r.documents, idsOf(r), "intruder", 1)) {
      QCOMPARE(item.documents.size(), std::size_t(6));
      for (const DocumentId id : item.documents) QCOMPARE(r.documents[id.index()].cluster == item.cluster.value, id != item.intruder);
      places.insert(std::find(item.documents.begin(), item.documents.end(), item.intruder) - item.documents.begin());
    }
    QVERIFY(places.size() >= 5);
    QVERIFY(drawSheets(studyOf(1, 50).documents, {ClusterId(0)}, "intruder", 1).empty());
    QVERIFY(drawSheets(studyOf(2, 4).documents, {ClusterId(0)}, "intruder", 1).empty());
  }

  void ratersMeetTheClustersInOrdersOfTheirOwn() {
    const Results r = studyOf(12, 5);
    const auto ann = sheetOrder(r.clusters, "fits", "ann", 0), bob = sheetOrder(r.clusters, "fits", "bob", 0);
    QVERIFY(ann == sheetOrder(r.clusters, "fits", "ann", 0));
    QVERIFY(ann != bob);
    QVERIFY(std::set<ClusterId>(ann.begin(), ann.end()) == std::set<ClusterId>(bob.begin(), bob.end()));
  }

  void aSheetGoesOutAndComesBack() {
    const Results r = studyOf(3, 60);
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.path().toStdString() + "/sheet.csv";
    auto rows = files::parseCsv(writeSheet(r, "ann", 5));
    std::string filled = files::csvRow(rows[0]);
    std::map<std::string, std::string> intruders, shown;
    for (std::size_t i = 1; i < rows.size(); ++i)
      if (rows[i][0] == "intruder") shown[rows[i][1] + "/" + rows[i][2]] += rows[i][3] + " ";
    for (const SheetItem& item : drawSheets(r.documents, idsOf(r), "intruder", 5))
      intruders[idsOf(item.documents)] = std::to_string(item.intruder.value);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      QVERIFY(rows[i][4].find("label") == std::string::npos);
      if (rows[i][0] == "topic") rows[i][5] = "sums";
      else if (rows[i][0] == "fits") rows[i][5] = i % 2 ? "1" : "not";
      else if (intruders.at(shown.at(rows[i][1] + "/" + rows[i][2])) == rows[i][3]) rows[i][5] = "x";
      filled += files::csvRow(rows[i]);
    }
    files::writeFileAtomically(file, filled);
    auto answers = readSheet(file, r, "ann", 5);
    QCOMPARE(answers.size(), std::size_t(3 * (1 + 50 + 10)));
    for (AnnotationRow& row : answers) row.clustering = "key";
    const auto agreement = agreementOf(r.documents, r.clusters, answers, "key");
    QCOMPARE(agreement.back().found.value, 1.0);
    QCOMPARE(agreement.back().documents, std::int64_t(150));
    QCOMPARE(agreement.front().topics, std::string("sums"));
  }

  void aSheetThatIsNoneSaysWhere_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("header") << QByteArray("a,b\n1,2\n") << QByteArray("row 1: expected the columns");
    QTest::newRow("columns") << QByteArray("kind,group,item,document,text,answer\nfits,0\n") << QByteArray("row 2: expected 6 columns");
    QTest::newRow("number") << QByteArray("kind,group,item,document,text,answer\nfits,zero,0,1,t,1\n") << QByteArray("row 2: group: 'zero' is of no sheet of this study");
    QTest::newRow("code") << QByteArray("kind,group,item,document,text,answer\nfits,g7f3a-00000000,0,1,t,1\n") << QByteArray("is of no sheet of this study");
    QTest::newRow("kind") << QByteArray("kind,group,item,document,text,answer\nfit,0,0,1,t,1\n") << QByteArray("row 2: kind: expected topic, fits or intruder, found 'fit'");
    QTest::newRow("document") << QByteArray("kind,group,item,document,text,answer\nfits,0,0,99999,t,1\n") << QByteArray("row 2: this study has no document 99999");
    QTest::newRow("part of a document") << QByteArray("kind,group,item,document,text,answer\nfits,0,0,1.4,t,1\n") << QByteArray("row 2: document: expected a number, found '1.4'");
    QTest::newRow("beyond all ids") << QByteArray("kind,group,item,document,text,answer\nfits,0,0,4294967297,t,1\n") << QByteArray("document: expected a number");
    QTest::newRow("no number") << QByteArray("kind,group,item,document,text,answer\nfits,0,0,nan,t,1\n") << QByteArray("document: expected a number");
    QTest::newRow("open quote") << QByteArray("kind,group,item,document,text,answer\ntopic,0,0,1,t,\"sums\nfits,0,0,1,t,1\n") << QByteArray("a quote is opened and never closed");
    QTest::newRow("no document") << QByteArray("kind,group,item,document,text,answer\nfits,0,0,,t,1\n") << QByteArray("row 2: document: expected the id of a document");
    QTest::newRow("answer") << QByteArray("kind,group,item,document,text,answer\nfits,0,0,1,t,maybe\n") << QByteArray("row 2: answer: expected fits, not or unsure (1, 2, 3), found 'maybe'");
    QTest::newRow("twice") << QByteArray("kind,group,item,document,text,answer\nintruder,0,0,1,t,x\nintruder,0,0,2,t,x\n") << QByteArray("row 3: answered in row 2 already");
  }
  void aSheetThatIsNoneSaysWhere() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, said);
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.path().toStdString() + "/bad.csv";
    files::writeFileAtomically(file, text.toStdString());
    try {
      readSheet(file, studyOf(2, 20), "ann", 0);
      QFAIL("read");
    } catch (const Error& e) {
      QCOMPARE(e.code(), std::string("LAC-1502"));
      QVERIFY2(QByteArray::fromStdString(e.message()).contains(said), e.message().c_str());
    }
  }

  /// An old sheet's topic names no documents, and some of the rows that show them were emptied.
  void aTopicOfRowsWithoutDocumentsIsNoTrouble() {
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.path().toStdString() + "/old.csv";
    files::writeFileAtomically(file, "kind,group,item,document,text,answer\ntopic,0,0,,t,sums\nfits,0,0,,t,\nfits,0,1,1,t,\n");
    const auto answers = readSheet(file, studyOf(2, 20), "ann", 0);
    QCOMPARE(answers.size(), std::size_t{1});
    QCOMPARE(answers.front().value, std::string("sums"));
  }

  void groupsSayNothingAndLeadBack() {
    const Results r = studyOf(12, 20);
    std::set<std::string> groups, others;
    for (const auto& row : files::parseCsv(writeSheet(r, "ann", 5, "key"))) groups.insert(row[1]);
    for (const auto& row : files::parseCsv(writeSheet(r, "ann", 5, "another key"))) others.insert(row[1]);
    QCOMPARE(groups.size(), std::size_t(1 + 12));
    for (const std::string& group : groups) QVERIFY(group == "group" || (group[0] == 'g' && group.size() == 14 && !others.contains(group)));
  }

  /// A sheet goes out, cluster 2 is merged into 1, the sheet comes back.
  void answersOutliveEditsWhereTheirQuestionIsStillAsked() {
    const Results before = studyOf(3, 60);
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.path().toStdString() + "/sheet.csv";
    auto rows = files::parseCsv(writeSheet(before, "ann", 5, "key"));
    std::string filled = files::csvRow(rows[0]);
    std::set<std::string> items;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i][0] != "intruder" || items.insert(rows[i][1] + "/" + rows[i][2]).second) rows[i][5] = rows[i][0] == "topic" ? "sums" : "1";
      filled += files::csvRow(rows[i]);
    }
    files::writeFileAtomically(file, filled);
    Results after = before;
    std::int64_t moved = 0;
    for (DocumentRow& d : after.documents)
      if (d.cluster == 2) d.cluster = 1, ++moved;   // 2 goes into 1: its questions are none any more
    after.clusters.pop_back();
    const SheetImport import = importOf(readSheet(file, after, "ann", 5, "key"), {}, after.documents, "key");
    QCOMPARE(moved, std::int64_t(60));
    QCOMPARE(import.rows.size(), std::size_t(3 * 61));
    std::int64_t unasked = 0;
    for (const AnnotationRow& row : import.rows) {
      QCOMPARE(row.clustering, std::string("key"));
      const bool gone = row.cluster.value == 2 || (row.cluster.value == 1 && row.kind == "intruder" && std::stoi(row.expected.empty() ? "2" : row.expected) % 3 == 2);
      QCOMPARE(!stillAsked(row, after.documents), gone);
      unasked += gone;
    }
    QCOMPARE(import.unasked, unasked);
    QVERIFY(unasked >= 61);
    const auto agreement = agreementOf(after.documents, after.clusters, import.rows, "key");
    QCOMPARE(agreement[0].documents, std::int64_t(50));
    QCOMPARE(agreement[1].documents, std::int64_t(50));
    QCOMPARE(agreement.back().documents, std::int64_t(100));
    QCOMPARE(agreementOf(before.documents, before.clusters, import.rows, "key").back().documents, std::int64_t(150));   // taken back: all count again

    const SheetImport again = importOf(readSheet(file, after, "ann", 5, "key"), import.rows, after.documents, "key");
    QCOMPARE(again.rows.size(), std::size_t(0));
    QCOMPARE(again.known, std::int64_t(3 * 61));
    const SheetImport older = importOf(readSheet(file, after, "ann", 5, "new key"), import.rows, after.documents, "new key");   // clustered anew
    QCOMPARE(older.rows.size(), std::size_t(3 * 61));
    QCOMPARE(older.unasked, std::int64_t(3 * 61));
    for (const AnnotationRow& row : older.rows) QVERIFY(row.clustering.starts_with("sheet "));
  }

  void intruderItemsOfDifferentDocumentsAreDifferentQuestions() {
    const Results r = studyOf(3, 60);
    std::vector<AnnotationRow> rows;
    for (const std::uint64_t seed : {1, 2}) {   // two drawings, as before and after an edit
      const SheetItem item = drawSheets(r.documents, {ClusterId(0)}, "intruder", seed).front();
      AnnotationRow row{0, "ann", "intruder", item.cluster, item.item, {}, std::to_string(item.intruder.value), std::to_string(item.intruder.value), 1, "key", ""};
      for (const DocumentId id : item.documents) row.documents.push_back(id.value);
      QVERIFY(questionOf(item) == questionOf(row));
      rows.push_back(row);
    }
    QVERIFY(questionOf(rows[0]) != questionOf(rows[1]));
    QCOMPARE(firstOf(r, rows).intruders, std::int64_t(2));
  }

  void anEditChangesNoMoreThanThePlacesItLeaves() {
    const Results before = studyOf(3, 400);
    Results after = before;
    const auto shown = drawSheets(before.documents, idsOf(before), "fits", 3);
    after.documents[shown[1].documents[0].index()].cluster = 2;   // one document of the first sheet goes elsewhere
    const auto questions = [](const std::vector<SheetItem>& items) {
      std::set<Question> all;
      for (const SheetItem& item : items)
        if (item.kind == "fits") all.insert(questionOf(item));
      return all;
    };
    std::size_t kept = 0;
    const auto old = questions(shown), redrawn = questions(drawSheets(after.documents, idsOf(after), "fits", 3));
    for (const Question& question : redrawn) kept += old.contains(question);
    QVERIFY2(kept >= old.size() - 2, qPrintable(QString::number(kept)));
  }

  void cellsThatLookLikeFormulasAreText() {
    Results r = studyOf(2, 5);
    for (DocumentRow& d : r.documents) d.text = "=HYPERLINK(\"x\")";
    for (const auto& row : files::parseCsv(writeSheet(r, "ann", 0))) QVERIFY(row[4].find('=') != 0);
    QCOMPARE(raterName(" ann,\n \"the first\" "), std::string("ann, \"the first\""));
    QCOMPARE(codeOf([] { raterName(" \n"); }), std::string("LAC-1504"));
  }

  void aSheetOfASemicolonSpreadsheetIsReadToo() {
    const Results r = studyOf(2, 20);
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.path().toStdString() + "/sheet.csv", none = folder.path().toStdString() + "/none.csv";
    files::writeFileAtomically(file, "\xEF\xBB\xBFkind;group;item;document;text;answer\r\nfits;0;0;2;text;Fits\r\n");
    files::writeFileAtomically(none, "kind,group\n");
    QVERIFY(isSheet(file) && !isSheet(none) && !isSheet(folder.path().toStdString() + "/missing"));
    const auto answers = readSheet(file, r, "ann", 0);
    QCOMPARE(answers.size(), std::size_t(1));
    QCOMPARE(answers[0].value, std::string("fits"));
    QVERIFY((answers[0].documents == std::vector<std::int32_t>{2}));
  }

  void editsMoveDocumentsAndKnowWhereTheyCameFrom() {
    const Results r = studyOf(3, 4);
    const EditRow merge = plannedEdit({"merge", ClusterId(0), ClusterId(2), {}, {}}, r.clusters, r.documents);
    QCOMPARE(merge.documents.size(), std::size_t(4));
    QVERIFY(std::all_of(merge.before.begin(), merge.before.end(), [](std::int32_t c) { return c == 0; }));
    const EditRow split = plannedEdit({"split", {}, {}, {1, 2, 4}, "new"}, r.clusters, r.documents);
    QCOMPARE(split.target, ClusterId(3));
    QVERIFY((split.before == std::vector<std::int32_t>{1, 2, 1}));
    const EditRow exclude = plannedEdit({"exclude", ClusterId(1), {}, {}, {}}, r.clusters, r.documents);
    QCOMPARE(exclude.target.value, -2);
    std::vector<DocumentId> ids;
    std::vector<std::int32_t> labels;
    for (const DocumentRow& d : r.documents) ids.push_back(d.id), labels.push_back(d.cluster);
    applyEdits({merge, split}, ids, labels);
    QVERIFY((labels == std::vector<std::int32_t>{2, 3, 3, 2, 3, 2, 2, 1, 2, 2, 1, 2}));
  }

  void refusedEditsChangeNothing_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("cluster");
    QTest::addColumn<int>("target");
    QTest::addColumn<QString>("value");
    QTest::newRow("no cluster") << "rename" << 9 << -1 << "x";
    QTest::newRow("same label") << "rename" << 0 << -1 << "label 0";
    QTest::newRow("into itself") << "merge" << 1 << 1 << "";
    QTest::newRow("into nothing") << "merge" << 1 << 7 << "";
    QTest::newRow("nothing selected") << "split" << -1 << -1 << "";
    QTest::newRow("unknown") << "paint" << 0 << -1 << "";
  }
  void refusedEditsChangeNothing() {
    QFETCH(QString, kind);
    QFETCH(int, cluster);
    QFETCH(int, target);
    QFETCH(QString, value);
    const Results r = studyOf(3, 4);
    QCOMPARE(codeOf([&] { plannedEdit({kind.toStdString(), ClusterId(cluster), ClusterId(target), {}, value.toStdString()}, r.clusters, r.documents); }), std::string("LAC-1503"));
  }

  void splittingOffAWholeClusterIsRefused() {
    const Results r = studyOf(2, 3);
    QCOMPARE(codeOf([&] { plannedEdit({"split", {}, {}, {0, 2, 4}, ""}, r.clusters, r.documents); }), std::string("LAC-1503"));
  }

  void undoAndRedoAreReadOffTheLog() {
    const auto row = [](std::int64_t number, const char* kind, std::int64_t of = 0) {
      EditRow r;
      r.number = number;
      r.kind = kind;
      r.of = of;
      r.clustering = "key";
      return r;
    };
    std::vector<EditRow> log = {row(1, "rename"), row(2, "merge"), row(3, "undo", 2)};
    EditHistory h = historyOf(log, "key");
    QCOMPARE(h.done.size(), std::size_t(1));
    QCOMPARE(h.undone.back().number, std::int64_t(2));
    log.push_back(row(4, "redo", 2));
    h = historyOf(log, "key");
    QCOMPARE(h.done.back().number, std::int64_t(2));
    QVERIFY(h.undone.empty());
    log.push_back(row(5, "undo", 2));
    log.push_back(row(6, "exclude"));   // a new edit forgets what could be done again
    QVERIFY(historyOf(log, "key").undone.empty());
    QVERIFY(historyOf(log, "another").done.empty());
  }
};

QTEST_GUILESS_MAIN(PeopleTest)
#include "people_test.moc"
