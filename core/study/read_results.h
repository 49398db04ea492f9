#pragma once

#include "lacuna/store/store.h"
#include "lacuna/study/study.h"

namespace lacuna::study {

/// Everything an open study file holds.
Results readResults(const store::Store& store);

}  // namespace lacuna::study
