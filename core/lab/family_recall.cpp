#include "grammar.h"

namespace lacuna::lab {

Instance writeRecall(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  const int facts = 3 + static_cast<int>(rng.below(2));
  const auto things = rng.sample(static_cast<std::int64_t>(objects().size()), facts);
  const auto shades = pickSome(rng, colours(), 4);
  static constexpr std::string_view Facts[2][3] = {
      {"The %0 is in the %1 %2.", "%3 put the %0 in the %1 %2.", "You find the %0 in the %1 %2."},
      {"The %0 is stored in the %1 %2.", "Stock: the %0 lies in the %1 %2.", "%3 deposited the %0 in the %1 %2."}};
  static constexpr std::string_view Questions[2][2] = {{"%1 wants the %0 and looks in the", "Where is the %0? It is in the"},
                                                       {"Enquiry: the %0 is kept in the", "%1 requests the %0 from the"}};
  Instance instance;
  const std::size_t form = rng.below(3);
  for (int i = 0; i < 4; ++i) instance.choices.push_back(shades[static_cast<std::size_t>(i)] + " " + std::string(pick(rng, containers())));
  for (int i = 0; i < facts; ++i) {
    const auto& where = instance.choices[static_cast<std::size_t>(i)];
    const auto space = where.find(' ');
    instance.prompt += fill(Facts[plain ? 0 : 1][form], {objects()[static_cast<std::size_t>(things[static_cast<std::size_t>(i)])].one,
                                                         where.substr(0, space), where.substr(space + 1), pickNames(rng, 1)[0]}) + " ";
  }
  // Everything is asked for, in another order than it was told; a task asks the first of these questions alone.
  const auto order = rng.permutation(facts);
  const std::size_t question = rng.below(2);
  for (const auto i : order) {
    const std::string asks = fill(Questions[plain ? 0 : 1][question],
                                  {objects()[static_cast<std::size_t>(things[static_cast<std::size_t>(i)])].one, pickNames(rng, 1)[0]});
    const auto& where = instance.choices[static_cast<std::size_t>(i)];
    if (i == order.front()) instance.prompt += asks;
    else instance.tail += ". " + asks + " " + where;
  }
  instance.answer = instance.choices[static_cast<std::size_t>(order.front())];
  instance.tail += ".";
  shuffle(rng, instance.choices);
  instance.group = std::string(plain ? "plain-" : "formal-") + std::to_string(form) + std::to_string(question);
  return instance;
}

}  // namespace lacuna::lab
