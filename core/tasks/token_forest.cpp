#include "token_forest.h"

#include <algorithm>

#include "lacuna/base/error.h"

namespace lacuna::tasks {
namespace {

constexpr std::uint64_t kPrompt = 0, kLastOfPrompt = 1, kAnswer = 2;
constexpr std::size_t kWorthSharing = 16;   // shorter common beginnings save less than a segment costs

bool isAnswer(std::uint64_t key) { return (key >> 32) == kAnswer; }

std::vector<std::uint64_t> keysOf(std::span<const std::int32_t> ids, std::size_t promptLength) {
  std::vector<std::uint64_t> keys(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::uint64_t part = i >= promptLength ? kAnswer : i + 1 == promptLength ? kLastOfPrompt : kPrompt;
    keys[i] = (part << 32) | static_cast<std::uint32_t>(ids[i]);
  }
  return keys;
}

}  // namespace

std::size_t TokenForest::shared(int node, std::span<const Key> keys) const {
  const auto& own = m_nodes[static_cast<std::size_t>(node)].keys;
  std::size_t n = 0;
  while (n < own.size() && n < keys.size() && own[n] == keys[n]) ++n;
  return n;
}

int TokenForest::append(int parent, std::span<const Key> keys) {
  while (!keys.empty()) {
    std::size_t n = 1;
    while (n < keys.size() && isAnswer(keys[n]) == isAnswer(keys[0])) ++n;
    const int node = static_cast<int>(m_nodes.size());
    m_nodes.push_back({{keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(n)}, parent, {}});
    childrenOf(parent).push_back(node);
    m_tokens += static_cast<std::int64_t>(n);
    parent = node;
    keys = keys.subspan(n);
  }
  return parent;
}

int TokenForest::split(int node, std::size_t at) {
  const int head = static_cast<int>(m_nodes.size());
  Node& tail = m_nodes[static_cast<std::size_t>(node)];
  const auto border = tail.keys.begin() + static_cast<std::ptrdiff_t>(at);
  Node front{{tail.keys.begin(), border}, tail.parent, {node}};
  tail.keys.erase(tail.keys.begin(), border);
  std::vector<int>& siblings = childrenOf(front.parent);
  *std::find(siblings.begin(), siblings.end(), node) = head;
  tail.parent = head;
  m_nodes.push_back(std::move(front));
  return head;
}

int TokenForest::place(std::span<const Key> keys) {
  int node = -1;
  while (!keys.empty()) {
    int best = -1;
    std::size_t length = 0;
    for (const int child : childrenOf(node))
      if (const std::size_t n = shared(child, keys); n > length) { best = child; length = n; }
    const bool whole = best >= 0 && length == m_nodes[static_cast<std::size_t>(best)].keys.size();
    if (!whole && length < kWorthSharing) return append(node, keys);
    node = whole ? best : split(best, length);
    keys = keys.subspan(length);
  }
  return node;
}

std::size_t TokenForest::add(std::span<const std::int32_t> ids, std::size_t promptLength) {
  LACUNA_CHECK(!ids.empty() && promptLength <= ids.size());
  const std::vector<Key> keys = keysOf(ids, promptLength);
  m_ends.push_back(place(keys));
  return m_ends.size() - 1;
}

TokenForest::Layout TokenForest::layout() const {
  Layout result;
  std::vector<int> segmentOf(m_nodes.size(), -1), open(m_roots.rbegin(), m_roots.rend());
  std::vector<std::size_t> firstScored(m_nodes.size(), 0);
  while (!open.empty()) {
    const auto at = static_cast<std::size_t>(open.back());
    open.pop_back();
    const Node& node = m_nodes[at];
    model::Segment segment;
    for (const Key key : node.keys) segment.ids.push_back(static_cast<std::int32_t>(key & 0xFFFFFFFFu));
    segment.parent = node.parent < 0 ? -1 : segmentOf[static_cast<std::size_t>(node.parent)];
    segment.answer = isAnswer(node.keys.front());
    segmentOf[at] = static_cast<int>(result.forest.size());
    firstScored[at] = result.scored.size();
    if (segment.answer)
      for (int offset = 0; offset < static_cast<int>(segment.ids.size()); ++offset) result.scored.push_back({segmentOf[at], offset});
    result.forest.push_back(std::move(segment));
    open.insert(open.end(), node.children.rbegin(), node.children.rend());
  }
  for (const int end : m_ends) {
    std::vector<std::size_t> answer;
    for (int at = end; at >= 0 && isAnswer(m_nodes[static_cast<std::size_t>(at)].keys.front()); at = m_nodes[static_cast<std::size_t>(at)].parent)
      for (std::size_t i = m_nodes[static_cast<std::size_t>(at)].keys.size(); i-- > 0;) answer.push_back(firstScored[static_cast<std::size_t>(at)] + i);
    std::reverse(answer.begin(), answer.end());
    result.answers.push_back(std::move(answer));
    const auto& keys = m_nodes[static_cast<std::size_t>(end)].keys;
    result.ends.push_back({segmentOf[static_cast<std::size_t>(end)], static_cast<int>(keys.size()) - 1});
  }
  return result;
}

}  // namespace lacuna::tasks
