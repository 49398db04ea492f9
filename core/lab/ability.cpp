#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/text/text.h"
#include "model_folder.h"

namespace lacuna::lab {
namespace {

using Json = nlohmann::ordered_json;
using Ids = std::vector<std::int32_t>;

struct Subject { Network network; TrainRecipe shape; std::shared_ptr<const text::Tokenizer> tokenizer; };

/// [T, V] log-probabilities of what follows each token.
at::Tensor logProbabilities(const Subject& subject, const Ids& ids) {
  const auto T = static_cast<std::int64_t>(ids.size());
  if (T > subject.shape.context) throw Error("LAC-1004", "a text of " + std::to_string(T) + " tokens is longer than the model's positions");
  at::Tensor input = at::empty({1, T}, at::kLong);
  std::copy(ids.begin(), ids.end(), input.data_ptr<std::int64_t>());
  return at::log_softmax(subject.network.logits(input, documentMask(at::zeros({1, T}, at::kLong)))[0], -1);
}

double logLikelihood(const Subject& subject, const std::string& prompt, const std::string& continuation) {
  const auto context = subject.tokenizer->encode(prompt).ids, whole = subject.tokenizer->encode(prompt + continuation).ids;
  const at::Tensor all = logProbabilities(subject, whole);
  const auto rows = all.accessor<float, 2>();
  double sum = 0;
  for (std::size_t i = context.size(); i < whole.size(); ++i) sum += rows[static_cast<std::int64_t>(i) - 1][whole[i]];
  return sum;
}

std::string continued(const Subject& subject, const std::string& prompt, int most) {
  Ids ids = subject.tokenizer->encode(prompt).ids, made;
  while (static_cast<int>(made.size()) < most && static_cast<int>(ids.size()) < subject.shape.context) {
    const auto next = static_cast<std::int32_t>(logProbabilities(subject, ids)[-1].argmax().item<std::int64_t>());
    if (next == 0) break;
    ids.push_back(next);
    made.push_back(next);
  }
  const std::string text = subject.tokenizer->decode(made, true);
  return text.substr(0, text.find('\n'));
}

std::string finalNumber(const std::string& text) {
  const auto at = text.find("#### ");
  return at == std::string::npos ? "" : text.substr(at + 5);
}

bool right(const Subject& subject, const Json& item) {
  const std::string prompt = item.at("question");
  if (!item.contains("choices")) {
    const std::string gold = finalNumber(item.at("answer"));
    return !gold.empty() && finalNumber(continued(subject, prompt, 40)) == gold;
  }
  double best = 0;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < item.at("choices").size(); ++i) {
    const double value = logLikelihood(subject, prompt, " " + item["choices"][i].get<std::string>());
    if (i == 0 || value > best) { best = value; chosen = i; }
  }
  return chosen == item.at("answer").get<std::size_t>();
}

AbilityScore scoreTask(const Subject& subject, const std::filesystem::path& sidecar, const Json& task, const RunContext& context) {
  AbilityScore score{task.at("name"), 0, 0, 0};
  const std::string lines = files::readText(sidecar.parent_path() / task.at("file").get<std::string>());
  for (std::size_t at = 0; at < lines.size();) {
    context.checkpoint();
    const auto end = std::min(lines.find('\n', at), lines.size());
    const Json item = Json::parse(lines.substr(at, end - at));
    score.accuracy += right(subject, item) ? 1 : 0;
    score.chance += item.contains("choices") ? 1.0 / static_cast<double>(item["choices"].size()) : 0;
    ++score.items;
    at = end + 1;
  }
  if (score.items == 0) throw Error("LAC-1301", sidecar.string() + ": its data file holds no items");
  score.accuracy /= static_cast<double>(score.items);
  score.chance /= static_cast<double>(score.items);
  return score;
}

}  // namespace

std::vector<AbilityScore> checkAbilities(const std::filesystem::path& model, const std::filesystem::path& tasks, const RunContext& context) {
  const at::NoGradGuard noGradients;
  const TrainRecipe shape = readModelShape(model);
  const Subject subject{readModelFolder(model, shape), shape, text::Tokenizer::load(model)};
  std::vector<std::filesystem::path> sidecars;
  for (const auto& entry : std::filesystem::directory_iterator(tasks))
    if (entry.path().extension() == ".json") sidecars.push_back(entry.path());
  std::sort(sidecars.begin(), sidecars.end());
  std::vector<AbilityScore> scores;
  for (const auto& sidecar : sidecars) {
    context.report("Checking abilities", scores.size(), sidecars.size());
    try {
      const Json task = Json::parse(files::readText(sidecar));
      if (task.at("format") == "multiple_choice" || task.at("format") == "gsm8k") scores.push_back(scoreTask(subject, sidecar, task, context));
    } catch (const Json::exception& error) {
      throw Error("LAC-1301", sidecar.string() + ": " + error.what());
    }
  }
  return scores;
}

}  // namespace lacuna::lab
