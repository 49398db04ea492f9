#include "grammar.h"

namespace lacuna::demo {
namespace {

using Words = std::string_view;
constexpr Words Women[] = {"Anna", "Clara", "Emma", "Iris", "Lena", "Maria", "Nora", "Sara"};
constexpr Words Men[] = {"Ben", "David", "Felix", "Hugo", "Jonas", "Leo", "Oscar", "Tom"};
constexpr Words Colours[] = {"red", "blue", "green", "yellow", "black", "white", "brown", "grey"};
constexpr Words Containers[] = {"box", "bag", "basket", "drawer", "jar"};
constexpr Words Places[] = {"market", "garden", "school", "harbour", "library", "station", "village", "park"};
constexpr Words Days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr Words Moods[] = {"tired", "happy", "hungry", "late", "quiet", "busy", "cold", "proud"};
constexpr Words Qualities[] = {"old", "new", "heavy", "small", "broken", "clean", "cold", "round"};
constexpr Noun Objects[] = {{"apple", "apples"}, {"book", "books"}, {"coin", "coins"}, {"cup", "cups"},
                            {"key", "keys"},     {"lamp", "lamps"}, {"pen", "pens"},   {"ring", "rings"},
                            {"shell", "shells"}, {"stone", "stones"}, {"map", "maps"}, {"hat", "hats"}};

}  // namespace

std::span<const std::string_view> women() { return Women; }
std::span<const std::string_view> men() { return Men; }
std::span<const std::string_view> colours() { return Colours; }
std::span<const std::string_view> containers() { return Containers; }
std::span<const std::string_view> places() { return Places; }
std::span<const std::string_view> days() { return Days; }
std::span<const std::string_view> moods() { return Moods; }
std::span<const std::string_view> qualities() { return Qualities; }
std::span<const Noun> objects() { return Objects; }

std::span<const Family> families() {
  static constexpr Family All[] = {{"brackets", writeBrackets}, {"arithmetic", writeArithmetic}, {"ordering", writeOrdering},
                                   {"code", writeCode},         {"recall", writeRecall},         {"pronouns", writePronouns},
                                   {"weather", writeWeather}};
  return All;
}

std::string_view pick(Rng& rng, std::initializer_list<std::string_view> from) { return from.begin()[rng.below(from.size())]; }

std::vector<std::string> pickSome(Rng& rng, std::span<const std::string_view> from, int k) {
  std::vector<std::string> some;
  for (const auto i : rng.sample(static_cast<std::int64_t>(from.size()), k)) some.emplace_back(from[static_cast<std::size_t>(i)]);
  return some;
}

std::vector<std::string> pickNames(Rng& rng, int k) {
  std::vector<std::string_view> all(women().begin(), women().end());
  all.insert(all.end(), men().begin(), men().end());
  return pickSome(rng, all, k);
}

std::string fill(std::string_view form, std::initializer_list<std::string_view> arguments) {
  std::string text;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '%' && i + 1 < form.size()) text += arguments.begin()[form[++i] - '0'];
    else text += form[i];
  }
  return text;
}

std::string writeOpener(Rng& rng, Register reg) {
  const auto names = pickNames(rng, 2);
  const auto day = pick(rng, days()), place = pick(rng, places());
  static constexpr std::string_view Plain[] = {"On %2 %0 met %1 at the %3.", "%0 and %1 came from the %3.",
                                               "It was a quiet %2 at the %3.", "%0 told %1 about the %3."};
  static constexpr std::string_view Formal[] = {"Notes of %0, %2, from the %3.", "The following was recorded on %2 by %0.",
                                                "This report concerns the %3.", "Observations of %0 and %1 at the %3."};
  return fill(pick(rng, std::span<const std::string_view>(reg == Register::Plain ? Plain : Formal)),
              {names[0], names[1], day, place});
}

std::string writeCloser(Rng& rng, Register reg) {
  const auto names = pickNames(rng, 2);
  const auto day = pick(rng, days()), mood = pick(rng, moods());
  static constexpr std::string_view Plain[] = {"That was all for %2.", "%0 was %3 and went home.", "Then %0 and %1 had lunch.",
                                               "%0 said good night to %1."};
  static constexpr std::string_view Formal[] = {"This concludes the entry for %2.", "The notes were checked by %0.",
                                                "Copies were sent to %0 and %1.", "Signed by %0 on %2."};
  return fill(pick(rng, std::span<const std::string_view>(reg == Register::Plain ? Plain : Formal)),
              {names[0], names[1], day, mood});
}

}  // namespace lacuna::demo
