#include "lacuna/base/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace lacuna {

std::string formatNumber(double value) {
  if (std::isnan(value)) return "nan";  // to_chars would write "-nan" for a set sign bit
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

std::string formatFixed(double value, int decimals) {
  if (!std::isfinite(value)) return formatNumber(value);
  decimals = std::clamp(decimals, 0, 100);
  std::array<char, 512> buffer;  // the largest double has 309 digits before the point
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
  std::string text(buffer.data(), end.ptr);
  const bool zero = text.find_first_not_of("-0.") == std::string::npos;
  if (zero && text.front() == '-') text.erase(0, 1);  // a rounded-away negative is shown as 0
  return text;
}

std::optional<double> parseNumber(std::string_view text) {
  double value = 0;
  const char* last = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), last, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != last) return std::nullopt;
  return value;
}

}  // namespace lacuna
