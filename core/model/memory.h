#pragma once

#include <cstdint>
#include <string>

namespace lacuna::model {

/// Bytes the system can still give without swapping (MemAvailable); 0 when it does not say.
std::uint64_t availableMemory();
/// Bytes this program holds in memory now; 0 when the system does not say.
std::uint64_t residentMemory();
std::string sizeText(std::uint64_t bytes);   ///< "1.25 GiB"

}  // namespace lacuna::model
