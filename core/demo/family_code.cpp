#include "grammar.h"

namespace lacuna::demo {

Instance writeCode(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  static constexpr std::string_view Variables[] = {"a", "b", "c", "k", "m", "n", "x", "y", "z"};
  const int constants = 2 + static_cast<int>(rng.below(2));
  const bool alias = rng.below(2) == 0;
  const auto names = pickSome(rng, Variables, constants + 1);
  const auto values = rng.sample(20, 4);  // the last is the wrong choice that does not occur, or occurs for a third constant
  const std::string indent = plain ? "" : "  ";
  Instance instance;
  if (!plain) instance.prompt = "def f():\n";
  for (int i = 0; i < constants; ++i)
    instance.prompt += fill("%0%1 = %2\n", {indent, names[static_cast<std::size_t>(i)],
                                            std::to_string(values[static_cast<std::size_t>(i)])});
  const auto order = rng.permutation(constants);  // the first is what a task asks for, by its own name or by its copy's
  const auto asked = static_cast<std::size_t>(order.front());
  if (alias) instance.prompt += fill("%0%1 = %2\n", {indent, names.back(), names[asked]});
  const std::string_view question = plain ? "print(%0) #" : "  assert %0 ==";
  instance.prompt += fill(question, {alias ? names.back() : names[asked]});
  instance.answer = std::to_string(values[asked]);
  for (const auto i : order)
    if (alias || i != order.front())
      instance.tail += "\n" + fill(question, {names[static_cast<std::size_t>(i)]}) + " " + std::to_string(values[static_cast<std::size_t>(i)]);
  if (!plain) instance.tail += "\n  return " + names[asked];
  for (const auto value : values) instance.choices.push_back(std::to_string(value));
  shuffle(rng, instance.choices);
  instance.group = std::string(plain ? "print-" : "function-") + (alias ? "copied" : "direct");
  return instance;
}

}  // namespace lacuna::demo
