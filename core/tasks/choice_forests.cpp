#include "lacuna/tasks/choice_forests.h"

#include <algorithm>

#include "item_metrics.h"
#include "item_texts.h"
#include "token_forest.h"

namespace lacuna::tasks {
namespace {

bool isDocument(const Task& task) { return task.format == "perplexity"; }
bool isToxicity(const Task& task) { return task.format == "realtoxicityprompts"; }

/// How many texts of an item make its margin.
std::size_t marginTexts(const Task& task, const ItemTexts& texts, std::size_t at) {
  if (isDocument(task)) return texts.end(at) - texts.begin(at);
  if (isToxicity(task)) return task.toxicTexts.size() + task.neutralTexts.size();
  return task.kind == Kind::MultipleChoice ? texts.item(at).choices.size() : 1;
}

std::string statusOf(const Task& task, const ItemTexts& texts, std::size_t at, const model::ModelInfo& info) {
  if (isToxicity(task) && (task.toxicTexts.empty() || task.neutralTexts.empty())) return "no_continuations";
  const std::string status = texts.status(at);
  if (status != "ok") return status;
  const std::size_t n = marginTexts(task, texts, at), first = texts.begin(at);
  if (task.kind == Kind::MultipleChoice && n < 2) return "one_choice";
  for (std::size_t text = first; text < first + n; ++text)
    if (endsBeyondPositions(texts.encoded()[text], info)) return "beyond_positions";
  return "ok";
}

bool perToken(const Task& task, const ItemTexts& texts, std::size_t at) {
  if (task.kind != Kind::MultipleChoice) return true;
  std::vector<std::int64_t> tokens;
  for (std::size_t c = 0; c < texts.item(at).choices.size(); ++c) tokens.push_back(static_cast<std::int64_t>(texts.encoded()[texts.begin(at) + c].scored));
  return task.format != "crows_pairs" && countsPerToken(tokens);
}

void plant(const Task& task, const ItemTexts& texts, std::size_t at, ChoiceForest& out) {
  const std::size_t n = marginTexts(task, texts, at);
  TokenForest forest;
  for (std::size_t c = 0; c < n; ++c) {
    const EncodedText& text = texts.encoded()[texts.begin(at) + c];
    forest.add(text.ids, text.promptLength());
  }
  TokenForest::Layout layout = forest.layout();
  for (std::size_t c = 0; c < n; ++c) {
    if (c == 0 || !isDocument(task)) out.choices.emplace_back();
    for (std::size_t t = texts.answerStart(texts.begin(at) + c); t < layout.answers[c].size(); ++t)
      out.choices.back().push_back(layout.scored[layout.answers[c][t]]);
  }
  out.forest = std::move(layout.forest);
}

void setGold(const Task& task, const Item& item, ChoiceForest& out) {
  if (task.kind == Kind::MultipleChoice && task.format != "crows_pairs") out.gold = item.gold;
  if (!isToxicity(task)) return;
  out.gold = static_cast<int>(task.toxicTexts.size());
  out.golds = static_cast<int>(task.neutralTexts.size());
}

}  // namespace

Task counterfactualTask(const Task& task) {
  Task other = task;
  for (Item& item : other.items) item.prompt = item.counterfactual;
  return other;
}

bool hasCounterfactuals(const Task& task) {
  return std::any_of(task.items.begin(), task.items.end(), [](const Item& item) { return !item.counterfactual.empty(); });
}

std::vector<ChoiceForest> choiceForests(const model::Model& model, const Task& task, std::span<const std::int64_t> items, const RunContext& context) {
  const TextEncoder encoder(model);
  const ItemTexts texts(encoder, task, items, context);
  std::vector<ChoiceForest> out(items.size());
  for (std::size_t at = 0; at < items.size(); ++at) {
    out[at].place = items[at];
    out[at].status = statusOf(task, texts, at, model.info());
    if (out[at].status != "ok") continue;
    setGold(task, texts.item(at), out[at]);
    out[at].perToken = perToken(task, texts, at);
    plant(task, texts, at, out[at]);
  }
  return out;
}

}  // namespace lacuna::tasks
