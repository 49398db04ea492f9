#include <QTemporaryDir>
#include <QTest>
#include <stop_token>

#include "lacuna/base/error.h"
#include "lacuna/store/document_texts.h"
#include "lacuna/store/store.h"

using namespace lacuna;
using namespace lacuna::store;

namespace {

DocumentRow document(int id, std::string text) {
  DocumentRow row;
  row.id = DocumentId(id);
  row.cluster = id % 3;
  row.text = std::move(text);
  return row;
}

}  // namespace

/// Texts are read beside the writer, from the last commit.
class TestDocumentTexts : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir m_folder;
  std::filesystem::path m_file = m_folder.filePath("s.lacuna").toStdString();
  std::unique_ptr<Store> m_store;

 private Q_SLOTS:
  void initTestCase() {
    m_store = Store::create(m_file);
    std::vector<DocumentRow> rows{document(2, std::string("\xC3\xA4\xC3\xB6\xC3\xBC") + std::string(5000, 'x')), document(5, ""), document(9, "nine")};
    m_store->putDocuments(rows);
  }

  void oneTextAndAll() {
    const auto texts = DocumentTexts::open(m_file);
    QCOMPARE(texts->text(DocumentId(9)), std::string("nine"));
    QCOMPARE(texts->text(DocumentId(5)), std::string());
    QCOMPARE(texts->text(DocumentId(7)), std::string());   // no such document
    std::vector<std::pair<std::int32_t, std::size_t>> seen;
    texts->each([&](DocumentId id, std::string_view text) { seen.emplace_back(id.value, text.size()); }, RunContext());
    QCOMPARE(seen, (std::vector<std::pair<std::int32_t, std::size_t>>{{2, 5006}, {5, 0}, {9, 4}}));
  }

  void beginningsAreCutAtCharactersAndTheRestOfTheRowIsWhole() {
    const auto rows = m_store->documentsBegun(4);
    QCOMPARE(rows.size(), std::size_t(3));
    QCOMPARE(rows[0].text, std::string("\xC3\xA4\xC3\xB6\xC3\xBCx"));
    QCOMPARE(rows[0].cluster, 2);
    QCOMPARE(rows[2].text, std::string("nine"));
    QCOMPARE(m_store->documents()[0].text.size(), std::size_t(5006));
  }

  void aReaderSeesTheLastCommitAndHoldsUpNoWriter() {
    const auto texts = DocumentTexts::open(m_file);
    texts->each([&](DocumentId id, std::string_view) {
      if (id == DocumentId(2)) m_store->setMeta("name", "written while a scan is open");
    }, RunContext());
    QCOMPARE(m_store->meta("name"), std::string("written while a scan is open"));
    m_store->putDocuments({document(2, "two"), document(9, "new nine")});
    QCOMPARE(texts->text(DocumentId(9)), std::string("new nine"));
  }

  void aScanStops() {
    const auto texts = DocumentTexts::open(m_file);
    std::stop_source stop;
    stop.request_stop();
    int seen = 0;
    RunContext stopped;
    stopped.stop = stop.get_token();
    QVERIFY_EXCEPTION_THROWN(texts->each([&](DocumentId, std::string_view) { ++seen; }, stopped), std::exception);
    QCOMPARE(seen, 0);
  }

  void whatIsNoStudyIsRefused() {
    const auto none = std::filesystem::path(m_folder.filePath("absent.lacuna").toStdString());
    QVERIFY_EXCEPTION_THROWN(DocumentTexts::open(none), Error);
    QVERIFY(!std::filesystem::exists(none));
  }
};

QTEST_GUILESS_MAIN(TestDocumentTexts)
#include "document_texts_test.moc"
