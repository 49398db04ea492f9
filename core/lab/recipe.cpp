#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/lab/lab.h"

namespace lacuna::lab {
namespace {

using Json = nlohmann::ordered_json;

/// Calls use(name, field) for every field: reading, writing and checking go over the same list.
template <class Recipe, class Use>
void eachField(Recipe& r, Use use) {
  use("layers", r.layers);
  use("width", r.width);
  use("heads", r.heads);
  use("mlpWidth", r.mlpWidth);
  use("vocabulary", r.vocabulary);
  use("context", r.context);
  use("steps", r.steps);
  use("batchTokens", r.batchTokens);
  use("learningRate", r.learningRate);
  use("warmup", r.warmup);
  use("weightDecay", r.weightDecay);
  use("clip", r.clip);
  use("beta2", r.beta2);
  use("seed", r.seed);
  use("checkpointEvery", r.checkpointEvery);
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& key, const std::string& expected, const std::string& found) {
  throw Error("LAC-1201", file.string() + ": /" + key + ": expected " + expected + ", found " + found,
              "the keys of a training recipe are those of resources/demo/recipe.json");
}

template <class T>
void readField(const std::filesystem::path& file, const Json& value, const char* name, T& field) {
  const bool fits = std::is_floating_point_v<T> ? value.is_number() : value.is_number_unsigned();
  if (!fits) refuse(file, name, std::is_floating_point_v<T> ? "a number" : "a whole number that is not negative", value.dump());
  field = value.get<T>();
}

void checkShape(const std::filesystem::path& file, const TrainRecipe& r) {
  const auto positive = [&](const char* name, double value) {
    if (!(value > 0)) refuse(file, name, "a number above 0", Json(value).dump());
  };
  eachField(r, [&](const char* name, auto field) {
    const std::string key = name;
    if (key != "warmup" && key != "weightDecay" && key != "seed") positive(name, static_cast<double>(field));
  });
  if (r.width % r.heads != 0 || r.width / r.heads < 4)
    refuse(file, "heads", "a divisor of width " + std::to_string(r.width) + " that leaves at least 4 channels", std::to_string(r.heads));
  if (r.vocabulary < 300) refuse(file, "vocabulary", "at least 300 (256 bytes, <|endoftext|> and some merges)", std::to_string(r.vocabulary));
  if (r.batchTokens < r.context) refuse(file, "batchTokens", "at least context " + std::to_string(r.context), std::to_string(r.batchTokens));
}

}  // namespace

TrainRecipe readRecipe(const std::filesystem::path& json) {
  const Json read = Json::parse(files::readText(json), nullptr, false);
  if (!read.is_object()) refuse(json, "", "a JSON object", read.is_discarded() ? "text that is not JSON" : read.type_name());
  TrainRecipe recipe;
  std::size_t known = 0;
  eachField(recipe, [&](const char* name, auto& field) {
    if (!read.contains(name)) return;
    ++known;
    readField(json, read[name], name, field);
  });
  if (known != read.size()) {
    for (const auto& [key, value] : read.items()) {
      bool found = false;
      eachField(recipe, [&, k = key](const char* name, auto&) { found = found || k == name; });
      if (!found) refuse(json, key, "a known key", "this one");
    }
  }
  checkShape(json, recipe);
  return recipe;
}

void writeRecipe(const TrainRecipe& recipe, const std::filesystem::path& json) {
  Json written;
  eachField(recipe, [&](const char* name, auto field) { written[name] = field; });
  files::writeFileAtomically(json, written.dump(2) + "\n");
}

}  // namespace lacuna::lab
