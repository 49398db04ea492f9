#pragma once

#include "lacuna/store/store.h"
#include "lacuna/study/evidence.h"
#include "lacuna/study/results.h"

namespace lacuna::study {

/// Of a study file whose documents were read already. Cells that cannot be read are not known.
Evidence readEvidence(const store::Store& store, const std::vector<DocumentRow>& documents, const std::string& specJson);

}  // namespace lacuna::study
