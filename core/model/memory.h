#pragma once

#include <cstdint>
#include <string>

#include "lacuna/model/model.h"

namespace lacuna::model {

/// Bytes this program holds in memory now; 0 when the system does not say.
std::uint64_t residentMemory();
std::string sizeText(std::uint64_t bytes);   ///< "1.25 GiB"

}  // namespace lacuna::model
