#pragma once

#include "lacuna/effects/curation.h"

namespace lacuna::effects {

std::vector<std::string> curationCaveats(const CurationInput& input);
std::vector<std::string> evidenceLadder(Evidence present);
/// Throws LAC-1401.
void checkCuration(const CurationInput& input);
/// May the calibration give numbers? Its slope's interval leaves 0 out and stage 13's gate passed.
bool mayTranslate(const CurationInput& input);

}  // namespace lacuna::effects
