#pragma once

#include "lacuna/store/store.h"
#include "lacuna/study/study.h"

namespace lacuna::study {

enum class Texts { Whole, Begun };   ///< of documents: all of them, or the beginnings that tables and cards show (Results::textBegun)

/// Everything an open study file holds.
Results readResults(const store::Store& store, Texts texts = Texts::Whole);

}  // namespace lacuna::study
