#include <QTest>
#include <QTemporaryDir>

#include <cmath>
#include <fstream>
#include <limits>

#include "half.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"

using namespace lacuna;
using namespace lacuna::files;

namespace {

std::string fileBytes(std::uint64_t headerLength, const QByteArray& header, const QByteArray& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(headerLength >> (8 * i));
  return bytes + header.toStdString() + data.toStdString();
}

const QByteArray oneTensor = R"({"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}})";

QByteArray floats(int count) {
  QByteArray bytes;
  for (int i = 0; i < count; ++i) {
    const float value = static_cast<float>(i);
    bytes.append(reinterpret_cast<const char*>(&value), 4);
  }
  return bytes;
}

}  // namespace

class SafetensorsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }
  void validFilesOpen_data();
  void validFilesOpen();
  void invalidFilesNameTheBrokenRule_data();
  void invalidFilesNameTheBrokenRule();
  void manyTensorsOnOneRangeFailFast();
  void errorsSayWhatTheFileReallyIs();
  void absentFilesAreUnreadable();
  void everyFloatDtypeConverts();
  void halvesRoundToNearestEvenBothWays();
  void otherDtypesAreRefused();
  void sharedTensorsAreFoundByTheirDroppedName();
  void writtenFilesReadBack();
  void writerSortsAndPadsAsTheReference();
  void failedWriteLeavesTheOldFile();
  void fileCutWhileOpenIsAnError();

 private:
  std::filesystem::path path(const char* name = "x.safetensors") const { return m_folder->filePath(name).toStdString(); }
  std::filesystem::path put(const std::string& bytes, const char* name = "x.safetensors") const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  std::unique_ptr<QTemporaryDir> m_folder;
};

// formats.md 1.4: the reference's own vectors.
void SafetensorsTest::validFilesOpen_data() {
  QTest::addColumn<int>("length");
  QTest::addColumn<QByteArray>("header");
  QTest::addColumn<QByteArray>("data");
  QTest::addColumn<QByteArray>("name");
  QTest::addColumn<QList<qint64>>("shape");
  using Shape = QList<qint64>;
  QTest::newRow("matrix") << 60 << oneTensor << QByteArray(16, 0) << QByteArray("test") << Shape{2, 2};
  QTest::newRow("scalar") << 56 << QByteArray(R"({"test":{"dtype":"I32","shape":[],"data_offsets":[0,4]}})") << QByteArray(4, 0)
                          << QByteArray("test") << Shape{};
  QTest::newRow("zero dimension") << 60 << QByteArray(R"({"test":{"dtype":"I32","shape":[2,0],"data_offsets":[0, 0]}})") << QByteArray()
                                  << QByteArray("test") << Shape{2, 0};
  QTest::newRow("trailing whitespace") << 6 << QByteArray("{}\r \t\n") << QByteArray() << QByteArray() << Shape{};
  QTest::newRow("leading whitespace") << 6 << QByteArray("\t\n{}\r ") << QByteArray() << QByteArray() << Shape{};
  QTest::newRow("empty, padded") << 8 << QByteArray("{}      ") << QByteArray() << QByteArray() << Shape{};
  QTest::newRow("metadata alone") << 40 << QByteArray(R"({"__metadata__":{"framework":"pt"}})") + QByteArray(5, ' ') << QByteArray()
                                  << QByteArray() << Shape{};
  QTest::newRow("unaligned by name") << 64 << QByteArray(R"({"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}})") << floats(6)
                                     << QByteArray("attn.0") << Shape{1, 2, 3};
  QTest::newRow("padded") << 72 << QByteArray(R"({"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}})") + QByteArray(7, ' ')
                          << floats(6) << QByteArray("attn0") << Shape{1, 1, 2, 3};
  QTest::newRow("sub-byte") << 64 << QByteArray(R"({"attn.0":{"dtype":"F4","shape":[1,2],"data_offsets":[0,1]}})") + QByteArray(4, ' ')
                            << QByteArray(1, 0) << QByteArray("attn.0") << Shape{1, 2};
  const QByteArray extra = R"({"a":{"more":{"x":[1,{"y":-2.5}]},"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  QTest::newRow("extra keys are ignored") << int(extra.size()) << extra << QByteArray(1, 0) << QByteArray("a") << Shape{1};
  const QByteArray null = R"({"__metadata__":null})";
  QTest::newRow("no metadata") << int(null.size()) << null << QByteArray() << QByteArray() << Shape{};
}

void SafetensorsTest::validFilesOpen() {
  QFETCH(int, length);
  QFETCH(QByteArray, header);
  QFETCH(QByteArray, data);
  QFETCH(QByteArray, name);
  QFETCH(QList<qint64>, shape);
  QCOMPARE(header.size(), length);
  const SafetensorsFile file(put(fileBytes(static_cast<std::uint64_t>(length), header, data)));
  if (name.isEmpty()) {
    QVERIFY(file.tensors().empty());
    return;
  }
  QCOMPARE(file.tensors().size(), std::size_t{1});
  const TensorInfo* tensor = file.find(name.toStdString());
  QVERIFY(tensor != nullptr);
  QVERIFY(tensor->shape == std::vector<std::int64_t>(shape.begin(), shape.end()));
  const auto bytes = file.readBytes(*tensor);
  QCOMPARE(QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())), data);
}

void SafetensorsTest::invalidFilesNameTheBrokenRule_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("rule");
  const auto row = [](const char* name, std::uint64_t length, const QByteArray& header, const QByteArray& data, const char* rule) {
    QTest::newRow(name) << QByteArray::fromStdString(fileBytes(length, header, data)) << rule;
  };
  const auto json = [&](const char* name, const QByteArray& header, int dataBytes, const char* rule) {
    row(name, static_cast<std::uint64_t>(header.size()), header, QByteArray(dataBytes, 0), rule);
  };
  QTest::newRow("empty file") << QByteArray() << "HeaderTooSmall";
  QTest::newRow("seven bytes") << QByteArray(7, 0) << "HeaderTooSmall";
  row("length without header", 0x3C, "", "", "InvalidHeaderLength");
  QTest::newRow("huge length") << QByteArray("\x3C\0\0\0\0\xFF\xFF\xFF", 8) << "HeaderTooLarge";
  row("one above the limit", 100'000'001, oneTensor, QByteArray(16, 0), "HeaderTooLarge");
  row("at the limit", 100'000'000, oneTensor, QByteArray(16, 0), "InvalidHeaderLength");
  row("attack 1: length 1000", 1000, oneTensor, QByteArray(16, 0), "InvalidHeaderLength");
  row("not UTF-8", 1, "\xFF", "", "InvalidHeader");
  row("cut JSON", 1, "{", "", "InvalidHeaderDeserialization");
  row("two bytes short", 60, oneTensor, QByteArray(14, 0), "MetadataIncompleteBuffer");
  row("polyglot tail", 60, oneTensor, QByteArray(16, 0) + "extra_bogus_data_for_polyglot_file", "MetadataIncompleteBuffer");
  row("span shorter than shape", 60, R"({"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0, 4]}})", QByteArray(16, 0), "TensorInvalidInfo");
  row("overflow 2 x (2^64-2)", 79, R"({"test":{"dtype":"I32","shape":[2,18446744073709551614],"data_offsets":[0,16]}})", QByteArray(16, 0),
      "ValidationOverflow");
  row("overflow 2 x (2^63-1)", 78, R"({"test":{"dtype":"I32","shape":[2,9223372036854775807],"data_offsets":[0,16]}})", QByteArray(16, 0),
      "ValidationOverflow");
  json("product wraps to 4", R"({"t":{"dtype":"U8","shape":[4194305,4194305,211106198978564],"data_offsets":[0,4]}})", 4, "ValidationOverflow");
  json("dimension beyond int64", R"({"t":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]}})", 0, "ValidationOverflow");
  QByteArray attack = "{";
  for (int i = 0; i < 10; ++i)
    attack += (i == 0 ? "" : ",") + QByteArray("\"weight_") + QByteArray::number(i) + R"(":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]})";
  json("ten tensors on one range", attack + "}", 16, "InvalidOffset");
  json("half a byte", R"({"attn.0":{"dtype":"F4","shape":[1,3],"data_offsets":[0,2]}})", 2, "MisalignedSlice");
  json("hole", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", 3, "InvalidOffset");
  json("first offset not 0", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "InvalidOffset");
  json("end before begin", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1,
       "InvalidOffset");
  json("negative offset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}})", 1, "InvalidHeaderDeserialization");
  json("fractional dimension", R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("offset beyond 64 bits", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]}})", 1, "InvalidHeaderDeserialization");
  json("dimension as text", R"({"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("three offsets", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}})", 1, "InvalidHeaderDeserialization");
  json("one offset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "InvalidHeaderDeserialization");
  json("no dtype", R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("no shape", R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("no offsets", R"({"a":{"dtype":"U8","shape":[1]}})", 1, "InvalidHeaderDeserialization");
  json("unknown dtype", R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("dtype not a text", R"({"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("dtype twice", R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("entry is a number", R"({"a":5})", 0, "InvalidHeaderDeserialization");
  json("header is an array", "[]", 0, "InvalidHeaderDeserialization");
  json("header is null", "null", 0, "InvalidHeaderDeserialization");
  json("metadata is not text", R"({"__metadata__":{"a":1}})", 0, "InvalidHeaderDeserialization");
  json("metadata nested", R"({"__metadata__":{"a":{"b":"c"}}})", 0, "InvalidHeaderDeserialization");
  json("metadata twice", R"({"__metadata__":{},"__metadata__":{}})", 0, "InvalidHeaderDeserialization");
  json("trailing garbage", "{}x", 0, "InvalidHeaderDeserialization");
  json("NUL padding", QByteArray("{}\0\0", 4), 0, "InvalidHeaderDeserialization");
  json("byte order mark", "\xEF\xBB\xBF{}", 0, "InvalidHeaderDeserialization");
  json("lone surrogate", R"({"\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("nested 100000 deep", "{\"a\":{\"x\":" + QByteArray(100'000, '[') + "}}", 0, "InvalidHeaderDeserialization");
  QByteArray rank = R"({"a":{"dtype":"U8","shape":[1)";
  for (int i = 0; i < 64; ++i) rank += ",1";
  json("rank 65", rank + R"(],"data_offsets":[0,1]}})", 1, "InvalidHeaderDeserialization");
  json("same name twice", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2,
       "DuplicateTensor");
  json("same name by escape", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
       2, "DuplicateTensor");
}

void SafetensorsTest::invalidFilesNameTheBrokenRule() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, rule);
  const auto file = put(bytes.toStdString());
  try {
    const SafetensorsFile opened(file);
    QFAIL("the file was accepted");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-1010"));
    QCOMPARE(QString::fromStdString(error.message()).section(u':', 0, 0), rule);
    QVERIFY(error.message().find(file.string()) != std::string::npos);
    QVERIFY(!error.hint().empty());
  }
}

void SafetensorsTest::manyTensorsOnOneRangeFailFast() {
  std::string header = "{";
  for (int i = 0; i < 200'000; ++i)
    header += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + R"(":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]})";
  header += "}";
  const auto file = put(fileBytes(header.size(), QByteArray::fromStdString(header), QByteArray(16, 0)));
  QElapsedTimer timer;
  timer.start();
  QVERIFY_EXCEPTION_THROWN(SafetensorsFile{file}, Error);
  QVERIFY2(timer.elapsed() < 5000, "two hundred thousand entries took more than five seconds");
}

void SafetensorsTest::errorsSayWhatTheFileReallyIs() {
  const auto hint = [&](const std::string& bytes) {
    try {
      const SafetensorsFile file(put(bytes));
      return std::string("accepted");
    } catch (const Error& error) {
      return error.hint();
    }
  };
  QVERIFY(hint("version https://git-lfs.github.com/spec/v1\noid sha256:0\n").find("Git LFS") != std::string::npos);
  QVERIFY(hint("<!DOCTYPE html><html></html>").find("web page") != std::string::npos);
  QVERIFY(hint("PK\3\4 and so on, a zip").find("pickled") != std::string::npos);
  QVERIFY(hint("GGUF and so on").find("GGUF") != std::string::npos);
  QVERIFY(hint(fileBytes(60, oneTensor, QByteArray(3, 0))).find("incomplete") != std::string::npos);
}

void SafetensorsTest::absentFilesAreUnreadable() {
  for (const auto& absent : {path("absent"), path("")}) {
    try {
      const SafetensorsFile file(absent);
      QFAIL("opened");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1105"));
    }
  }
}

void SafetensorsTest::everyFloatDtypeConverts() {
  const QByteArray header =
      R"({"f16":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"bf16":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},)"
      R"("f64":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},"i8":{"dtype":"I8","shape":[2],"data_offsets":[16,18]},)"
      R"("b":{"dtype":"BOOL","shape":[2],"data_offsets":[18,20]},"u16":{"dtype":"U16","shape":[1],"data_offsets":[20,22]},)"
      R"("i32":{"dtype":"I32","shape":[1],"data_offsets":[22,26]}})";
  QByteArray data;
  data += QByteArray("\x00\x3C\x01\x80", 4);  // 1, −2⁻²⁴
  data += QByteArray("\xC0\x3F\x80\xFF", 4);  // 1.5, −∞
  const double third = 1.0 / 3;
  data += QByteArray(reinterpret_cast<const char*>(&third), 8);
  data += QByteArray("\xFF\x7F\x00\x01\xFF\xFF\xFE\xFF\xFF\xFF", 10);
  const SafetensorsFile file(put(fileBytes(static_cast<std::uint64_t>(header.size()), header, data)));
  const auto read = [&](const char* name) {
    const TensorInfo& tensor = *file.find(name);
    std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
    file.readFloat(tensor, values);
    return values;
  };
  QVERIFY((read("f16") == std::vector<float>{1.f, -0x1p-24f}));
  QVERIFY((read("bf16") == std::vector<float>{1.5f, -INFINITY}));
  QVERIFY((read("f64") == std::vector<float>{1.f / 3}));
  QVERIFY((read("i8") == std::vector<float>{-1, 127}));
  QVERIFY((read("b") == std::vector<float>{0, 1}));
  QVERIFY((read("u16") == std::vector<float>{65535}));
  QVERIFY((read("i32") == std::vector<float>{-2}));
  QVERIFY((file.readInt64(*file.find("i32")) == std::vector<std::int64_t>{-2}));
  QVERIFY((file.readInt64(*file.find("i8")) == std::vector<std::int64_t>{-1, 127}));
  QVERIFY((file.readInt64(*file.find("b")) == std::vector<std::int64_t>{0, 1}));
}

void SafetensorsTest::halvesRoundToNearestEvenBothWays() {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const float value = fromFloat16(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) {
      QVERIFY(std::isnan(fromFloat16(toFloat16(value))));
      continue;
    }
    QCOMPARE(unsigned{toFloat16(value)}, bits);
    if (std::isinf(value) || (bits & 0x7FFF) == 0x7BFF) continue;
    // Half way to the next larger magnitude goes to the even neighbour, a little past it to the next.
    const float next = fromFloat16(static_cast<std::uint16_t>(bits + 1)), middle = (value + next) / 2;
    QCOMPARE(unsigned{toFloat16(middle)}, bits % 2 == 0 ? bits : bits + 1);
    QCOMPARE(unsigned{toFloat16(std::nextafter(middle, next))}, bits + 1);
  }
  QCOMPARE(unsigned{toFloat16(65519.f)}, 0x7BFFu);
  QCOMPARE(unsigned{toFloat16(65520.f)}, 0x7C00u);
  QCOMPARE(unsigned{toFloat16(-1e30f)}, 0xFC00u);
  QCOMPARE(unsigned{toFloat16(1e-30f)}, 0u);
}

void SafetensorsTest::otherDtypesAreRefused() {
  const QByteArray header = R"({"x":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})";
  const SafetensorsFile file(put(fileBytes(static_cast<std::uint64_t>(header.size()), header, QByteArray(1, 0))));
  std::vector<float> value(1);
  try {
    file.readFloat(*file.find("x"), value);
    QFAIL("converted");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-1011"));
    QVERIFY(error.message().find("F8_E4M3") != std::string::npos);
  }
}

void SafetensorsTest::sharedTensorsAreFoundByTheirDroppedName() {
  const std::vector<float> values{1, 2};
  const std::vector<TensorToWrite> tensors{{"wte", "F32", {2}, values, {}}};
  writeSafetensors(path(), tensors, {{"format", "pt"}, {"lm_head", "wte"}, {"other", "absent"}});
  const SafetensorsFile file(path());
  QCOMPARE(file.find("lm_head"), file.find("wte"));
  QVERIFY(file.find("other") == nullptr);
  QVERIFY(file.find("format") == nullptr);
}

void SafetensorsTest::writtenFilesReadBack() {
  const std::vector<float> values{0.1f, -2, 65504, 1e-8f, 0, 3};
  const std::vector<std::int64_t> integers{-1, std::numeric_limits<std::int64_t>::max()};
  const std::vector<TensorToWrite> tensors{
      {"b", "F32", {2, 3}, values, {}}, {"a", "F16", {6}, values, {}}, {"ids", "I64", {2}, {}, integers}, {"none", "F32", {0, 4}, {}, {}}};
  writeSafetensors(path(), tensors, {{"format", "pt"}, {"quote", "\"ü\n"}});
  const SafetensorsFile file(path());
  QCOMPARE(file.metadata().at("quote"), std::string("\"ü\n"));
  std::vector<float> read(6);
  file.readFloat(*file.find("b"), read);
  QVERIFY(read == values);
  file.readFloat(*file.find("a"), read);
  for (std::size_t i = 0; i < 6; ++i) QCOMPARE(read[i], fromFloat16(toFloat16(values[i])));
  QVERIFY(file.readInt64(*file.find("ids")) == integers);
  QVERIFY(file.find("none")->shape == (std::vector<std::int64_t>{0, 4}));
}

void SafetensorsTest::writerSortsAndPadsAsTheReference() {
  const std::vector<float> value{1};
  const std::vector<std::int64_t> integer{1};
  const std::vector<TensorToWrite> tensors{
      {"h", "F16", {1}, value, {}}, {"z", "F32", {1}, value, {}}, {"a", "F32", {1}, value, {}}, {"n", "I64", {1}, {}, integer}};
  writeSafetensors(path(), tensors);
  const std::string bytes = readText(path());
  QCOMPARE(static_cast<unsigned char>(bytes[0]) % 8, 0);
  const SafetensorsFile file(path());
  QStringList names;
  for (const TensorInfo& tensor : file.tensors()) names += QString::fromStdString(tensor.name);
  QCOMPARE(names, (QStringList{"n", "a", "z", "h"}));
  const std::vector<TensorToWrite> twice{{"a", "F32", {1}, value, {}}, {"a", "F32", {1}, value, {}}};
  QVERIFY_EXCEPTION_THROWN(writeSafetensors(path("twice"), twice), Error);
  QVERIFY(!std::filesystem::exists(path("twice")));
}

void SafetensorsTest::failedWriteLeavesTheOldFile() {
  put("old");
  const std::vector<float> value{1};
  const std::vector<TensorToWrite> tensors{{"a\xFF", "F32", {1}, value, {}}};
  QVERIFY_EXCEPTION_THROWN(writeSafetensors(path(), tensors), Error);
  QCOMPARE(readText(path()), std::string("old"));
  QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files).size(), 1);
}

void SafetensorsTest::fileCutWhileOpenIsAnError() {
  const auto whole = put(fileBytes(60, oneTensor, QByteArray(16, 0)));
  const SafetensorsFile file(whole);
  std::filesystem::resize_file(whole, 70);
  try {
    file.readBytes(*file.find("test"));
    QFAIL("read");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-1010"));
  }
}

QTEST_GUILESS_MAIN(SafetensorsTest)
#include "safetensors_test.moc"
