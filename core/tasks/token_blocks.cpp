#include <algorithm>
#include <unordered_map>

#include "answer_metrics.h"

namespace lacuna::tasks {
namespace {

using Ids = std::vector<std::int32_t>;
struct Block { std::size_t a, b, size; };

/// Positions of each id in b. As difflib does, ids that fill more than 1 % of a long b find no match.
std::unordered_map<std::int32_t, std::vector<std::size_t>> positionsOf(const Ids& b) {
  std::unordered_map<std::int32_t, std::vector<std::size_t>> result;
  for (std::size_t j = 0; j < b.size(); ++j) result[b[j]].push_back(j);
  const std::size_t popular = b.size() / 100 + 1;
  if (b.size() >= 200) std::erase_if(result, [&](const auto& entry) { return entry.second.size() > popular; });
  return result;
}

class Matcher {
 public:
  Matcher(const Ids& a, const Ids& b) : m_a(a), m_b(b), m_positions(positionsOf(b)) {}

  /// Longest block inside the given bounds, the earliest in a, then in b; grown over popular ids at both ends.
  Block longest(std::size_t aBegin, std::size_t aEnd, std::size_t bBegin, std::size_t bEnd) const {
    Block best{aBegin, bBegin, 0};
    std::unordered_map<std::size_t, std::size_t> lengths;
    for (std::size_t i = aBegin; i < aEnd; ++i) {
      std::unordered_map<std::size_t, std::size_t> next;
      const auto found = m_positions.find(m_a[i]);
      for (const std::size_t j : found == m_positions.end() ? std::vector<std::size_t>{} : found->second) {
        if (j < bBegin) continue;
        if (j >= bEnd) break;
        const auto before = j == 0 ? lengths.end() : lengths.find(j - 1);
        const std::size_t length = (before == lengths.end() ? 0 : before->second) + 1;
        next[j] = length;
        if (length > best.size) best = {i + 1 - length, j + 1 - length, length};
      }
      lengths = std::move(next);
    }
    while (best.a > aBegin && best.b > bBegin && m_a[best.a - 1] == m_b[best.b - 1]) best = {best.a - 1, best.b - 1, best.size + 1};
    while (best.a + best.size < aEnd && best.b + best.size < bEnd && m_a[best.a + best.size] == m_b[best.b + best.size]) ++best.size;
    return best;
  }

 private:
  const Ids& m_a;
  const Ids& m_b;
  std::unordered_map<std::int32_t, std::vector<std::size_t>> m_positions;
};

}  // namespace

SharedTokens sharedTokens(const Ids& a, const Ids& b) {
  const Matcher matcher(a, b);
  struct Range { std::size_t aBegin, aEnd, bBegin, bEnd; };
  std::vector<Range> open{{0, a.size(), 0, b.size()}};
  std::vector<Block> blocks;
  while (!open.empty()) {
    const Range range = open.back();
    open.pop_back();
    const Block block = matcher.longest(range.aBegin, range.aEnd, range.bBegin, range.bEnd);
    if (block.size == 0) continue;
    blocks.push_back(block);
    open.push_back({range.aBegin, block.a, range.bBegin, block.b});
    open.push_back({block.a + block.size, range.aEnd, block.b + block.size, range.bEnd});
  }
  std::sort(blocks.begin(), blocks.end(), [](const Block& x, const Block& y) { return x.a < y.a; });
  SharedTokens result;
  for (const Block& block : blocks)
    for (std::size_t i = 0; i < block.size; ++i) {
      result.inA.push_back(static_cast<std::int64_t>(block.a + i));
      result.inB.push_back(static_cast<std::int64_t>(block.b + i));
    }
  return result;
}

std::vector<RollingWindow> rollingWindows(const Ids& tokens, std::int32_t prefix, std::int64_t maxLength) {
  std::vector<RollingWindow> windows;
  const auto length = static_cast<std::ptrdiff_t>(maxLength), n = static_cast<std::ptrdiff_t>(tokens.size());
  for (std::ptrdiff_t begin = 0; begin < n;) {
    const std::ptrdiff_t end = std::min(n, begin + length);
    RollingWindow window;
    window.scored.assign(tokens.begin() + begin, tokens.begin() + end);
    // Later windows are filled up to the model's length with the tokens before them, at least one.
    if (begin == 0) window.context = {prefix};
    else window.context.assign(tokens.begin() + (end - length - 1), tokens.begin() + begin);
    windows.push_back(std::move(window));
    begin = end;
  }
  return windows;
}

}  // namespace lacuna::tasks
