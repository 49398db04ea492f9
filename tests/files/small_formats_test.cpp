#include <QTest>
#include <QTemporaryDir>

#include <cstring>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/npy_rows.h"

using namespace lacuna;
using namespace lacuna::files;

using Rows = std::vector<std::vector<std::string>>;
Q_DECLARE_METATYPE(Rows)

class SmallFormatsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void csvParses_data();
  void csvParses();
  void csvRowsReadBack();
  void npyRoundTrips();
  void npyMatrices();
  void npyColumnsAreWrittenAsTheyCome();
  void npyHasTheDocumentedBytes();
  void npyReadsOtherTypesAndOrders();
  void damagedNpyIsRefused_data();
  void damagedNpyIsRefused();
  void atomicWriteReplacesWholeFiles();
  void atomicWriteIntoAnAbsentFolderFails();
  void readTextRefusesWhatItCannotRead();
  void sanitiseReplacesMaximalParts_data();
  void sanitiseReplacesMaximalParts();

 private:
  std::filesystem::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }
  QTemporaryDir m_folder;
};

void SmallFormatsTest::csvParses_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QString>("separator");
  QTest::addColumn<Rows>("rows");
  QTest::newRow("plain") << QByteArray("a,b\n1,2\n") << "," << Rows{{"a", "b"}, {"1", "2"}};
  QTest::newRow("no last line end") << QByteArray("a,b\n1,") << "," << Rows{{"a", "b"}, {"1", ""}};
  QTest::newRow("CRLF and BOM") << QByteArray("\xEF\xBB\xBF" "a,b\r\n\"1\",2\r\n") << "," << Rows{{"a", "b"}, {"1", "2"}};
  QTest::newRow("quotes and line ends") << QByteArray("\"a \"\"x\"\"\",\"l1\nl2,\r\n\"\n") << "," << Rows{{"a \"x\"", "l1\nl2,\r\n"}};
  QTest::newRow("blank lines") << QByteArray("a\n\n\r\nb\n") << "," << Rows{{"a"}, {"b"}};
  QTest::newRow("empty quoted field") << QByteArray("\"\"\n") << "," << Rows{{""}};
  QTest::newRow("only separators") << QByteArray(",,\n") << "," << Rows{{"", "", ""}};
  QTest::newRow("quote inside a plain field") << QByteArray("5\" pipe,x\n") << "," << Rows{{"5\" pipe", "x"}};
  QTest::newRow("text after a quote") << QByteArray("\"a\"b,c\n") << "," << Rows{{"ab", "c"}};
  QTest::newRow("open quote") << QByteArray("\"a,b\nc") << "," << Rows{{"a,b\nc"}};
  QTest::newRow("tab found") << QByteArray("a\tb,c\td\n") << "" << Rows{{"a", "b,c", "d"}};
  QTest::newRow("semicolon found") << QByteArray("a;b;c\n1,5;2;3\n") << "" << Rows{{"a", "b", "c"}, {"1,5", "2", "3"}};
  QTest::newRow("empty") << QByteArray() << "," << Rows{};
}

void SmallFormatsTest::csvParses() {
  QFETCH(QByteArray, text);
  QFETCH(QString, separator);
  QFETCH(Rows, rows);
  QVERIFY(parseCsv(text.toStdString(), separator.isEmpty() ? '\0' : separator[0].toLatin1()) == rows);
}

void SmallFormatsTest::csvRowsReadBack() {
  QCOMPARE(csvRow({"a", "b c", "d,e", "f\"g"}), std::string("a,b c,\"d,e\",\"f\"\"g\"\n"));
  const Rows rows{{"", "x", "\r\n"}, {"a\rb", "\"", " "}, {"", "", ""}};
  std::string text;
  for (const auto& row : rows) text += csvRow(row);
  QVERIFY(parseCsv(text) == rows);
  QVERIFY(parseCsv(csvRow({""})) == Rows{{""}});
}

void SmallFormatsTest::npyRoundTrips() {
  MatrixF matrix(2, 3);
  matrix << 1, 2, 3, 4, 5, 1e-30f;
  writeNpy(path("m.npy"), matrix);
  const NpyArray read = readNpy(path("m.npy"));
  QVERIFY((read.shape == std::vector<std::int64_t>{2, 3}));
  for (std::size_t i = 0; i < 6; ++i) QCOMPARE(read.values[i], static_cast<double>(matrix.data()[i]));
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{}, {1}, {1, 1, 1}, {0, 5}}) {
    const std::vector<float> values(shape == std::vector<std::int64_t>{0, 5} ? 0 : 1, 7);
    writeNpy(path("v.npy"), values, shape);
    QVERIFY(readNpy(path("v.npy")).shape == shape);
    QCOMPARE(readNpy(path("v.npy")).values.size(), values.size());
  }
}

void SmallFormatsTest::npyMatrices() {
  MatrixF matrix(3, 2);
  matrix << 1.5F, -2, 3e-30F, 4, std::numeric_limits<float>::quiet_NaN(), 6;
  writeNpy(path("f.npy"), matrix);
  const MatrixF read = readNpyMatrix(path("f.npy"));
  QVERIFY(read.rows() == 3 && read.cols() == 2 && std::memcmp(read.data(), matrix.data(), 6 * sizeof(float)) == 0);
  writeNpy(path("i.npy"), std::vector<std::int32_t>{7, -8});
  QVERIFY((readNpy(path("i.npy")).values == std::vector<double>{7, -8}));
  QVERIFY_THROWS_EXCEPTION(Error, readNpyMatrix(path("i.npy")));
  std::filesystem::resize_file(path("f.npy"), std::filesystem::file_size(path("f.npy")) - 1);
  QVERIFY_THROWS_EXCEPTION(Error, readNpyMatrix(path("f.npy")));
}

void SmallFormatsTest::npyColumnsAreWrittenAsTheyCome() {
  {
    NpyColumn column(path("c.npy"));
    for (std::int64_t i = 0; i < 70'000; ++i) column.add(i * i - 5);
    QVERIFY(!std::filesystem::exists(path("c.npy")));
    column.commit();
  }
  const NpyArray read = readNpy(path("c.npy"));
  QCOMPARE(read.shape, std::vector<std::int64_t>{70'000});
  for (std::int64_t i = 0; i < 70'000; i += 777) QCOMPARE(read.values[static_cast<std::size_t>(i)], static_cast<double>(i * i - 5));
  NpyColumn(path("none.npy")).commit();
  QCOMPARE(readNpy(path("none.npy")).shape, std::vector<std::int64_t>{0});
}

void SmallFormatsTest::npyHasTheDocumentedBytes() {
  writeNpy(path("b.npy"), {1.f}, {1});
  const std::string bytes = readText(path("b.npy"));
  QCOMPARE(bytes.size(), std::size_t{128 + 4});
  QCOMPARE(bytes.substr(0, 10), std::string("\x93NUMPY\1\0\x76\0", 10));
  QVERIFY(bytes.substr(10).starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"));
  QCOMPARE(bytes[127], '\n');
}

namespace {

std::string npy(const std::string& dict, const std::string& data) {
  const std::string text = dict + "\n";
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(text.size()) + '\0' + text + data;
}

}  // namespace

void SmallFormatsTest::npyReadsOtherTypesAndOrders() {
  const auto read = [&](const std::string& bytes) {
    writeFileAtomically(path("o.npy"), bytes);
    return readNpy(path("o.npy")).values;
  };
  const std::int32_t ints[] = {1, -2, 3, 4, 5, 6};
  const std::string data(reinterpret_cast<const char*>(ints), sizeof ints);
  QVERIFY((read(npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", data)) == std::vector<double>{1, -2, 3, 4, 5, 6}));
  QVERIFY((read(npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }", data)) == std::vector<double>{1, 3, 5, -2, 4, 6}));
  QVERIFY((read(npy("{'shape': (2,), 'fortran_order': False, 'descr': '|b1'}", std::string("\0\1", 2))) == std::vector<double>{0, 1}));
  const double third = 1.0 / 3;
  QVERIFY((read(npy("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", std::string(reinterpret_cast<const char*>(&third), 8))) ==
           std::vector<double>{third}));
}

void SmallFormatsTest::damagedNpyIsRefused_data() {
  QTest::addColumn<QByteArray>("bytes");
  const auto row = [](const char* name, const std::string& bytes) { QTest::newRow(name) << QByteArray::fromStdString(bytes); };
  row("empty", "");
  row("other magic", "NUMPY and more text");
  row("header cut off", std::string("\x93NUMPY\1\0\xFF\0{}", 12));
  row("no shape", npy("{'descr': '<f4', 'fortran_order': False}", ""));
  row("short data", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "1234"));
  row("long data", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "12345678"));
  row("overflow", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, 999999999999999)}", "1234"));
  row("negative", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "1234"));
  row("big-endian", npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "1234"));
  row("objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "1234"));
}

void SmallFormatsTest::damagedNpyIsRefused() {
  QFETCH(QByteArray, bytes);
  writeFileAtomically(path("d.npy"), bytes.toStdString());
  try {
    readNpy(path("d.npy"));
    QFAIL("read");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-1012"));
  }
}

void SmallFormatsTest::atomicWriteReplacesWholeFiles() {
  writeFileAtomically(path("text"), std::string(100'000, 'a'));
  writeFileAtomically(path("text"), "short");
  QCOMPARE(readText(path("text")), std::string("short"));
  QCOMPARE(QDir(m_folder.path()).entryList({"text*"}, QDir::Files).size(), 1);
}

void SmallFormatsTest::atomicWriteIntoAnAbsentFolderFails() {
  try {
    writeFileAtomically(path("absent/text"), "x");
    QFAIL("written");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-3002"));
  }
}

void SmallFormatsTest::readTextRefusesWhatItCannotRead() {
  for (const char* name : {"absent-file", "."}) {
    try {
      readText(path(name));
      QFAIL("read");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1105"));
    }
  }
}

void SmallFormatsTest::sanitiseReplacesMaximalParts_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<int>("count");
  const QByteArray r = "\xEF\xBF\xBD";
  QTest::newRow("valid") << QByteArray("aü€😀") << QByteArray("aü€😀") << 0;
  QTest::newRow("lone byte") << QByteArray("a\xFF" "b") << "a" + r + "b" << 1;
  QTest::newRow("Latin-1") << QByteArray("caf\xE9 au") << "caf" + r + " au" << 1;
  // The Unicode Standard, tables 3-8 to 3-11.
  QTest::newRow("overlong") << QByteArray("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") << r + r + r + r + r + r + r + r + "A" << 8;
  QTest::newRow("surrogates") << QByteArray("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") << r + r + r + r + r + r + r + r + "A" << 8;
  QTest::newRow("beyond") << QByteArray("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") << r + r + r + r + r + "A" + r + r + "B" << 7;
  QTest::newRow("truncated") << QByteArray("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") << r + r + r + r + "A" << 4;
  QTest::newRow("cut at the end") << QByteArray("a\xF0\x9F\x98") << "a" + r << 1;
}

void SmallFormatsTest::sanitiseReplacesMaximalParts() {
  QFETCH(QByteArray, bytes);
  QFETCH(QByteArray, text);
  QFETCH(int, count);
  std::uint64_t found = 99;
  QCOMPARE(QByteArray::fromStdString(sanitiseUtf8(bytes.toStdString(), &found)), text);
  QCOMPARE(found, static_cast<std::uint64_t>(count));
}

QTEST_GUILESS_MAIN(SmallFormatsTest)
#include "small_formats_test.moc"
