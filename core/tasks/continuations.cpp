#include "continuations.h"

#include <algorithm>

#include "extraction.h"
#include "likelihoods.h"

namespace lacuna::tasks {
namespace {

/// Says after every token whether the text holds a stop string. Only its tail is decoded; the whole settles a hit, because a tail
/// decoded alone may read differently. A miss costs a few tokens, never a wrong text: the text is cut afterwards.
class StopWatch {
 public:
  StopWatch(const text::Tokenizer& tokenizer, const std::vector<std::string>& until) : m_tokenizer(tokenizer), m_until(until) {
    for (const std::string& stop : until) m_window = std::max(m_window, stop.size() + 8);
  }
  bool operator()(std::span<const std::int32_t> ids) const {
    return holds(ids.last(std::min(ids.size(), m_window))) && (ids.size() <= m_window || holds(ids));
  }

 private:
  bool holds(std::span<const std::int32_t> ids) const {
    const std::string text = m_tokenizer.decode(ids, true);
    return std::any_of(m_until.begin(), m_until.end(), [&](const std::string& stop) { return !stop.empty() && text.find(stop) != std::string::npos; });
  }
  const text::Tokenizer& m_tokenizer;
  const std::vector<std::string>& m_until;
  std::size_t m_window = 0;
};

std::string textOf(const model::Model& model, const Task& task, std::span<const std::int32_t> ids) {
  const auto& eos = model.info().eos;
  if (!ids.empty() && std::find(eos.begin(), eos.end(), ids.back()) != eos.end()) ids = ids.first(ids.size() - 1);
  std::string text = model.tokenizer().decode(ids, true);
  if (model.tokenizer().cleansUpSpaces()) text = cleanedUp(std::move(text));
  return cutAtStops(text, task.until);
}

model::GenerateOptions optionsOf(const model::Model& model, const Task& task, const ItemPrompts& prompts) {
  model::GenerateOptions options;
  options.maxNewTokens = task.maxNewTokens;
  options.stopIds = model.info().eos;
  if (!task.until.empty()) options.stop = StopWatch(model.tokenizer(), task.until);
  if (task.sampling.samples == 0) return options;
  const TaskSampling& s = task.sampling;
  options.sampling = model::Sampling{s.temperature, s.topP, s.topK, s.seed, "generate/" + task.name};
  options.draws = prompts.draws;
  return options;
}

}  // namespace

std::vector<Continuation> continuations(const model::Model& model, const Task& task, const ItemPrompts& prompts, const model::Arm& arm,
                                        model::EditReport& edits, const RunContext& context) {
  model::EditReport report;
  std::vector<Continuation> results;
  for (auto& ids : model::generate(model, prompts.ids, arm, optionsOf(model, task, prompts), context, &report)) {
    std::string text = textOf(model, task, ids);
    results.push_back({std::move(ids), std::move(text)});
  }
  edits += report;
  return results;
}

}  // namespace lacuna::tasks
