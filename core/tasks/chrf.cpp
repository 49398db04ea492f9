#include <algorithm>
#include <map>
#include <string>

#include "answer_metrics.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

constexpr std::size_t kOrder = 6;
constexpr double kBetaSquared = 4;

using Counts = std::map<std::u32string, std::int64_t>;

std::u32string withoutSpaces(std::string_view text) {
  std::u32string out;
  for (const char32_t c : text::codePoints(text))
    if (!text::isSpace(c)) out += c;
  return out;
}

Counts gramsOf(const std::u32string& text, std::size_t n) {
  Counts counts;
  for (std::size_t at = 0; at + n <= text.size(); ++at) ++counts[text.substr(at, n)];
  return counts;
}

std::int64_t sharedCount(const Counts& a, const Counts& b) {
  std::int64_t shared = 0;
  for (const auto& [gram, count] : a)
    if (const auto found = b.find(gram); found != b.end()) shared += std::min(count, found->second);
  return shared;
}

std::size_t gramCount(const std::u32string& text, std::size_t n) { return text.size() >= n ? text.size() - n + 1 : 0; }

}  // namespace

double chrF(std::string_view prediction, std::string_view reference) {
  const std::u32string own = withoutSpaces(prediction), wanted = withoutSpaces(reference);
  double precision = 0, recall = 0, orders = 0;
  for (std::size_t n = 1; n <= kOrder; ++n) {
    const std::size_t made = gramCount(own, n), there = gramCount(wanted, n);
    if (made == 0 || there == 0) continue;   // only orders that both texts have count
    const auto shared = static_cast<double>(sharedCount(gramsOf(own, n), gramsOf(wanted, n)));
    precision += shared / static_cast<double>(made);
    recall += shared / static_cast<double>(there);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + kBetaSquared) * precision * recall / (kBetaSquared * precision + recall);
}

}  // namespace lacuna::tasks
