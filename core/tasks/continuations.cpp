#include "continuations.h"

#include <algorithm>

#include "extraction.h"
#include "likelihoods.h"

namespace lacuna::tasks {
namespace {

/// Says after every token whether generation ends, as the reference harness does: a stop string is looked for in the text of as many last
/// tokens as it has itself and two more, decoded alone. Bytes that are no character in the whole text may read as a line end there.
class StopWatch {
 public:
  StopWatch(const text::Tokenizer& tokenizer, const std::vector<std::string>& until) : m_tokenizer(tokenizer) {
    for (const std::string& stop : until)
      if (!stop.empty()) m_stops.emplace_back(stop, tokenizer.encode(stop, {.addSpecial = false, .specialAsText = false}).ids.size() + 2);
  }
  bool operator()(std::span<const std::int32_t> ids) const {
    return std::any_of(m_stops.begin(), m_stops.end(), [&](const auto& stop) {
      return m_tokenizer.decode(ids.last(std::min(ids.size(), stop.second)), false).find(stop.first) != std::string::npos;
    });
  }

 private:
  const text::Tokenizer& m_tokenizer;
  std::vector<std::pair<std::string, std::size_t>> m_stops;
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
