#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

namespace lacuna::corpus {

/// Texts of tasks, known by every run of 13 words in them (Brown et al. 2020); shorter texts have none.
class TaskTexts {
 public:
  static constexpr int kWords = 13;
  explicit TaskTexts(std::span<const std::string> texts);
  bool empty() const { return m_runs.empty(); }
  /// Does the document hold such a run?
  bool sharedBy(std::string_view document) const;

 private:
  std::unordered_set<std::uint64_t> m_runs;
};

}  // namespace lacuna::corpus
