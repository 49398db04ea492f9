#include "grammar.h"

namespace lacuna::demo {
namespace {

/// How facts are told and asked for: a list puts the place right after the thing, a story says where it is.
struct Form { std::string_view name, start, fact, between, ask, askAgain, stop; };
constexpr Form Plain[] = {{"list", "%1 packed:", " %0 %2 %3", ",", ". Then %4 unpacked: %0", ", %0", "."},
                          {"story", "", "The %0 is in the %2 %3.", " ", " So the %0 is in the", ". The %0 is in the", "."}};
constexpr Form Formal[] = {{"list", "Stock of %1:", " %0 %2 %3", ";", ". Checked by %4: %0", "; %0", "."},
                           {"story", "", "The %0 is stored in the %2 %3.", " ", " Thus the %0 is stored in the", ". The %0 is stored in the", "."}};

}  // namespace

Instance writeRecall(Rng& rng, Register reg) {
  const Form& form = (reg == Register::Plain ? Plain : Formal)[rng.below(2)];
  const std::int64_t facts = 3 + static_cast<std::int64_t>(rng.below(2));
  const auto which = rng.sample(static_cast<std::int64_t>(objects().size()), facts);
  const auto thing = [&](std::int64_t i) { return objects()[static_cast<std::size_t>(which[static_cast<std::size_t>(i)])].one; };
  const auto shades = pickSome(rng, colours(), 4), names = pickNames(rng, 2);
  Instance instance;
  for (const auto& shade : shades) instance.choices.push_back(shade + " " + std::string(pick(rng, containers())));
  const std::vector<std::string> places = instance.choices;
  const auto say = [&](std::string_view part, std::int64_t i) {
    const std::string& place = places[static_cast<std::size_t>(i)];
    const auto space = place.find(' ');
    return fill(part, {thing(i), names[0], place.substr(0, space), place.substr(space + 1), names[1]});
  };
  instance.prompt = say(form.start, 0);
  for (std::int64_t i = 0; i < facts; ++i) instance.prompt += (i > 0 ? std::string(form.between) : "") + say(form.fact, i);
  // Everything is asked for, in another order than it was told; a task asks the first of these questions alone.
  const auto order = rng.permutation(facts);
  instance.prompt += say(form.ask, order[0]);
  instance.answer = places[static_cast<std::size_t>(order[0])];
  for (std::size_t i = 1; i < order.size(); ++i)
    instance.tail += say(form.askAgain, order[i]) + " " + places[static_cast<std::size_t>(order[i])];
  instance.tail += form.stop;
  shuffle(rng, instance.choices);
  instance.group = (reg == Register::Plain ? "plain-" : "formal-") + std::string(form.name) + "-of-" + std::to_string(facts);
  return instance;
}

}  // namespace lacuna::demo
