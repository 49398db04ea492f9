#include "row_edit.h"

#include <cmath>

#include "lacuna/base/error.h"

namespace lacuna::perturbation {
namespace {

double norm(std::span<const float> row) {
  double sum = 0;
  for (const float value : row) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

void restoreNorm(std::span<float> row, double before) {
  const double after = norm(row);
  if (after == 0 || after == before) return;
  for (float& value : row) value = static_cast<float>(value * (before / after));
}

}  // namespace

RowEdit::RowEdit(const Perturbation& p)
    : m_site(p.site), m_layer(p.layer), m_tokens(p.tokens), m_includeFirst(p.includeFirst), m_keepNorm(p.keepNorm), m_gate(p.gate) {}

std::string RowEdit::place() const { return "perturbation of " + model::siteName(m_site) + " " + std::to_string(m_layer.value) + ": "; }

void RowEdit::refuseWidth(const std::string& what, std::int64_t width) const {
  throw Error("LAC-1201", place() + what + ", but the site is " + std::to_string(width) + " wide", "The perturbation was made for another model or site.");
}

void RowEdit::require(std::size_t count, const char* what, std::int64_t width) const {
  if (static_cast<std::int64_t>(count) != width) refuseWidth(std::string(what) + " of " + std::to_string(count) + " numbers", width);
}

bool RowEdit::admits(std::span<const float> row) const {
  if (m_gate.weights.empty()) return true;
  require(m_gate.weights.size(), "a gate", static_cast<std::int64_t>(row.size()));
  double logit = m_gate.bias;
  for (std::size_t j = 0; j < row.size(); ++j) logit += m_gate.weights[j] * static_cast<double>(row[j]);
  return logit > 0;
}

void RowEdit::apply(model::SiteRows rows) const {
  requireWidth(rows.width);
  for (std::int64_t r = 0; r < rows.rows; ++r) {
    if (rows.selected != nullptr && rows.selected[r] == 0) continue;
    const std::span<float> row(rows.values + r * rows.width, static_cast<std::size_t>(rows.width));
    if (!admits(row)) continue;
    const double before = m_keepNorm ? norm(row) : 0;
    change({row, rows.positions != nullptr ? rows.positions[r] : -1});
    if (m_keepNorm) restoreNorm(row, before);
  }
}

}  // namespace lacuna::perturbation
