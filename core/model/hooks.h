#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forest_plan.h"
#include "lacuna/model/forward.h"
#include "stack.h"

namespace lacuna::model {

/// What the edits of every arm did so far, one report an edit: [arm][edit].
using EditTotals = std::vector<std::vector<EditReport>>;
EditTotals noTotals(std::span<const Arm> arms);
EditReport sumOf(const std::vector<EditReport>& reports);

/// Edits and captures of one run. Knows which rows an edit selects; measures what it did.
class Hooks {
 public:
  Hooks(const ForestPlan& plan, std::span<const Arm> arms, std::span<const Capture> captures,
        std::vector<std::vector<MatrixF>>& captured, EditTotals& totals, int threads);

  /// Is anything to be done with this stack's states at a site of a layer? LastHidden belongs to every layer number.
  bool wanted(Site site, std::size_t layer, const Stack& stack) const;
  /// The same for any site of a layer.
  bool wantedIn(std::size_t layer, const Stack& stack) const;
  /// Edits, then captures, rows [first, first + count) of the stack; `values` points at the first of them.
  void visit(Site site, std::size_t layer, const Stack& stack, std::int64_t first, std::int64_t count, float* values, std::int64_t width);

 private:
  void edit(const Edit& edit, EditReport& total, const std::int32_t* tokens, std::int64_t rows, float* values, std::int64_t width);

  const ForestPlan& m_plan;
  std::span<const Arm> m_arms;
  std::span<const Capture> m_captures;
  std::vector<std::vector<MatrixF>>& m_captured;
  EditTotals& m_totals;
  int m_threads;
  std::vector<float> m_before;
  std::vector<double> m_delta, m_state;
};

}  // namespace lacuna::model
