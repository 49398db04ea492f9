#include "grammar.h"

namespace lacuna::demo {
namespace {

/// One change of a number by 2 … 6 that stays between 2 and 15: few facts, and plurals throughout.
struct Step { int before, by, after; };
Step step(Rng& rng, int before) {
  const bool grows = before <= 3 || (before <= 9 && rng.below(2) == 0);
  const int by = 2 + static_cast<int>(rng.below(static_cast<std::uint64_t>(grows ? 5 : std::min(5, before - 3))));
  return {before, by, grows ? before + by : before - by};
}

std::string sum(const Step& s) {
  return std::to_string(s.before) + (s.after > s.before ? " + " : " - ") + std::to_string(s.by) + " = " + std::to_string(s.after);
}

std::string change(Rng& rng, Register reg, const Step& s, std::string_view who, std::string_view other, std::string_view things) {
  static constexpr std::string_view Gains[2][3] = {{"%0 finds %2 more %3.", "%1 gives %0 %2 more %3.", "Then %0 gets %2 %3 from %1."},
                                                   {"%0 receives %2 more %3.", "%0 acquires %2 %3 from %1.", "A further %2 %3 reach %0."}};
  static constexpr std::string_view Losses[2][3] = {{"%0 loses %2 %3.", "%0 gives %2 %3 to %1.", "Then %1 takes %2 %3 from %0."},
                                                    {"%0 surrenders %2 %3.", "%0 transfers %2 %3 to %1.", "Of these %2 %3 pass to %1."}};
  const auto& forms = s.after > s.before ? Gains : Losses;
  return fill(forms[reg == Register::Plain ? 0 : 1][rng.below(3)], {who, other, std::to_string(s.by), things});
}

}  // namespace

Instance writeArithmetic(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  const auto names = pickNames(rng, 2);
  const std::string things(pick(rng, objects()).many);
  const Step first = step(rng, 2 + static_cast<int>(rng.below(9)));
  const bool two = rng.below(10) < 3;
  const Step second = two ? step(rng, first.after) : first;
  Instance instance;
  instance.prompt = fill(plain ? "%0 has %1 %2. " : "Initially %0 owns %1 %2. ", {names[0], std::to_string(first.before), things}) +
                    change(rng, reg, first, names[0], names[1], things);
  if (two) instance.prompt += " " + change(rng, reg, second, names[0], names[1], things);
  const std::string result = std::to_string(second.after);
  instance.answer = fill(plain ? "Now %0 has " : "In total %0 owns ", {names[0]}) + sum(first) +
                    (two ? (plain ? ", then " : ", hence ") + sum(second) : "") + " " + things + ". #### " + result;
  instance.group = std::string(plain ? "plain-" : "formal-") + (two ? "two-steps" : first.after > first.before ? "plus" : "minus");
  return instance;
}

}  // namespace lacuna::demo
