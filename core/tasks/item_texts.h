#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "encoded_text.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// The texts whose likelihoods score some items of a task, encoded. Per item: its choices after the prompt, then (for mutual information)
/// alone; or the gold answer of a generation task after its prompt; in RealToxicityPrompts before it the task's toxic, then its neutral texts; of a document its windows.
class ItemTexts {
 public:
  /// Throws LAC-1301 when the task has no such item.
  ItemTexts(const TextEncoder& encoder, const Task& task, std::span<const std::int64_t> items, const RunContext& context);

  std::size_t size() const { return m_items.size(); }
  const Item& item(std::size_t at) const { return *m_items[at]; }
  const std::vector<EncodedText>& encoded() const { return m_encoded; }
  /// Texts of an item: begin … end.
  std::size_t begin(std::size_t at) const { return m_first[at]; }
  std::size_t end(std::size_t at) const { return m_first[at + 1]; }
  /// "ok", or why the item cannot be scored: "no_reference", or the status of one of its texts.
  std::string status(std::size_t at) const;
  /// First scored token of the answer: in GSM8K the one that reaches behind the last "#### " (0 when there is none), else 0.
  std::size_t answerStart(std::size_t text) const;

 private:
  struct Text { std::string context, continuation; };
  void plan(const Item& item);
  void encode(const TextEncoder& encoder, const RunContext& context);

  const Task& m_task;
  std::vector<const Item*> m_items;
  std::vector<Text> m_texts;
  std::vector<std::size_t> m_first;   ///< [items + 1]
  std::vector<EncodedText> m_encoded;
};

}  // namespace lacuna::tasks
