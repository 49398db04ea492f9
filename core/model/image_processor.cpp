#include "lacuna/model/image_processor.h"

#include <algorithm>

#include "config.h"
#include "lacuna/base/error.h"
#include "lacuna/files/json.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t mostPixels = 16384;   // of a side

std::int64_t sideOf(const Config& config, const char* key) {
  const std::int64_t side = config.integer(key, 0);
  if (side < 1 || side > mostPixels) config.refuse(std::string("\"") + key + "\" is " + std::to_string(side));
  return side;
}

/// Three numbers, or one for all channels.
void readChannels(const Config& config, const char* key, std::array<float, 3>& out) {
  if (!config.has(key) || config.isNull(key)) return;
  const auto& json = config.json()[key];
  const auto values = json.is_array() ? json : nlohmann::json::array({json, json, json});
  if (values.size() != 3 || !std::all_of(values.begin(), values.end(), [](const auto& v) { return v.is_number(); }))
    config.refuse(std::string("\"") + key + "\" should be three numbers");
  for (std::size_t c = 0; c < 3; ++c) out[c] = values[c].template get<float>();
}

Config readConfig(const std::filesystem::path& folder) {
  const auto path = folder / "preprocessor_config.json";
  if (!std::filesystem::exists(path))
    throw Error("LAC-1001", folder.string() + " has no preprocessor_config.json", "copy it from the model's page: it says how pictures are prepared");
  auto json = files::readJson(path, "LAC-1002");
  if (!json.is_object()) throw Error("LAC-1002", path.string() + " is not a JSON object");
  return {std::move(json), path.string()};
}

void checkKind(const Config& config) {
  const std::string kind = config.string("image_processor_type", config.string("feature_extractor_type", "BitImageProcessor"));
  if (kind != "BitImageProcessor" && kind != "BitImageProcessorFast") config.refuse("image_processor_type \"" + kind + "\" is not supported", "BitImageProcessor is");
  if (config.boolean("do_pad", false)) config.refuse("do_pad is not supported");
}

}  // namespace

ImageProcessor ImageProcessor::read(const std::filesystem::path& folder) {
  const Config config = readConfig(folder);
  checkKind(config);
  ImageProcessor out;
  out.m_resize = config.boolean("do_resize", true);
  out.m_crop = config.boolean("do_center_crop", true);
  out.m_rescale = config.boolean("do_rescale", true);
  out.m_normalise = config.boolean("do_normalize", true);
  out.m_factor = config.number("rescale_factor", out.m_factor);
  if (config.has("size") && config.json()["size"].is_object()) {
    const Config size = config.object("size");
    out.m_shortest = size.has("shortest_edge") ? sideOf(size, "shortest_edge") : 0;
    if (out.m_shortest == 0 && !(size.has("height") && size.has("width"))) config.refuse("\"size\" should have shortest_edge, or height and width");
    if (out.m_shortest == 0) out.m_height = sideOf(size, "height"), out.m_width = sideOf(size, "width");
  } else if (config.has("size") && !config.isNull("size")) {
    out.m_shortest = sideOf(config, "size");
  }
  if (config.has("crop_size") && config.json()["crop_size"].is_object()) {
    const Config size = config.object("crop_size");
    out.m_cropHeight = sideOf(size, "height");
    out.m_cropWidth = sideOf(size, "width");
  } else if (config.has("crop_size") && !config.isNull("crop_size")) {
    out.m_cropHeight = out.m_cropWidth = sideOf(config, "crop_size");
  }
  const std::int64_t filter = config.integer("resample", 3);
  if (filter < 0 || filter > 5) config.refuse("unknown resample " + std::to_string(filter));
  out.m_filter = static_cast<Resample>(filter);
  readChannels(config, "image_mean", out.m_mean);
  readChannels(config, "image_std", out.m_deviation);
  if (std::find(out.m_deviation.begin(), out.m_deviation.end(), 0.0F) != out.m_deviation.end()) config.refuse("\"image_std\" holds a 0");
  return out;
}

files::Image ImageProcessor::resized(const files::Image& image) const {
  if (m_shortest == 0) return resizeAsPil(image, m_width, m_height, m_filter);
  const std::int64_t shorter = std::min(image.width, image.height), other = m_shortest * std::max(image.width, image.height) / shorter;
  if (other > mostPixels * 4)
    throw Error("LAC-1013", "a picture of " + std::to_string(image.width) + " × " + std::to_string(image.height) + " is too narrow to be resized");
  return image.width <= image.height ? resizeAsPil(image, m_shortest, other, m_filter) : resizeAsPil(image, other, m_shortest, m_filter);
}

/// The middle; where the picture is smaller, black around it, the odd pixel before.
files::Image ImageProcessor::cropped(const files::Image& image) const {
  files::Image out{m_cropWidth, m_cropHeight, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * m_cropWidth * m_cropHeight), 0)};
  const auto before = [](std::int64_t have, std::int64_t want) { return have >= want ? (have - want) / 2 : -((want - have + 1) / 2); };
  const std::int64_t top = before(image.height, m_cropHeight), left = before(image.width, m_cropWidth);
  const std::int64_t first = std::max<std::int64_t>(0, -left), last = std::min(m_cropWidth, image.width - left);
  for (std::int64_t y = std::max<std::int64_t>(0, -top); y < std::min(m_cropHeight, image.height - top); ++y)
    std::copy_n(image.rgb.data() + 3 * ((y + top) * image.width + first + left), 3 * (last - first), out.rgb.data() + 3 * (y * m_cropWidth + first));
  return out;
}

EncoderImage ImageProcessor::operator()(const files::Image& given) const {
  files::Image image = m_resize ? resized(given) : given;
  if (m_crop) image = cropped(image);
  EncoderImage out{3, image.height, image.width, std::vector<float>(image.rgb.size())};
  const std::int64_t pixels = image.width * image.height;
  for (std::int64_t p = 0; p < pixels; ++p)
    for (std::int64_t c = 0; c < 3; ++c) {
      const std::uint8_t byte = image.rgb[static_cast<std::size_t>(3 * p + c)];
      float value = m_rescale ? static_cast<float>(byte * m_factor) : static_cast<float>(byte);
      if (m_normalise) value = (value - m_mean[static_cast<std::size_t>(c)]) / m_deviation[static_cast<std::size_t>(c)];
      out.pixels[static_cast<std::size_t>(c * pixels + p)] = value;
    }
  return out;
}

}  // namespace lacuna::model
