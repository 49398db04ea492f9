#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/image.h"

using namespace lacuna;
using namespace lacuna::files;

namespace {

namespace fs = std::filesystem;

fs::path modes() { return fs::path(LACUNA_TEST_DATA) / "images" / "modes"; }

nlohmann::json reference() { return nlohmann::json::parse(readText(fs::path(LACUNA_TEST_DATA) / "image_reference.json")).at("decoded"); }

QString errorOf(std::string_view bytes) {
  try {
    decodeImage(bytes, "bytes");
  } catch (const Error& error) {
    return QString::fromStdString(error.what());
  }
  return "no error";
}

}  // namespace

/// Pictures in every mode against PIL's convert("RGB").
class ImageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void decodesAsPilDoes_data() {
    QTest::addColumn<QString>("name");
    const auto json = reference();
    for (const auto& [name, picture] : json.items()) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
  void decodesAsPilDoes() {
    QFETCH(QString, name);
    const auto expected = reference().at(name.toStdString());
    const Image image = readImage(modes() / name.toStdString());
    QCOMPARE(image.width, expected.at("width").get<std::int64_t>());
    QCOMPARE(image.height, expected.at("height").get<std::int64_t>());
    const QByteArray pixels(reinterpret_cast<const char*>(image.rgb.data()), static_cast<qsizetype>(image.rgb.size()));
    QCOMPARE(pixels.toBase64(), QByteArray::fromStdString(expected.at("rgb").get<std::string>()));
  }

  void listsPicturesInNaturalOrder() {
    const QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    fs::create_directories(root / "sub");
    for (const char* const name : {"p10.png", "p2.PNG", ".hidden.png", "notes.txt", "sub/q.jpeg"}) std::ofstream(root / name) << "x";
    std::vector<std::string> names;
    for (const auto& path : listImages(root)) names.push_back(fs::relative(path, root).string());
    QCOMPARE(names, (std::vector<std::string>{"p2.PNG", "p10.png", "sub/q.jpeg"}));
    QVERIFY_EXCEPTION_THROWN(listImages(root / "nothing"), Error);
  }

  void damagedPicturesAreSaid() {
    QVERIFY(errorOf("GIF89a").contains("LAC-1013"));
    QVERIFY(errorOf("").contains("neither PNG nor JPEG"));
    const std::string png = readText(modes() / "rgb.png"), jpeg = readText(modes() / "rgb.jpg");
    for (std::size_t size = 8; size + 12 < png.size(); size += 7) QVERIFY(errorOf(png.substr(0, size)).startsWith("LAC-1013"));
    for (std::size_t size = 3; size + 2 < jpeg.size(); size += 11) QVERIFY(errorOf(jpeg.substr(0, size)).startsWith("LAC-1013"));
    std::string flipped = png;
    flipped[60] = static_cast<char>(flipped[60] ^ 0x55);
    QVERIFY(errorOf(flipped).startsWith("LAC-1013"));
    std::string huge = png;
    huge[16] = huge[20] = 0x7F;   // two thousand million pixels a side: a wrong sum, or too large
    QVERIFY(errorOf(huge).startsWith("LAC-1013"));
    QVERIFY(errorOf(readText(modes() / "refused" / "grey16.png")).contains("grey of 16 bits"));
  }
};

QTEST_GUILESS_MAIN(ImageTest)
#include "image_test.moc"
