#include "item_texts.h"

#include <algorithm>
#include <iterator>

#include "lacuna/base/error.h"

namespace lacuna::tasks {

ItemTexts::ItemTexts(const TextEncoder& encoder, const Task& task, std::span<const std::int64_t> items, const RunContext& context) : m_task(task) {
  for (const std::int64_t index : items) {
    if (index < 0 || index >= static_cast<std::int64_t>(task.items.size()))
      throw Error("LAC-1301", "Task \"" + task.name + "\" has no item " + std::to_string(index) + ".", {});
    m_items.push_back(&task.items[static_cast<std::size_t>(index)]);
    m_first.push_back(task.format == "perplexity" ? m_encoded.size() : m_texts.size());
    if (task.format == "perplexity") std::ranges::move(encoder.windows(m_items.back()->prompt), std::back_inserter(m_encoded));
    else plan(*m_items.back());
  }
  m_first.push_back(task.format == "perplexity" ? m_encoded.size() : m_texts.size());
  if (task.format != "perplexity") encode(encoder, context);
}

void ItemTexts::plan(const Item& item) {
  for (const auto* const texts : {&m_task.toxicTexts, &m_task.neutralTexts})
    for (const std::string& text : *texts) m_texts.push_back({item.prompt, m_task.targetDelimiter + text});
  if (m_task.kind != Kind::MultipleChoice) {
    if (!item.references.empty()) m_texts.push_back({item.prompt, m_task.targetDelimiter + item.references.front()});
    return;
  }
  for (const std::string& choice : item.choices) m_texts.push_back({item.prompt, m_task.targetDelimiter + choice});
  if (std::find(m_task.metrics.begin(), m_task.metrics.end(), "acc_mutual_info") == m_task.metrics.end()) return;
  for (const std::string& choice : item.choices) m_texts.push_back({"", m_task.targetDelimiter + choice});
}

void ItemTexts::encode(const TextEncoder& encoder, const RunContext& context) {
  m_encoded.resize(m_texts.size());
  const bool withEnds = m_task.format == "gsm8k";
  parallelFor(static_cast<std::int64_t>(m_texts.size()), context.threadCount(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      m_encoded[i] = encoder.encode(m_texts[i].context, m_texts[i].continuation, withEnds);
  });
}

std::string ItemTexts::status(std::size_t at) const {
  if (begin(at) == end(at)) return m_task.format == "perplexity" ? "empty" : "no_reference";
  for (std::size_t text = end(at); text-- > begin(at);)
    if (!m_encoded[text].ok()) return m_encoded[text].status;
  return "ok";
}

std::size_t ItemTexts::answerStart(std::size_t text) const {
  if (m_task.format != "gsm8k") return 0;
  const std::string& continuation = m_texts[text].continuation;
  const std::size_t mark = continuation.rfind("#### ");
  if (mark == std::string::npos) return 0;
  const std::size_t from = m_texts[text].context.size() + mark + 5;
  const auto& ends = m_encoded[text].ends;
  const auto found = std::find_if(ends.begin(), ends.end(), [&](std::uint32_t end) { return end > from; });
  return found == ends.end() ? 0 : static_cast<std::size_t>(found - ends.begin());
}

}  // namespace lacuna::tasks
