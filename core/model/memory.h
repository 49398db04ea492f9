#pragma once

#include <cstdint>
#include <string>

namespace lacuna::model {

/// Bytes the system can still give without swapping (MemAvailable); 0 when it does not say.
std::uint64_t availableMemory();
std::string sizeText(std::uint64_t bytes);   ///< "1.25 GiB"

}  // namespace lacuna::model
