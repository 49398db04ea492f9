#include "unshare.h"

#include <algorithm>

#include "lacuna/base/error.h"

namespace lacuna::model {

std::vector<std::int64_t> firstRows(const Forest& forest) {
  std::vector<std::int64_t> rows{0};
  for (const Segment& segment : forest) rows.push_back(rows.back() + static_cast<std::int64_t>(segment.ids.size()));
  return rows;
}

Unshared unshare(const Forest& forest) {
  std::vector<bool> leaf(forest.size(), true);
  for (std::size_t i = 0; i < forest.size(); ++i) {
    if (forest[i].parent >= static_cast<int>(i)) throw Error("LAC-1004", "Segment " + std::to_string(i) + " names a parent that does not come before it");
    if (forest[i].parent >= 0) leaf[static_cast<std::size_t>(forest[i].parent)] = false;
  }
  Unshared out;
  out.firstCopy.assign(forest.size(), -1);
  for (std::size_t i = 0; i < forest.size(); ++i) {
    if (!leaf[i]) continue;
    std::vector<int> chain;
    for (int s = static_cast<int>(i); s >= 0; s = forest[static_cast<std::size_t>(s)].parent) chain.push_back(s);
    int parent = -1;
    for (auto s = chain.rbegin(); s != chain.rend(); ++s) {
      Segment copy = forest[static_cast<std::size_t>(*s)];
      copy.parent = parent;
      parent = static_cast<int>(out.forest.size());
      int& first = out.firstCopy[static_cast<std::size_t>(*s)];
      if (first < 0) first = parent;
      out.forest.push_back(std::move(copy));
      out.source.push_back(*s);
    }
  }
  return out;
}

ForwardResult forwardUnshared(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request,
                              const RunContext& context) {
  const Unshared texts = unshare(forest);
  ForwardRequest moved = request;
  const auto copyOf = [&](int segment) {
    if (segment < 0 || static_cast<std::size_t>(segment) >= forest.size())
      throw Error("LAC-1004", "Segment " + std::to_string(segment) + " was asked for; the forest has no such segment");
    return texts.firstCopy[static_cast<std::size_t>(segment)];
  };
  for (ScoredToken& token : moved.scored) token.segment = copyOf(token.segment);
  for (TokenAt& token : moved.logitsAt) token.segment = copyOf(token.segment);
  ForwardResult result = forward(model, texts.forest, arms, moved, context);
  const auto given = firstRows(forest), copied = firstRows(texts.forest);
  for (auto& arm : result.captured)
    for (MatrixF& states : arm) {
      MatrixF ordered(given.back(), states.cols());
      for (std::size_t s = 0; s < forest.size(); ++s)
        ordered.middleRows(given[s], given[s + 1] - given[s]) =
            states.middleRows(copied[static_cast<std::size_t>(texts.firstCopy[s])], given[s + 1] - given[s]);
      states = std::move(ordered);
    }
  return result;
}

}  // namespace lacuna::model
