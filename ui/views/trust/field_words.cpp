#include "views/trust/field_words.h"

#include <algorithm>
#include <cmath>

#include "views/format.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

const study::Field* fieldShown(const study::Results& results, const SelectionModel& selection) {
  if (const study::Field* named = results.evidence.field(selection.field())) return named;
  return results.evidence.fields.empty() ? nullptr : &results.evidence.fields.front();
}

const study::ValidityRow* validityShown(const study::Results& results, const SelectionModel& selection) {
  const study::Field* field = fieldShown(results, selection);
  return field ? results.evidence.against(field->name) : nullptr;
}

QString purityText(const study::ValidityRow& v) {
  return ClusterValidityViewModel::tr("against “%1”: purity %2 (%3 by chance, adjusted %4) · AMI %5").arg(qs(v.field), number(v.purity, 2), number(v.expected, 2), number(v.adjusted, 2), number(v.ami, 2));
}

std::vector<LargestValue> largestValues(const study::Results& results, const SelectionModel& selection) {
  std::vector<LargestValue> out(results.clusters.size(), {QString(), std::nan(""), std::nan("")});
  const study::Field* field = fieldShown(results, selection);
  if (!field) return out;
  const auto rows = study::contingencyOf(results.documents, results.evidence, *field);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::int64_t most = 0, all = 0;
    double expected = 0;
    for (const study::ContingencyRow& row : rows) {
      if (row.cluster != results.clusters[i].id) continue;
      all += row.documents;
      if (row.documents > most) most = row.documents, out[i].value = qs(field->values[row.value]), expected = row.expected;
    }
    if (all > 0) out[i].share = static_cast<double>(most) / static_cast<double>(all), out[i].expected = expected / static_cast<double>(all);
  }
  return out;
}

}  // namespace lacuna::ui
