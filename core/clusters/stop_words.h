#pragma once

#include <string_view>

namespace lacuna::clusters {

/// English function words, and single ASCII characters: they name no topic.
bool isStopWord(std::string_view lowerCaseWord);

}  // namespace lacuna::clusters
