#include "lacuna/tasks/rendered_item.h"

#include "encoded_text.h"
#include "lacuna/base/error.h"

namespace lacuna::tasks {

std::string goldText(const Task& task, const Item& item) {
  if (task.kind == Kind::MultipleChoice && item.gold >= 0 && item.gold < static_cast<int>(item.choices.size())) return item.choices[static_cast<std::size_t>(item.gold)];
  return item.references.empty() ? std::string() : item.references.front();
}

RenderedItem renderItem(const model::Model& model, const Task& task, std::int64_t place) {
  LACUNA_CHECK(place >= 0 && place < static_cast<std::int64_t>(task.items.size()));
  const Item& item = task.items[static_cast<std::size_t>(place)];
  const TextEncoder encoder(model);
  const std::string gold = goldText(task, item), answer = gold.empty() ? "" : task.targetDelimiter + gold;
  const bool document = task.format == "perplexity";
  RenderedItem out;
  out.text = item.prompt + answer;
  const text::Encoding all = encoder.whole(out.text);
  const std::size_t before = document || item.prompt.empty() ? 0 : answer.empty() ? all.ids.size() : encoder.contextLength(item.prompt);
  for (std::size_t i = 0; i < all.ids.size(); ++i) {
    out.tokens.push_back(all.offsets[i]);
    out.scored.push_back(i >= before ? 1 : 0);
  }
  return out;
}

}  // namespace lacuna::tasks
