#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lacuna {

/// Shortest text that reads back as the same double (std::to_chars): locale-free. NaN "nan", infinities "inf", "-inf".
std::string formatNumber(double value);
/// Fixed number of decimals, locale-free: formatFixed(0.12345, 3) = "0.123".
std::string formatFixed(double value, int decimals);
/// The whole text must be a number (std::from_chars); otherwise nothing.
std::optional<double> parseNumber(std::string_view text);

}  // namespace lacuna
