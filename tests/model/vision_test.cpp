#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstdio>

#include "fixtures.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/model/image_processor.h"
#include "patches.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

const std::vector<std::string> names{"dinov2", "dinov2_registers", "dinov2_swiglu"};
constexpr double tolerance = 1e-4;

/// A tensor of expected.safetensors with any number of dimensions, as rows of its last one.
class Tensors {
 public:
  explicit Tensors(const std::string& name) : m_file(fixture(name) / "expected.safetensors") {}
  bool has(const std::string& name) const { return m_file.find(name) != nullptr; }
  std::vector<std::int64_t> shape(const std::string& name) const { return m_file.find(name)->shape; }
  MatrixF rows(const std::string& name) const {
    const auto* const info = m_file.find(name);
    MatrixF out(info->elements() / info->shape.back(), info->shape.back());
    m_file.readFloat(*info, {out.data(), static_cast<std::size_t>(out.size())});
    return out;
  }
  std::vector<EncoderImage> images(const std::string& name) const {
    const auto size = shape(name);
    const MatrixF all = rows(name);
    const std::int64_t each = size[1] * size[2] * size[3];
    std::vector<EncoderImage> out;
    for (std::int64_t b = 0; b < size[0]; ++b) out.push_back({size[1], size[2], size[3], {all.data() + b * each, all.data() + (b + 1) * each}});
    return out;
  }

 private:
  files::SafetensorsFile m_file;
};

double distance(const MatrixF& a, const MatrixF& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return INFINITY;
  double worst = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    const double want = static_cast<double>(b.data()[i]), apart = std::abs(static_cast<double>(a.data()[i]) - want) / std::max(1.0, std::abs(want));
    worst = apart <= worst ? worst : apart;
  }
  return worst;
}

MatrixF stacked(const std::vector<MatrixF>& parts) {
  MatrixF out(static_cast<Eigen::Index>(parts.size()) * parts.front().rows(), parts.front().cols());
  for (std::size_t i = 0; i < parts.size(); ++i) out.middleRows(static_cast<Eigen::Index>(i) * parts[i].rows(), parts[i].rows()) = parts[i];
  return out;
}

std::vector<std::filesystem::path> pictures() {
  const auto folder = std::filesystem::path(LACUNA_TEST_DATA) / "images";
  return {folder / "a_small_70x50.png", folder / "b_wide_300x200.png"};
}

nlohmann::json reference() { return nlohmann::json::parse(files::readText(std::filesystem::path(LACUNA_TEST_DATA) / "image_reference.json")); }

files::Image imageOf(const nlohmann::json& json) {
  const QByteArray bytes = QByteArray::fromBase64(QByteArray::fromStdString(json.at("rgb").get<std::string>()));
  return {json.at("width").get<std::int64_t>(), json.at("height").get<std::int64_t>(), {bytes.begin(), bytes.end()}};
}

template <class Call>
QString errorOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return QString::fromStdString(error.what());
  }
  return "no error";
}

std::string withJson(const QTemporaryDir& folder, const char* file, const std::string& json) {
  std::ofstream(folder.filePath(file).toStdString()) << json;
  return folder.path().toStdString();
}

}  // namespace

/// DINOv2 and its image processor against the reference implementation.
class VisionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void parity_data() { rows(); }
  void parity();
  void processorAndStates_data();
  void processorAndStates();
  void anImageDependsOnItselfAlone();
  void resizedAsPil();
  void cropsAndPads();
  void processorRefusals_data();
  void processorRefusals();
  void patchSizesComeFromTheWeights();
  void badImages();
  void parametersFollowFromTheConfig();

 private:
  static void rows() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
};

void VisionTest::parity() {
  QFETCH(QString, name);
  const auto encoder = Encoder::load(fixture(name.toStdString()), {});
  QVERIFY(encoder->warnings().empty());
  const Tensors expected(name.toStdString());
  double worst = 0;
  int cases = 0;
  for (; expected.has("case" + std::to_string(cases) + ".pixel_values"); ++cases) {
    const std::string at = "case" + std::to_string(cases) + ".";
    EncoderRequest request;
    request.hidden = request.lastHidden = request.pooler = true;
    const auto images = expected.images(at + "pixel_values");
    const EncoderResult result = encode(*encoder, images, request, {});
    for (std::size_t layer = 0; layer < result.hidden.size(); ++layer)
      worst = std::max(worst, distance(stacked(result.hidden[layer]), expected.rows(at + "hidden." + std::to_string(layer))));
    worst = std::max(worst, distance(stacked(result.lastHidden), expected.rows(at + "last_hidden")));
    worst = std::max(worst, distance(result.pooler, expected.rows(at + "pooler")));
  }
  std::printf("%s: largest error %.2e\n", qPrintable(name), worst);
  QVERIFY(cases >= 1);
  QVERIFY2(worst <= tolerance, qPrintable(QString::number(worst)));
}

void VisionTest::processorAndStates_data() {
  QTest::addColumn<QString>("name");
  for (const char* const name : {"dinov2", "dinov2_registers"}) QTest::newRow(name) << QString(name);
}

void VisionTest::processorAndStates() {
  QFETCH(QString, name);
  const auto encoder = Encoder::load(fixture(name.toStdString()), {});
  const ImageProcessor processor = ImageProcessor::read(fixture(name.toStdString()));
  const Tensors expected(name.toStdString());
  const auto pixels = expected.images("images.pixel_values");
  std::vector<EncoderImage> images;
  for (std::size_t i = 0; i < pictures().size(); ++i) {
    images.push_back(processor(files::readImage(pictures()[i])));
    QCOMPARE(images[i].height, pixels[i].height);
    QCOMPARE(images[i].width, pixels[i].width);
    for (std::size_t p = 0; p < images[i].pixels.size(); ++p) QVERIFY(std::abs(images[i].pixels[p] - pixels[i].pixels[p]) < 1e-6F);
  }
  EncoderRequest request;
  request.lastHidden = request.pooler = true;
  const EncoderResult result = encode(*encoder, images, request, {});
  const double worst = std::max(distance(stacked(result.lastHidden), expected.rows("images.last_hidden")), distance(result.pooler, expected.rows("images.pooler")));
  std::printf("%s, pictures: largest error %.2e\n", qPrintable(name), worst);
  QVERIFY2(worst <= tolerance, qPrintable(QString::number(worst)));
}

void VisionTest::anImageDependsOnItselfAlone() {
  const auto encoder = Encoder::load(fixture("dinov2_registers"), {});
  std::vector<EncoderImage> images;
  for (int i = 0; i < 40; ++i) {
    images.push_back({3, 8 * (1 + i % 5), 8 * (1 + i % 3), {}});
    for (std::int64_t p = 0; p < 3 * images.back().height * images.back().width; ++p) images.back().pixels.push_back(std::sin(static_cast<float>(p * (i + 1))));
  }
  RunContext three;
  three.threads = 3;
  EncoderRequest request;
  request.lastHidden = true;
  const EncoderResult together = encode(*encoder, images, request, three);
  for (std::size_t i = 0; i < images.size(); ++i)
    QVERIFY(sameBits(encode(*encoder, std::span(images).subspan(i, 1), request, {}).lastHidden[0], together.lastHidden[i]));
}

void VisionTest::resizedAsPil() {
  const auto json = reference();
  const files::Image source = imageOf(json.at("source"));
  for (const auto& row : json.at("resized")) {
    const files::Image expected = imageOf(row);
    const files::Image made = resizeAsPil(source, expected.width, expected.height, static_cast<Resample>(row.at("filter").get<int>()));
    QVERIFY2(made.rgb == expected.rgb, qPrintable(QString("filter %1, %2 x %3").arg(row.at("filter").get<int>()).arg(expected.width).arg(expected.height)));
  }
}

void VisionTest::cropsAndPads() {
  const QTemporaryDir folder;
  const auto processor = ImageProcessor::read(withJson(folder, "preprocessor_config.json",
      R"({"do_resize":false,"do_rescale":false,"do_normalize":false,"crop_size":{"height":2,"width":5}})"));
  files::Image image{2, 5, {}};
  for (std::uint8_t i = 0; i < 30; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i + 1));
  const EncoderImage out = processor(image);
  // Rows 1 and 2 of 5; columns: two before of the three that are missing.
  const std::vector<float> red{0, 0, 7, 10, 0, 0, 0, 13, 16, 0};
  QCOMPARE(std::vector<float>(out.pixels.begin(), out.pixels.begin() + 10), red);
}

void VisionTest::processorRefusals_data() {
  QTest::addColumn<QString>("json");
  QTest::addColumn<QString>("message");
  const auto row = [](const char* title, const char* json, const char* message) { QTest::newRow(title) << QString(json) << QString(message); };
  row("kind", R"({"image_processor_type":"CLIPImageProcessor"})", "CLIPImageProcessor");
  row("size", R"({"size":{"longest_edge":3}})", "\"size\"");
  row("zero", R"({"size":0})", "\"size\" is 0");
  row("filter", R"({"resample":9})", "resample 9");
  row("mean", R"({"image_mean":[1,2]})", "image_mean");
  row("deviation", R"({"image_std":[1,0,1]})", "image_std");
}

void VisionTest::processorRefusals() {
  QFETCH(QString, json);
  QFETCH(QString, message);
  const QTemporaryDir folder;
  const QString error = errorOf([&] { ImageProcessor::read(withJson(folder, "preprocessor_config.json", json.toStdString())); });
  QVERIFY2(error.startsWith("LAC-1002") && error.contains(message), qPrintable(error));
  const QTemporaryDir empty;
  QVERIFY(errorOf([&] { ImageProcessor::read(empty.path().toStdString()); }).startsWith("LAC-1001"));
}

void VisionTest::patchSizesComeFromTheWeights() {
  const QTemporaryDir folder;
  const std::filesystem::path copy = folder.path().toStdString();
  std::filesystem::copy(fixture("dinov2") / "model.safetensors", copy / "model.safetensors");
  auto json = nlohmann::json::parse(files::readText(fixture("dinov2") / "config.json"));
  json.erase("patch_size");
  json.erase("image_size");
  std::ofstream(copy / "config.json") << json;
  QCOMPARE(Encoder::load(copy, {})->info().patch, 7);
  json["patch_size"] = 14;
  std::ofstream(copy / "config.json") << json;
  QVERIFY(errorOf([&] { Encoder::load(copy, {}); }).contains("projection.weight: expected [32, 3, 14, 14], found [32, 3, 7, 7]"));
}

void VisionTest::badImages() {
  const auto encoder = Encoder::load(fixture("dinov2"), {});
  const auto error = [&](const EncoderImage& image) { return errorOf([&] { encode(*encoder, std::span(&image, 1), {}, {}); }); };
  QVERIFY(error({1, 7, 7, std::vector<float>(49)}).contains("1 channels"));
  QVERIFY(error({3, 6, 7, std::vector<float>(126)}).contains("holds no patch"));
  QVERIFY(error({3, 7, 7, std::vector<float>(146)}).contains("number of pixels"));
  const EncoderText text{{1}, {}};
  QVERIFY(errorOf([&] { encode(*encoder, std::span(&text, 1), {}, {}); }).contains("vision encoder"));
}

void VisionTest::parametersFollowFromTheConfig() {
  const auto parameters = [](const char* json) {
    const QTemporaryDir folder;
    return inspectEncoder(withJson(folder, "config.json", json)).parameters;
  };
  // The published counts and the mask token, which is never read: S, B, L, g.
  QCOMPARE(parameters(R"({"model_type":"dinov2","image_size":518,"patch_size":14,"hidden_size":384,"num_attention_heads":6})"), std::int64_t{22'056'576 - 384});
  QCOMPARE(parameters(R"({"model_type":"dinov2","image_size":518,"patch_size":14})"), std::int64_t{86'580'480 - 768});
  QCOMPARE(parameters(R"({"model_type":"dinov2","image_size":518,"patch_size":14,"hidden_size":1024,"num_hidden_layers":24,"num_attention_heads":16})"),
           std::int64_t{304'368'640 - 1024});
  QCOMPARE(parameters(R"({"model_type":"dinov2","image_size":518,"patch_size":14,"hidden_size":1536,"num_hidden_layers":40,"num_attention_heads":24,"use_swiglu_ffn":true})"),
           std::int64_t{1'136'480'768 - 1536});
}

QTEST_GUILESS_MAIN(VisionTest)
#include "vision_test.moc"
