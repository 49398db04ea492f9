#include "hooks.h"

#include <algorithm>
#include <cstring>

namespace lacuna::model {
namespace {

bool standsAt(Site site, LayerIndex layer, Site wantedSite, std::size_t wantedLayer) {
  return site == wantedSite && (site == Site::LastHidden || layer.index() == wantedLayer);
}

}  // namespace

EditTotals noTotals(std::span<const Arm> arms) {
  EditTotals totals;
  for (const Arm& arm : arms) totals.emplace_back(arm.edits.size());
  return totals;
}

EditReport sumOf(const std::vector<EditReport>& reports) {
  EditReport out;
  for (const EditReport& report : reports) out += report;
  return out;
}

EditReport& EditReport::operator+=(const EditReport& other) {
  rows += other.rows;
  deltaSquared += other.deltaSquared;
  stateSquared += other.stateSquared;
  candidates += other.candidates;
  return *this;
}

Hooks::Hooks(const ForestPlan& plan, std::span<const Arm> arms, std::span<const Capture> captures,
             std::vector<std::vector<MatrixF>>& captured, EditTotals& totals, int threads)
    : m_plan(plan), m_arms(arms), m_captures(captures), m_captured(captured), m_totals(totals), m_threads(threads) {}

bool Hooks::wanted(Site site, std::size_t layer, const Stack& stack) const {
  const auto captures = [&](const Capture& c) { return standsAt(c.site, c.layer, site, layer); };
  if (std::any_of(m_captures.begin(), m_captures.end(), captures)) return true;
  return std::any_of(stack.slots.begin(), stack.slots.end(), [&](const Stack::Slot& slot) {
    if (!slot.edited) return false;
    const auto& edits = m_arms[static_cast<std::size_t>(slot.arms.front())].edits;
    return std::any_of(edits.begin(), edits.end(), [&](const auto& e) { return standsAt(e->site(), e->layer(), site, layer); });
  });
}

bool Hooks::wantedIn(std::size_t layer, const Stack& stack) const {
  for (const Site site : {Site::ResidPre, Site::ResidPost, Site::MlpHidden, Site::AttnOut, Site::MlpOut, Site::LastHidden})
    if (wanted(site, layer, stack)) return true;
  return false;
}

void Hooks::visit(Site site, std::size_t layer, const Stack& stack, std::int64_t first, std::int64_t count, float* values,
                  std::int64_t width) {
  const std::int64_t perSlot = stack.perSlot();
  for (std::int64_t row = first; row < first + count;) {
    const Stack::Slot& slot = stack.slots[static_cast<std::size_t>(row / perSlot)];
    const std::int64_t inSlot = row % perSlot, rows = std::min(perSlot - inSlot, first + count - row);
    const std::int32_t* const tokens = stack.tokens.data() + inSlot;
    float* const part = values + (row - first) * width;
    if (slot.edited) {
      const auto arm = static_cast<std::size_t>(slot.arms.front());
      for (std::size_t e = 0; e < m_arms[arm].edits.size(); ++e) {
        const Edit& made = *m_arms[arm].edits[e];
        if (standsAt(made.site(), made.layer(), site, layer)) edit(made, m_totals[arm][e], tokens, rows, part, width);
      }
    }
    for (std::size_t c = 0; c < m_captures.size(); ++c) {
      if (!standsAt(m_captures[c].site, m_captures[c].layer, site, layer)) continue;
      for (const int arm : slot.arms)
        for (std::int64_t r = 0; r < rows; ++r)
          std::memcpy(m_captured[static_cast<std::size_t>(arm)][c].row(tokens[r]).data(), part + r * width,
                      static_cast<std::size_t>(width) * sizeof(float));
    }
    row += rows;
  }
}

void Hooks::edit(const Edit& made, EditReport& total, const std::int32_t* tokens, std::int64_t rows, float* values,
                 std::int64_t width) {
  std::vector<std::uint8_t> selected(static_cast<std::size_t>(rows));
  std::vector<std::int32_t> positions(static_cast<std::size_t>(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto at = static_cast<std::size_t>(r);
    positions[at] = m_plan.positions[static_cast<std::size_t>(tokens[r])];
    if (!m_plan.selects(made, tokens[r])) continue;
    ++total.candidates;
    selected[at] = made.admits({values + r * width, static_cast<std::size_t>(width)});
  }
  if (std::find(selected.begin(), selected.end(), 1) == selected.end()) return;
  m_before.assign(values, values + rows * width);
  m_delta.assign(static_cast<std::size_t>(rows), 0.0);
  m_state.assign(static_cast<std::size_t>(rows), 0.0);
  parallelFor(rows, m_threads, 32, [&](std::int64_t begin, std::int64_t end) {
    made.apply({values + begin * width, end - begin, width, selected.data() + begin, positions.data() + begin, tokens + begin});
    for (std::int64_t r = begin; r < end; ++r) {
      if (!selected[static_cast<std::size_t>(r)]) continue;
      const float* const now = values + r * width;
      const float* const before = m_before.data() + r * width;
      double delta = 0, state = 0;
      for (std::int64_t i = 0; i < width; ++i) {
        const double change = static_cast<double>(now[i]) - static_cast<double>(before[i]);
        delta += change * change;
        state += static_cast<double>(before[i]) * static_cast<double>(before[i]);
      }
      m_delta[static_cast<std::size_t>(r)] = delta;
      m_state[static_cast<std::size_t>(r)] = state;
    }
  });
  for (std::size_t r = 0; r < selected.size(); ++r) {  // in row order: the sum does not depend on the threads
    total.rows += selected[r];
    total.deltaSquared += m_delta[r];
    total.stateSquared += m_state[r];
  }
}

}  // namespace lacuna::model
