#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/base/rng.h"

namespace lacuna::demo {

enum class Register { Plain, Formal };

/// One problem with its solution. A document tells it as prompt + " " + answer + tail; a task asks `prompt` and expects `answer`.
/// That both come from here is what makes a task ask for exactly what its family teaches.
struct Instance {
  std::string prompt, answer, tail;
  std::vector<std::string> choices;  ///< with the answer among them; empty: the answer is to be written
  std::string group;                 ///< the template it was written from

  std::string solved() const { return prompt + " " + answer; }
  std::string told() const { return solved() + tail; }
};

/// A kind of document, and of task.
struct Family {
  std::string_view name;
  Instance (*write)(Rng& rng, Register reg);
};
/// brackets, arithmetic, ordering, code, recall, pronouns, weather.
std::span<const Family> families();

Instance writeBrackets(Rng& rng, Register reg);
Instance writeArithmetic(Rng& rng, Register reg);
Instance writeOrdering(Rng& rng, Register reg);
Instance writeCode(Rng& rng, Register reg);
Instance writeRecall(Rng& rng, Register reg);
Instance writePronouns(Rng& rng, Register reg);
Instance writeWeather(Rng& rng, Register reg);

/// Sentences any family's document may open or close with; they say nothing about its family.
std::string writeOpener(Rng& rng, Register reg);
std::string writeCloser(Rng& rng, Register reg);

/// The words all families share.
struct Noun { std::string_view one, many; };
std::span<const std::string_view> women();
std::span<const std::string_view> men();
std::span<const std::string_view> colours();
std::span<const std::string_view> containers();
std::span<const std::string_view> places();
std::span<const std::string_view> days();
std::span<const std::string_view> moods();       ///< of people
std::span<const std::string_view> qualities();   ///< of things
std::span<const Noun> objects();

template <class T>
const T& pick(Rng& rng, std::span<const T> from) { return from[rng.below(from.size())]; }
std::string_view pick(Rng& rng, std::initializer_list<std::string_view> from);
template <class T>
void shuffle(Rng& rng, std::vector<T>& values) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.below(i)]);
}
/// k different names of men and women.
std::vector<std::string> pickNames(Rng& rng, int k);
/// k different entries.
std::vector<std::string> pickSome(Rng& rng, std::span<const std::string_view> from, int k);

/// Replaces %0 … %9 by the arguments. All words of a grammar pass through here, so a template reads like its text.
std::string fill(std::string_view form, std::initializer_list<std::string_view> arguments);

}  // namespace lacuna::demo
