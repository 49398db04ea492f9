#include <algorithm>
#include <cmath>
#include <numeric>

#include "continuations.h"
#include "encoded_text.h"
#include "item_metrics.h"
#include "lacuna/base/error.h"
#include "likelihoods.h"
#include "unicode.h"

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
      : m_model(model), m_task(task), m_encoder(model), m_arms(arms), m_options(options), m_context(context), m_edits(arms.size()) {
    for (const std::int64_t index : items) {
      if (index < 0 || index >= static_cast<std::int64_t>(task.items.size()))
        throw Error("LAC-1301", "Task \"" + task.name + "\" has no item " + std::to_string(index) + ".", {});
      m_items.push_back(&task.items[static_cast<std::size_t>(index)]);
    }
  }

  std::vector<ArmScores> run() {
    planTexts();
    encode();
    const auto readings = likelihoods(m_model, m_encoded, m_arms, "Scoring " + m_task.name, m_edits, m_context);
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

  /// Per item: its choices after the prompt, then (for mutual information) alone; or the gold answer of a generation task.
  void planTexts() {
    for (const Item* item : m_items) {
      m_first.push_back(m_texts.size());
      if (scoresChoices()) {
        for (const std::string& choice : item->choices) m_texts.push_back({item->prompt, m_task.targetDelimiter + choice});
        if (wants(m_task, "acc_mutual_info"))
          for (const std::string& choice : item->choices) m_texts.push_back({"", m_task.targetDelimiter + choice});
      } else if (!item->references.empty()) {
        m_texts.push_back({item->prompt, m_task.targetDelimiter + item->references.front()});
      }
    }
    m_first.push_back(m_texts.size());
  }

  void encode() {
    m_encoded.resize(m_texts.size());
    const bool withEnds = m_task.format == "gsm8k";
    parallelFor(static_cast<std::int64_t>(m_texts.size()), m_context.threadCount(), 8, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
        m_encoded[i] = m_encoder.encode(m_texts[i].context, m_texts[i].continuation, withEnds);
    });
  }

  std::vector<std::vector<std::int32_t>> encodePrompts() const {
    std::vector<std::vector<std::int32_t>> prompts(m_items.size());
    for (std::size_t i = 0; i < m_items.size(); ++i) prompts[i] = m_encoder.prompt(m_items[i]->prompt, m_task.maxNewTokens);
    return prompts;
  }

  ArmScores assemble(const std::vector<Likelihood>& readings, const std::vector<Continuation>& texts) const {
    ArmScores scores;
    const std::vector<double> toxicity = toxicityOf(texts);
    for (std::size_t i = 0; i < m_items.size(); ++i) {
      append(scores.items, scoresChoices() ? choiceScores(i, readings, scores.choices) : goldScores(i, readings));
      if (!texts.empty())
        append(scores.items, generatedMetrics(m_task, *m_items[i], texts[i].text, static_cast<std::int64_t>(texts[i].ids.size()),
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
    const Item& item = *m_items[at];
    const std::size_t n = item.choices.size();
    ChoiceReadings own;
    for (std::size_t choice = 0; choice < n; ++choice) {
      const std::size_t text = m_first[at] + choice;
      if (!m_encoded[text].ok()) own.status = m_encoded[text].status;
      const Likelihood& likelihood = readings[text];
      own.given.push_back(likelihood.sum());
      own.tokens.push_back(static_cast<std::int64_t>(m_encoded[text].scored));
      own.greedy.push_back(likelihood.greedy);
      if (m_encoded[text].ok())
        choices.push_back({item.index, static_cast<int>(choice), own.given.back(), own.tokens.back(), characters(item.choices[choice]), likelihood.greedy});
    }
    for (std::size_t text = m_first[at] + n; text < m_first[at + 1]; ++text) {
      if (!m_encoded[text].ok()) own.status = m_encoded[text].status;
      own.alone.push_back(readings[text].sum());
    }
    return choiceMetrics(m_task, item, own);
  }

  /// Mean log p of the gold answer's tokens; GSM8K: of those behind "#### ", and of the whole rationale.
  std::vector<ItemScore> goldScores(std::size_t at, const std::vector<Likelihood>& readings) const {
    const Item& item = *m_items[at];
    if (m_first[at] == m_first[at + 1]) return {missing(item, "margin", "no_reference")};
    const std::size_t text = m_first[at];
    const EncodedText& encoded = m_encoded[text];
    if (!encoded.ok()) return {missing(item, "margin", encoded.status)};
    const auto& logProbs = readings[text].logProbs;
    ItemScore whole = meanScore(item, "margin", logProbs, 0);
    if (m_task.format != "gsm8k") return {whole};
    whole.metric = "margin_rationale";
    return {meanScore(item, "margin", logProbs, answerStart(text)), whole};
  }

  static ItemScore meanScore(const Item& item, const char* metric, const std::vector<double>& logProbs, std::size_t from) {
    const auto n = static_cast<std::int64_t>(logProbs.size() - from);
    const double sum = std::accumulate(logProbs.begin() + static_cast<std::ptrdiff_t>(from), logProbs.end(), 0.0);
    return {item.index, metric, sum / static_cast<double>(n), "ok", "", "", n};
  }

  /// First scored token that reaches behind the last "#### " of a GSM8K answer; 0 when there is none.
  std::size_t answerStart(std::size_t text) const {
    const std::string& continuation = m_texts[text].continuation;
    const std::size_t mark = continuation.rfind("#### ");
    if (mark == std::string::npos) return 0;
    const std::size_t from = m_texts[text].context.size() + mark + 5;
    const auto& ends = m_encoded[text].ends;
    const auto found = std::find_if(ends.begin(), ends.end(), [&](std::uint32_t end) { return end > from; });
    return found == ends.end() ? 0 : static_cast<std::size_t>(found - ends.begin());
  }

  struct Text { std::string context, continuation; };
  const model::Model& m_model;
  const Task& m_task;
  TextEncoder m_encoder;
  std::span<const model::Arm> m_arms;
  const ScoreOptions& m_options;
  const RunContext& m_context;
  std::vector<model::EditReport> m_edits;
  std::vector<const Item*> m_items;
  std::vector<Text> m_texts;
  std::vector<std::size_t> m_first;   ///< [item + 1] where its texts begin
  std::vector<EncodedText> m_encoded;
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
