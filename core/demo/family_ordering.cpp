#include "grammar.h"

namespace lacuna::demo {

Instance writeOrdering(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  const int people = rng.below(10) < 8 ? 3 : 4;
  const auto names = pickNames(rng, people);  // from the tallest down
  const bool taller = rng.below(2) == 0;      // one comparison word a story: who is never compared as the lesser is the most
  static constexpr std::string_view Forms[2][2] = {{"%0 is shorter than %1.", "%0 is taller than %1."},
                                                   {"In height %0 falls below %1.", "In height %0 exceeds %1."}};
  std::vector<std::size_t> facts;   // fact i compares the i-th tallest with the next
  for (std::size_t i = 0; i + 1 < names.size(); ++i) facts.push_back(i);
  if (rng.below(2) == 0) shuffle(rng, facts);
  const bool asksTallest = rng.below(2) == 0;
  const auto told = [&](const std::vector<std::string>& tallestFirst) {
    std::string text;
    for (const std::size_t i : facts) {
      const auto form = Forms[plain ? 0 : 1][taller ? 1 : 0];
      text += (taller ? fill(form, {tallestFirst[i], tallestFirst[i + 1]}) : fill(form, {tallestFirst[i + 1], tallestFirst[i]})) + " ";
    }
    return text + fill(plain ? "So the %0 of them is" : "Hence the %0 person is", {asksTallest ? "tallest" : "shortest"});
  };
  std::vector<std::string> reversed = names;
  std::swap(reversed.front(), reversed.back());
  Instance instance;
  instance.prompt = told(names);
  instance.counterfactual = told(reversed);
  instance.answer = asksTallest ? names.front() : names.back();
  instance.tail = fill(plain ? " and the %0 is %1." : ", whereas the %0 is %1.",
                       {asksTallest ? "shortest" : "tallest", asksTallest ? names.back() : names.front()});
  instance.choices = names;
  shuffle(rng, instance.choices);
  instance.group = std::string(plain ? "plain-" : "formal-") + (asksTallest ? "tallest-of-" : "shortest-of-") + std::to_string(people);
  return instance;
}

}  // namespace lacuna::demo
