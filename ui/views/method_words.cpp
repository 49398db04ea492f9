#include "views/method_words.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <map>

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString tr(const char* text) { return QCoreApplication::translate("format", text); }

struct Words { QString name, formula; };

const std::map<QString, Words>& words() {
  static const std::map<QString, Words> all{
      {u"zero"_s, {tr("zero ablation"), tr("h_S ← (1 − ε) h_S: the selected neurons move to zero")}},
      {u"mean"_s, {tr("mean ablation"), tr("h_S ← h_S + ε (μ_S − h_S): the selected neurons move to their mean")}},
      {u"resample"_s, {tr("resample ablation"), tr("h_S ← h_S + ε (h′_S − h_S): the selected neurons take values from documents of other clusters")}},
      {u"project"_s, {tr("projection"), tr("h ← h − ε V Vᵀ(h − μ): the cluster's subspace is taken out")}},
      {u"leace"_s, {tr("LEACE"), tr("h ← h − ε P̃(h − μ): the smallest edit after which no linear probe finds the cluster")}},
      {u"grad_sign"_s, {tr("gradient sign"), tr("h ← h − ε ρ sign(∂z/∂h): a step against the probe's logit, in units of the site's RMS")}},
      {u"grad_l2"_s, {tr("gradient, L2"), tr("h ← h − ε ρ √d · g/‖g‖: a step against the probe's logit, as long as the full sign step")}},
      {u"flip"_s, {tr("flip"), tr("h ← h − ε (z + m) w/‖w‖²: the probe's logit z moves to −m, as if the text were from outside the cluster")}},
      {u"interchange"_s, {tr("exchanged states"), tr("h_S ← h′_S: the selected neurons take the values that the counterfactual prompt gives")}}};
  return all;
}

/// The part that a mark opens, up to the next mark; empty when it is not there.
QString part(const QString& recipe, QChar mark) {
  const qsizetype at = recipe.indexOf(mark);
  if (at < 0) return {};
  static const QRegularExpression marks(u"[:@+=]"_s);
  const qsizetype end = recipe.indexOf(marks, at + 1);
  return recipe.mid(at + 1, end < 0 ? -1 : end - at - 1);
}

QString subspaceWords(const QString& subspace) {
  if (subspace == "probe"_L1) return tr("probe direction");
  static const QRegularExpression ranked(u"^([a-z]+)(\\d*)$"_s);
  const auto match = ranked.match(subspace);
  if (!match.hasMatch()) return subspace;
  return match.captured(2).isEmpty() ? match.captured(1).toUpper() : tr("%1 %2 directions").arg(match.captured(2), match.captured(1).toUpper());
}

QString tokenWords(const QString& tokens) {
  if (tokens == "last"_L1) return tr("last token");
  if (tokens == "gated"_L1) return tr("tokens the probe marks");
  return tr("%1 tokens").arg(tokens);
}

QString spanWords(const QString& span) {
  if (span == "onward"_L1) return tr("this layer and all above");
  return span.startsWith("window"_L1) ? tr("window of %1 layers").arg(span.mid(6)) : span;
}

QString baseOf(const QString& method) {
  static const QRegularExpression marks(u"[:@+=]"_s);
  const qsizetype at = method.indexOf(marks);
  return at < 0 ? method : method.left(at);
}

}  // namespace

const QStringList& methodIds() {
  static const QStringList ids{u"zero"_s, u"mean"_s, u"resample"_s, u"project"_s, u"leace"_s, u"grad_sign"_s, u"grad_l2"_s, u"flip"_s};
  return ids;
}

QString methodName(const QString& method) {
  const auto found = words().find(baseOf(method));
  if (found == words().end()) return method;
  QStringList said{found->second.name};
  if (const QString subspace = part(method, u':'); !subspace.isEmpty()) said << subspaceWords(subspace);
  if (const QString tokens = part(method, u'@'); !tokens.isEmpty()) said << tokenWords(tokens);
  if (const QString span = part(method, u'+'); !span.isEmpty()) said << spanWords(span);
  if (part(method, u'=') == "norm"_L1) said << tr("norm kept");
  return said.join(u" · "_s);
}

bool usesNeurons(const QString& method) {
  const QString base = baseOf(method);
  return base == "zero"_L1 || base == "mean"_L1 || base == "resample"_L1;
}

QString methodFormula(const QString& method) {
  const auto found = words().find(baseOf(method));
  return found == words().end() ? QString() : found->second.formula;
}

}  // namespace lacuna::ui
