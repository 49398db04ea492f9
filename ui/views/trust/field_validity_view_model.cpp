#include <algorithm>
#include <cmath>

#include "views/format.h"
#include "views/trust/field_words.h"
#include "views/trust/metadata_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

FieldValidityViewModel::FieldValidityViewModel(StudyContext& context) : ViewModel(context, u"field-validity"_s, tr("Agreement with metadata")) {}

QString FieldValidityViewModel::subtitle() const {
  const study::Field* field = fieldShown(results(), selection());
  const study::ValidityRow* v = validityShown(results(), selection());
  if (!field || !v) return {};
  return tr("clusters against “%1” · %2 values · %3 documents · line: by chance").arg(qs(field->name)).arg(field->values.size()).arg(count(v->documents));
}

QString FieldValidityViewModel::note() const {
  return results().evidence.stale ? tr("Out of date: clusters or settings changed since these numbers were worked out.") : QString();
}

QString FieldValidityViewModel::summary() const {
  const study::ValidityRow* v = validityShown(results(), selection());
  return v ? purityText(*v) + tr(" · NMI %1 · ARI %2").arg(number(v->nmi, 2), number(v->ari, 2)) : QString();
}

QString FieldValidityViewModel::caption() const {
  return tr("%1 Purity rises with the number of clusters, so it stands beside what permuted clusters reach; adjusted purity, AMI and ARI are 0 by chance.").arg(ViewModel::caption());
}

EmptyState FieldValidityViewModel::emptyState() const {
  const QString what = tr("How far clusters and metadata agree");
  if (validityShown(results(), selection())) return {};
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  if (results().evidence.multiLabel()) return {what, tr("A document may be in several clusters: purity, NMI, AMI and ARI compare partitions and are not defined."), {}, {}};
  const study::Field* field = fieldShown(results(), selection());
  if (!field) return {what, tr("The documents have no field of 2 to 1,000 values: there is nothing to compare with."), {}, {}};
  return {what, tr("“%1” was not compared yet, or all documents with a cluster have one value.").arg(qs(field->name)), u"study.update"_s, tr("Run the study")};
}

BarFigure FieldValidityViewModel::figure() const {
  BarFigure f;
  const study::ValidityRow* v = validityShown(results(), selection());
  if (!v) return f;
  const auto add = [&](const QString& name, double value, const QString& meaning) {
    BarFigure::Bar bar{name, number(value, 2), u"%1 %2\n%3"_s.arg(name, number(value, 3), meaning), std::isnan(value) ? 0 : std::max(0.0, value)};
    bar.tone = int(toneAccent);
    f.bars.push_back(std::move(bar));
  };
  add(tr("purity"), v->purity, tr("documents of their cluster's most frequent value; by chance %1").arg(number(v->expected, 3)));
  f.bars.back().right = tr("%1 (%2 by chance)").arg(number(v->purity, 2), number(v->expected, 2));
  f.bars.back().mark = v->expected;
  add(tr("adjusted purity"), v->adjusted, tr("(purity − chance) / (1 − chance): 0 by chance, 1 at best"));
  add(tr("NMI"), v->nmi, tr("mutual information over the mean of both entropies; rises with the number of clusters"));
  add(tr("AMI"), v->ami, tr("the same, 0 by chance"));
  add(tr("ARI"), v->ari, tr("pairs of documents that both keep together or apart; 0 by chance"));
  add(tr("homogeneity"), v->homogeneity, tr("1: every cluster has one value"));
  add(tr("completeness"), v->completeness, tr("1: every value is in one cluster"));
  return f;
}

TableData FieldValidityViewModel::table() const {
  TableData t{{{"field", tr("Field")}, {"purity", tr("Purity"), true}, {"purity_expected", tr("by chance"), true}, {"purity_adjusted", tr("adjusted"), true}, {"nmi", tr("NMI"), true},
               {"ami", tr("AMI"), true}, {"ari", tr("ARI"), true}, {"homogeneity", tr("Homogeneity"), true}, {"completeness", tr("Completeness"), true}, {"n_documents", tr("Documents"), true}}, {}};
  for (const auto& v : results().evidence.validity)
    t.rows.push_back({qs(v.field), v.purity, v.expected, v.adjusted, v.nmi, v.ami, v.ari, v.homogeneity, v.completeness, v.documents});
  return t;
}

}  // namespace lacuna::ui
