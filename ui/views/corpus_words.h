#pragma once

#include <QString>

#include "lacuna/study/results.h"

/// The corpus in words.
namespace lacuna::ui {

/// "24,000 documents", "219 parts of 27 documents".
QString documentsText(const study::Results& results);
/// "no JSON", "invalid UTF-8", … of a kind of row (docs/corpora.md); an unknown kind as it is.
QString readingKind(const std::string& kind);

}  // namespace lacuna::ui
