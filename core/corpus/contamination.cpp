#include "lacuna/corpus/contamination.h"

#include <algorithm>

#include "word_runs.h"

namespace lacuna::corpus {

TaskTexts::TaskTexts(std::span<const std::string> texts) {
  for (const std::string& text : texts)
    for (const std::uint64_t run : wordRuns(text, kWords)) m_runs.insert(run);
}

bool TaskTexts::sharedBy(std::string_view document) const {
  if (m_runs.empty()) return false;
  const std::vector<std::uint64_t> runs = wordRuns(document, kWords);
  return std::any_of(runs.begin(), runs.end(), [&](std::uint64_t run) { return m_runs.contains(run); });
}

}  // namespace lacuna::corpus
