#include "continuations.h"

#include <algorithm>

#include "extraction.h"
#include "likelihoods.h"

namespace lacuna::tasks {
namespace {

constexpr std::size_t kPromptsAtOnce = 32;
constexpr std::size_t kTokensAtOnce = 16384;

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

/// End of the chunk of prompts that begins at `begin`.
std::size_t chunkEnd(const std::vector<std::vector<std::int32_t>>& prompts, std::size_t begin, int maxNewTokens) {
  std::size_t end = begin, tokens = 0;
  while (end < prompts.size() && end - begin < kPromptsAtOnce && (end == begin || tokens < kTokensAtOnce))
    tokens += prompts[end++].size() + static_cast<std::size_t>(maxNewTokens);
  return end;
}

}  // namespace

std::vector<Continuation> continuations(const model::Model& model, const Task& task, const std::vector<std::vector<std::int32_t>>& prompts,
                                        const model::Arm& arm, model::EditReport& edits, const RunContext& context) {
  std::vector<Continuation> results;
  model::GenerateOptions options;
  options.maxNewTokens = task.maxNewTokens;
  options.stopIds = model.info().eos;
  if (!task.until.empty()) options.stop = StopWatch(model.tokenizer(), task.until);
  while (results.size() < prompts.size()) {
    context.checkpoint();
    const std::size_t begin = results.size(), end = chunkEnd(prompts, begin, task.maxNewTokens);
    model::EditReport report;
    const auto chunk = model::generateGreedy(model, std::span(prompts).subspan(begin, end - begin), arm, options, context, &report);
    for (const auto& ids : chunk) results.push_back({ids, textOf(model, task, ids)});
    edits += report;
    context.report("Generating " + task.name, results.size(), prompts.size());
  }
  return results;
}

}  // namespace lacuna::tasks
