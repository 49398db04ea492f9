#include "grammar.h"

namespace lacuna::demo {

Instance writeOrdering(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  const int people = rng.below(10) < 8 ? 3 : 4;
  const auto names = pickNames(rng, people);  // from the tallest down
  const bool taller = rng.below(2) == 0;      // one comparison word a story: who is never compared as the lesser is the most
  static constexpr std::string_view Forms[2][2] = {{"%0 is shorter than %1.", "%0 is taller than %1."},
                                                   {"In height %0 falls below %1.", "In height %0 exceeds %1."}};
  std::vector<std::string> facts;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    const auto form = Forms[plain ? 0 : 1][taller ? 1 : 0];
    facts.push_back(taller ? fill(form, {names[i], names[i + 1]}) : fill(form, {names[i + 1], names[i]}));
  }
  if (rng.below(2) == 0) shuffle(rng, facts);
  Instance instance;
  for (const auto& fact : facts) instance.prompt += fact + " ";
  const bool asksTallest = rng.below(2) == 0;
  instance.prompt += fill(plain ? "So the %0 of them is" : "Hence the %0 person is", {asksTallest ? "tallest" : "shortest"});
  instance.answer = asksTallest ? names.front() : names.back();
  instance.tail = fill(plain ? " and the %0 is %1." : ", whereas the %0 is %1.",
                       {asksTallest ? "shortest" : "tallest", asksTallest ? names.back() : names.front()});
  instance.choices = names;
  shuffle(rng, instance.choices);
  instance.group = std::string(plain ? "plain-" : "formal-") + (asksTallest ? "tallest-of-" : "shortest-of-") + std::to_string(people);
  return instance;
}

}  // namespace lacuna::demo
