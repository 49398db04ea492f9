#include "grammar.h"

namespace lacuna::demo {

Instance writePronouns(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  const std::string woman(pick(rng, women())), man(pick(rng, men()));
  const std::string thing(pick(rng, objects()).one);
  const bool womanFirst = rng.below(2) == 0;
  const std::string &one = womanFirst ? woman : man, &other = womanFirst ? man : woman;
  static constexpr std::string_view Scenes[2][3] = {
      {"%0 and %1 took the %2 to the %3.", "%0 showed %1 the %2 at the %3.", "At the %3 %0 sold %1 the %2."},
      {"%0 presented the %2 to %1 at the %3.", "At the %3 %0 and %1 examined the %2.", "On %4 %0 handed the %2 to %1."}};
  const std::size_t scene = rng.below(3);
  const std::size_t who = rng.below(3);  // she, he, it
  static constexpr std::string_view Subjects[] = {"She", "He", "It"}, Words[] = {"she", "he", "it"};
  const auto quality = who == 2 ? pick(rng, qualities()) : pick(rng, moods());
  Instance instance;
  instance.prompt = fill(Scenes[plain ? 0 : 1][scene], {one, other, thing, pick(rng, places()), pick(rng, days())}) + " " +
                    fill(plain ? "%0 was %1." : "%0 appeared %1.", {Subjects[who], quality}) + " " +
                    fill(plain ? "Here %0 means" : "The pronoun %0 denotes", {Words[who]});
  instance.choices = {one, other, "the " + thing};
  instance.answer = who == 2 ? "the " + thing : who == 0 ? woman : man;
  instance.tail = ".";
  shuffle(rng, instance.choices);
  instance.group = std::string(plain ? "plain-" : "formal-") + std::string(Words[who]) + "-" + std::to_string(scene);
  return instance;
}

}  // namespace lacuna::demo
