#include <algorithm>

#include "grammar.h"

namespace lacuna::demo {
namespace {

constexpr std::string_view Open[] = {"(", "[", "{"}, Close[] = {")", "]", "}"};

std::string joined(const std::vector<int>& kinds) {
  std::string text;
  for (const int kind : kinds) text += (text.empty() ? "" : " ") + std::string(Close[kind]);
  return text;
}

/// A random walk over nesting depths that ends `depth` deep: the text, and the kinds still open, innermost first.
struct Walk { std::string text; std::vector<int> open; };
Walk walk(Rng& rng, std::size_t depth) {
  Walk made;
  const std::size_t least = 4 + rng.below(5);
  for (std::size_t written = 0; written < least || made.open.size() != depth; ++written) {
    const bool full = made.open.size() >= 4 || (written >= least && made.open.size() > depth);
    const bool opens = made.open.empty() || (!full && (rng.below(100) < 58 || (written >= least && made.open.size() < depth)));
    const int kind = opens ? static_cast<int>(rng.below(3)) : made.open.back();
    made.text += (made.text.empty() ? "" : " ") + std::string(opens ? Open[kind] : Close[kind]);
    if (opens) made.open.push_back(kind);
    else made.open.pop_back();
  }
  std::reverse(made.open.begin(), made.open.end());
  return made;
}

/// The right closing and three of the same length that are wrong at one or more places.
std::vector<std::string> closings(Rng& rng, const std::vector<int>& open) {
  std::vector<std::string> all{joined(open)};
  while (all.size() < 4) {
    std::vector<int> wrong = open;
    const std::size_t at = rng.below(wrong.size());
    wrong[at] = static_cast<int>((static_cast<std::size_t>(wrong[at]) + 1 + rng.below(2)) % 3);
    if (rng.below(3) == 0) shuffle(rng, wrong);
    const std::string text = joined(wrong);
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  }
  shuffle(rng, all);
  return all;
}

}  // namespace

Instance writeBrackets(Rng& rng, Register reg) {
  static constexpr std::string_view Plain[] = {"%0 writes the brackets", "%0 opens and closes:", "Brackets for %0:"};
  static constexpr std::string_view Formal[] = {"The balanced sequence is", "A well formed string of %0 reads", "Sequence on %1:"};
  const bool plain = reg == Register::Plain;
  const std::size_t form = rng.below(3);
  const Walk made = walk(rng, 2 + rng.below(3));
  Instance instance;
  instance.prompt = fill(plain ? Plain[form] : Formal[form], {pickNames(rng, 1)[0], pick(rng, days())}) + " " + made.text;
  instance.answer = joined(made.open);
  instance.tail = plain ? " done." : " end.";
  instance.choices = closings(rng, made.open);
  instance.group = (plain ? "plain-" : "formal-") + std::to_string(made.open.size()) + "-open";
  return instance;
}

}  // namespace lacuna::demo
