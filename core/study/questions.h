#pragma once

#include "lacuna/study/people.h"

namespace lacuna::study {

/// The document of an id among documents by ascending id; null: there is none.
const DocumentRow* documentIn(const std::vector<DocumentRow>& documents, DocumentId id);
/// Without blanks around it, on one line.
std::string oneLine(const std::string& text);

}  // namespace lacuna::study
