#pragma once

#include <string>
#include <string_view>

namespace lacuna {

/// Text for a terminal: control characters (C0 but for line ends, DEL, C1) and marks that turn the direction of writing stand as "\\u001b", bytes
/// that are no UTF-8 as U+FFFD. Names of files and fields are foreign.
std::string forTerminal(std::string_view text);

}  // namespace lacuna
