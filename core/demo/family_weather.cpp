#include "grammar.h"

namespace lacuna::demo {
namespace {

constexpr std::string_view Skies[2][3] = {{"clear", "blue", "bright"}, {"dark", "grey", "black"}};
constexpr std::string_view Airs[2][3] = {{"warm", "mild", "hot"}, {"cold", "icy", "bitter"}};
constexpr std::string_view Winds[2][3] = {{"light", "gentle", "weak"}, {"strong", "heavy", "rough"}};
constexpr std::string_view Outcomes[] = {"sunshine", "frost", "rain", "snow", "storm", "hail"};

/// The law of this small world's weather; a clear sky keeps the wind from mattering.
std::string_view outcome(std::size_t dark, std::size_t cold, std::size_t windy) {
  return Outcomes[dark == 0 ? cold : 2 + cold + 2 * windy];
}

}  // namespace

Instance writeWeather(Rng& rng, Register reg) {
  const bool plain = reg == Register::Plain;
  const std::size_t dark = rng.below(3) == 0 ? 0 : 1, cold = rng.below(2), windy = rng.below(2);
  static constexpr std::string_view Signs[2][3] = {
      {"On %3 the sky over the %4 is %0, the air is %1 and the wind is %2.", "%5 sees a %0 sky on %3, %1 air and %2 wind at the %4.",
       "The wind at the %4 is %2, %5 feels %1 air and the sky on %3 is %0."},
      {"Report for %3: sky %0, %4, air %1, wind %2.", "At the %4 a %0 sky, %1 air and, on %3, %2 wind were observed.",
       "Wind %2 at the %4 on %3; air %1; sky %0."}};
  static constexpr std::string_view Conclusions[2][2] = {{"%0 expects", "So %1 will bring"},
                                                         {"The forecast for %1 is", "%0 accordingly predicts"}};
  const std::size_t form = rng.below(3), ending = rng.below(2);
  const std::string day(pick(rng, days()));
  Instance instance;
  instance.prompt = fill(Signs[plain ? 0 : 1][form], {pick(rng, std::span<const std::string_view>(Skies[dark])),
                                                      pick(rng, std::span<const std::string_view>(Airs[cold])),
                                                      pick(rng, std::span<const std::string_view>(Winds[windy])), day,
                                                      pick(rng, places()), pickNames(rng, 1)[0]});
  instance.prompt += " " + fill(Conclusions[plain ? 0 : 1][ending], {pickNames(rng, 1)[0], day});
  instance.answer = outcome(dark, cold, windy);
  instance.tail = ".";
  instance.choices = {instance.answer};
  std::vector<std::string> others(std::begin(Outcomes), std::end(Outcomes));
  shuffle(rng, others);
  for (const auto& other : others)
    if (instance.choices.size() < 4 && other != instance.answer) instance.choices.push_back(other);
  shuffle(rng, instance.choices);
  instance.group = std::string(plain ? "plain-" : "formal-") + std::to_string(form) + "-" + instance.answer;
  return instance;
}

}  // namespace lacuna::demo
