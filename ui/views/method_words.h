#pragma once

#include <QString>
#include <QStringList>

/// The methods of a study's spec and the names of its recipes ("project:pca3@last+window3") in words.
namespace lacuna::ui {

/// "zero", "mean", "resample", "project", "leace", "grad_sign", "grad_l2", "flip".
const QStringList& methodIds();
/// "mean ablation"; of a recipe with what differs from the defaults: "projection · 3 PCA directions · last token".
QString methodName(const QString& method);
/// Neurons of S are edited; the other methods edit directions of the whole state, and τ does not matter to them.
bool usesNeurons(const QString& method);
/// One line: what becomes of the hidden state h.
QString methodFormula(const QString& method);

}  // namespace lacuna::ui
