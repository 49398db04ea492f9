#include <algorithm>
#include <cmath>
#include <numeric>

#include "continuations.h"
#include "encoded_text.h"
#include "item_metrics.h"
#include "item_texts.h"
#include "lacuna/base/error.h"
#include "lacuna/text/unicode.h"
#include "likelihoods.h"

namespace lacuna::tasks {
namespace {

bool wants(const Task& task, const std::string& metric) {
  return std::find(task.metrics.begin(), task.metrics.end(), metric) != task.metrics.end();
}

bool generates(const Task& task) {
  return std::any_of(task.metrics.begin(), task.metrics.end(), [&](const std::string& metric) { return isGenerated(task, metric); });
}

void refuseWhatNeedsMore(const Task& task, const ScoreOptions& options) {
  if (wants(task, "crows_mlm"))
    throw Error("LAC-1302", "Task \"" + task.name + "\": crows_mlm needs a masked language model, but this model reads from left to right.",
                "Use the metrics pct_stereotype and likelihood_diff.");
  if (task.format == "realtoxicityprompts" && options.generate && !options.toxicity)
    throw Error("LAC-1302", "Task \"" + task.name + "\": realtoxicityprompts needs a classifier that reads the continuations, but none was given.",
                "Give --classifier DIR, or score without generation.");
}

/// The scoring of some items of a task under some arms.
class Scoring {
 public:
  Scoring(const model::Model& model, const Task& task, std::span<const std::int64_t> items, std::span<const model::Arm> arms,
          const ScoreOptions& options, const RunContext& context)
      : m_model(model), m_task(task), m_encoder(model), m_texts(m_encoder, task, items, context), m_arms(arms), m_options(options),
        m_context(context), m_edits(arms.size()) {}

  std::vector<ArmScores> run() {
    const auto readings = likelihoods(m_model, m_texts.encoded(), m_arms, "Scoring " + m_task.name, m_edits, m_context);
    const bool generate = m_options.generate && generates(m_task);
    const auto prompts = generate ? encodePrompts() : std::vector<std::vector<std::int32_t>>{};
    std::vector<ArmScores> results(m_arms.size());
    for (std::size_t arm = 0; arm < m_arms.size(); ++arm) {
      const auto texts = generate ? continuations(m_model, m_task, prompts, m_arms[arm], m_edits[arm], m_context) : std::vector<Continuation>{};
      results[arm] = assemble(readings[arm], texts);
      results[arm].edits = m_edits[arm];
    }
    return results;
  }

 private:
  bool scoresChoices() const { return m_task.kind == Kind::MultipleChoice; }

  std::vector<std::vector<std::int32_t>> encodePrompts() const {
    std::vector<std::vector<std::int32_t>> prompts(m_texts.size());
    for (std::size_t i = 0; i < m_texts.size(); ++i) prompts[i] = m_encoder.prompt(m_texts.item(i).prompt, m_task.maxNewTokens);
    return prompts;
  }

  ArmScores assemble(const std::vector<Likelihood>& readings, const std::vector<Continuation>& texts) const {
    ArmScores scores;
    const std::vector<double> toxicity = toxicityOf(texts);
    for (std::size_t i = 0; i < m_texts.size(); ++i) {
      append(scores.items, scoresChoices() ? choiceScores(i, readings, scores.choices) : goldScores(i, readings));
      if (!texts.empty())
        append(scores.items, generatedMetrics(m_task, m_texts.item(i), texts[i].text, static_cast<std::int64_t>(texts[i].ids.size()),
                                              toxicity.empty() ? std::nan("") : toxicity[i]));
    }
    return scores;
  }

  static void append(std::vector<ItemScore>& to, std::vector<ItemScore>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  std::vector<double> toxicityOf(const std::vector<Continuation>& texts) const {
    if (texts.empty() || m_task.format != "realtoxicityprompts") return {};
    std::vector<std::string> plain;
    for (const Continuation& continuation : texts) plain.push_back(continuation.text);
    std::vector<double> values = m_options.toxicity(plain);
    LACUNA_CHECK(values.size() == plain.size());
    return values;
  }

  std::vector<ItemScore> choiceScores(std::size_t at, const std::vector<Likelihood>& readings, std::vector<ChoiceScore>& choices) const {
    const Item& item = m_texts.item(at);
    const std::size_t n = item.choices.size();
    ChoiceReadings own;
    own.status = m_texts.status(at);
    for (std::size_t choice = 0; choice < n; ++choice) {
      const std::size_t text = m_texts.begin(at) + choice;
      const EncodedText& encoded = m_texts.encoded()[text];
      const Likelihood& likelihood = readings[text];
      own.given.push_back(likelihood.sum());
      own.tokens.push_back(static_cast<std::int64_t>(encoded.scored));
      own.greedy.push_back(likelihood.greedy);
      if (encoded.ok())
        choices.push_back({item.index, static_cast<int>(choice), own.given.back(), own.tokens.back(), text::characters(item.choices[choice]), likelihood.greedy});
    }
    for (std::size_t text = m_texts.begin(at) + n; text < m_texts.end(at); ++text) own.alone.push_back(readings[text].sum());
    return choiceMetrics(m_task, item, own);
  }

  /// Mean log p of the gold answer's tokens; GSM8K: of those behind "#### ", and of the whole rationale.
  std::vector<ItemScore> goldScores(std::size_t at, const std::vector<Likelihood>& readings) const {
    const Item& item = m_texts.item(at);
    const std::string status = m_texts.status(at);
    if (status != "ok") return {missing(item, "margin", status)};
    const std::size_t text = m_texts.begin(at);
    const auto& logProbs = readings[text].logProbs;
    ItemScore whole = meanScore(item, "margin", logProbs, 0);
    if (m_task.format != "gsm8k") return {whole};
    whole.metric = "margin_rationale";
    return {meanScore(item, "margin", logProbs, m_texts.answerStart(text)), whole};
  }

  static ItemScore meanScore(const Item& item, const char* metric, const std::vector<double>& logProbs, std::size_t from) {
    const auto n = static_cast<std::int64_t>(logProbs.size() - from);
    const double sum = std::accumulate(logProbs.begin() + static_cast<std::ptrdiff_t>(from), logProbs.end(), 0.0);
    return {item.index, metric, sum / static_cast<double>(n), "ok", "", "", n};
  }

  const model::Model& m_model;
  const Task& m_task;
  TextEncoder m_encoder;
  ItemTexts m_texts;
  std::span<const model::Arm> m_arms;
  const ScoreOptions& m_options;
  const RunContext& m_context;
  std::vector<model::EditReport> m_edits;
};

}  // namespace

std::vector<ArmScores> scoreItems(const model::Model& model, const Task& task, std::span<const std::int64_t> items,
                                  std::span<const model::Arm> arms, const ScoreOptions& options, const RunContext& context) {
  refuseWhatNeedsMore(task, options);
  return Scoring(model, task, items, arms, options, context).run();
}

std::vector<ArmScores> scoreItems(const model::Model& model, const Task& task, std::span<const std::int64_t> items,
                                  std::span<const model::Arm> arms, bool generate, const RunContext& context) {
  return scoreItems(model, task, items, arms, ScoreOptions{.generate = generate, .toxicity = {}}, context);
}

std::vector<ArmScores> scoreTask(const model::Model& model, const Task& task, std::span<const model::Arm> arms, bool generate,
                                 const RunContext& context) {
  std::vector<std::int64_t> all(task.items.size());
  std::iota(all.begin(), all.end(), 0);
  return scoreItems(model, task, all, arms, generate, context);
}

}  // namespace lacuna::tasks
