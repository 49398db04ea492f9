#include <QTest>
#include <QTemporaryDir>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"

using namespace lacuna;
using namespace lacuna::files;

class WeightFilesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init();
  void shardsReadAsOne();
  void singleFileComesFirst();
  void missingShardsAreAllListed();
  void missingTensorsAreAllListed();
  void unexpectedTensorsAndSizesWarn();
  void shardNamesMayNotLeaveTheFolder_data();
  void shardNamesMayNotLeaveTheFolder();
  void malformedIndexIsAnError_data();
  void malformedIndexIsAnError();
  void otherWeightFilesAreNamed();

 private:
  std::filesystem::path path(const char* name) const { return m_folder->filePath(name).toStdString(); }
  void shard(const char* file, const std::vector<std::string>& names) const;
  void index(const std::string& map, const std::string& metadata = R"({"total_size":24})") const {
    writeFileAtomically(path("model.safetensors.index.json"), R"({"metadata":)" + metadata + R"(,"weight_map":)" + map + "}");
  }
  Error failure() const {
    try {
      const WeightFiles files(m_folder->path().toStdString());
    } catch (const Error& error) {
      return error;
    }
    return Error("none", "nothing was thrown");
  }
  std::unique_ptr<QTemporaryDir> m_folder;
};

// Every tensor holds two floats: the length of its name, and 7.
void WeightFilesTest::shard(const char* file, const std::vector<std::string>& names) const {
  std::vector<std::vector<float>> values;
  std::vector<TensorToWrite> tensors;
  for (const auto& name : names) values.push_back({static_cast<float>(name.size()), 7});
  for (std::size_t i = 0; i < names.size(); ++i) tensors.push_back({names[i], "F32", {2}, values[i], {}});
  writeSafetensors(path(file), tensors);
}

void WeightFilesTest::init() {
  m_folder = std::make_unique<QTemporaryDir>();
  shard("model-00001-of-00002.safetensors", {"a", "bb"});
  shard("model-00002-of-00002.safetensors", {"ccc"});
  shard("consolidated.safetensors", {"other"});
  index(R"({"a":"model-00001-of-00002.safetensors","bb":"model-00001-of-00002.safetensors","ccc":"model-00002-of-00002.safetensors"})");
}

void WeightFilesTest::shardsReadAsOne() {
  const WeightFiles files(m_folder->path().toStdString());
  QCOMPARE(files.tensors().size(), std::size_t{3});
  QCOMPARE(files.totalBytes(), std::uint64_t{24});
  QVERIFY(files.warnings().empty());
  for (const std::string name : {"a", "bb", "ccc"}) {
    std::vector<float> values(2);
    files.readFloat(name, values);
    QVERIFY((values == std::vector<float>{static_cast<float>(name.size()), 7}));
  }
  QVERIFY(files.find("other") == nullptr);
  std::vector<float> values(2);
  QVERIFY_EXCEPTION_THROWN(files.readFloat("other", values), Error);
}

void WeightFilesTest::singleFileComesFirst() {
  shard("model.safetensors", {"single"});
  const WeightFiles files(m_folder->path().toStdString());
  QCOMPARE(files.tensors().size(), std::size_t{1});
  QVERIFY(files.find("single") != nullptr);
}

void WeightFilesTest::missingShardsAreAllListed() {
  std::filesystem::remove(path("model-00001-of-00002.safetensors"));
  std::filesystem::remove(path("model-00002-of-00002.safetensors"));
  const Error error = failure();
  QCOMPARE(error.code(), std::string("LAC-1001"));
  QVERIFY(error.message().find("model-00001-of-00002.safetensors, model-00002-of-00002.safetensors") != std::string::npos);
}

void WeightFilesTest::missingTensorsAreAllListed() {
  index(R"({"a":"model-00001-of-00002.safetensors","x":"model-00001-of-00002.safetensors","y":"model-00002-of-00002.safetensors"})");
  const Error error = failure();
  QCOMPARE(error.code(), std::string("LAC-1001"));
  QVERIFY(error.message().find("x (in model-00001-of-00002.safetensors), y (in model-00002-of-00002.safetensors)") != std::string::npos);
}

void WeightFilesTest::unexpectedTensorsAndSizesWarn() {
  shard("model-00002-of-00002.safetensors", {"a", "ccc", "extra"});
  index(R"({"a":"model-00001-of-00002.safetensors","bb":"model-00001-of-00002.safetensors","ccc":"model-00002-of-00002.safetensors"})",
        R"({"total_size":23.0})");
  const WeightFiles files(m_folder->path().toStdString());
  QCOMPARE(files.warnings().size(), std::size_t{3});
  QVERIFY(files.find("extra") == nullptr);
}

void WeightFilesTest::shardNamesMayNotLeaveTheFolder_data() {
  QTest::addColumn<QString>("name");
  for (const char* name : {"../x.safetensors", "/etc/passwd", "sub/x.safetensors", "sub\\\\x.safetensors", "..", ".", "", "a\\u0000b", "mod\\u0435l.safetensors", "a b"})
    QTest::newRow(name) << name;
}

void WeightFilesTest::shardNamesMayNotLeaveTheFolder() {
  QFETCH(QString, name);
  index(R"({"a":")" + name.toStdString() + "\"}");
  const Error error = failure();
  QCOMPARE(error.code(), std::string("LAC-1010"));
  QVERIFY(error.message().find("/weight_map/a") != std::string::npos);
}

void WeightFilesTest::malformedIndexIsAnError_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::newRow("cut") << QByteArray(R"({"weight_map":)");
  QTest::newRow("no map") << QByteArray("{}");
  QTest::newRow("map is a list") << QByteArray(R"({"weight_map":[]})");
  QTest::newRow("value is a number") << QByteArray(R"({"weight_map":{"a":1}})");
  QTest::newRow("not an object") << QByteArray("[]");
}

void WeightFilesTest::malformedIndexIsAnError() {
  QFETCH(QByteArray, json);
  writeFileAtomically(path("model.safetensors.index.json"), json.toStdString());
  const Error error = failure();
  QCOMPARE(error.code(), std::string("LAC-1010"));
  QVERIFY(error.message().find("model.safetensors.index.json") != std::string::npos);
}

void WeightFilesTest::otherWeightFilesAreNamed() {
  m_folder = std::make_unique<QTemporaryDir>();
  QCOMPARE(failure().code(), std::string("LAC-1001"));
  for (const char* name : {"pytorch_model.bin", "tf_model.h5", "model.gguf", "config.json"}) writeFileAtomically(path(name), "x");
  const Error error = failure();
  QVERIFY(error.message().find("model.gguf, pytorch_model.bin, tf_model.h5") != std::string::npos);
  QVERIFY(error.hint().find("convert to safetensors first") != std::string::npos);
  QVERIFY_EXCEPTION_THROWN(WeightFiles("/nonexistent"), Error);
}

QTEST_GUILESS_MAIN(WeightFilesTest)
#include "weight_files_test.moc"
