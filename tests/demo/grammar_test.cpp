#include <QTest>

#include <algorithm>
#include <map>
#include <set>

#include "grammar.h"

using namespace lacuna;
using namespace lacuna::demo;

/// What every family promises: an instance whose answer is right by the family's own rule, found again here in another way.
class GrammarTest : public QObject {
  Q_OBJECT

 private:
  static Instance instance(const Family& family, std::uint64_t i) {
    Rng rng(5, "test/grammar", i);
    return family.write(rng, i % 2 == 0 ? Register::Plain : Register::Formal);
  }
  static std::vector<std::string> wordsOf(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + " ") {
      if (std::isalnum(static_cast<unsigned char>(c))) word += c;
      else if (!word.empty()) words.push_back(std::exchange(word, {}));
    }
    return words;
  }
  static bool balanced(const std::string& text) {
    std::string open;
    for (const char c : text) {
      const auto opens = std::string("([{").find(c), closes = std::string(")]}").find(c);
      if (opens != std::string::npos) open += ")]}"[opens];
      if (closes == std::string::npos) continue;
      if (open.empty() || open.back() != c) return false;
      open.pop_back();
    }
    return open.empty();
  }

 private Q_SLOTS:
  void families_areSeven() {
    std::set<std::string_view> names;
    for (const auto& family : families()) names.insert(family.name);
    QCOMPARE(names.size(), std::size_t{7});
  }

  void instance_choicesHoldTheAnswerOnce() {
    for (const auto& family : families()) {
      for (std::uint64_t i = 0; i < 300; ++i) {
        const auto one = instance(family, i);
        QVERIFY2(!one.prompt.empty() && one.prompt.back() != ' ' && !one.answer.empty() && !one.group.empty(), one.prompt.c_str());
        if (family.name == "arithmetic") continue;
        QCOMPARE(std::count(one.choices.begin(), one.choices.end(), one.answer), std::ptrdiff_t{1});
        QCOMPARE(std::set<std::string>(one.choices.begin(), one.choices.end()).size(), one.choices.size());
        QVERIFY(one.choices.size() >= 3);
      }
    }
  }

  void instance_goldPositionIsSpread() {
    for (const auto& family : families()) {
      if (family.name == "arithmetic") continue;
      std::map<std::ptrdiff_t, int> at;
      for (std::uint64_t i = 0; i < 300; ++i) {
        const auto one = instance(family, i);
        ++at[std::find(one.choices.begin(), one.choices.end(), one.answer) - one.choices.begin()];
      }
      for (std::ptrdiff_t position = 0; position < 3; ++position) QVERIFY2(at[position] > 40, family.name.data());
    }
  }

  void brackets_onlyTheAnswerCloses() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto one = instance(families()[0], i);
      const auto from = one.prompt.find_first_of("([{");
      for (const auto& choice : one.choices) QCOMPARE(balanced(one.prompt.substr(from) + choice), choice == one.answer);
    }
  }

  void arithmetic_endsInWhatIsLeft() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto one = instance(families()[1], i);
      // The last equation of the answer: … a ± b = c … #### c
      const auto equals = one.answer.rfind(" = ");
      const auto words = wordsOf(one.answer.substr(0, equals));
      const int a = std::stoi(words[words.size() - 2]), b = std::stoi(words.back()), c = std::stoi(one.answer.substr(equals + 3));
      const bool plus = one.answer.rfind(" + ") != std::string::npos && one.answer.substr(0, equals).ends_with(" + " + words.back());
      QCOMPARE(plus ? a + b : a - b, c);
      QVERIFY2(one.answer.ends_with("#### " + std::to_string(c)), one.answer.c_str());
      QVERIFY(c >= 2 && c <= 15);
    }
  }

  void ordering_answerIsNeverOnTheOtherSide() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto one = instance(families()[2], i);
      const bool asksTallest = one.group.find("tallest") != std::string::npos;
      const bool taller = one.prompt.find("taller than") != std::string::npos || one.prompt.find("exceeds") != std::string::npos;
      // The extreme of an order is named as a subject only, or as an object only.
      const bool asSubject = asksTallest == taller;
      for (const auto& side : {std::string("than "), std::string("exceeds "), std::string("below ")})
        if (asSubject) QVERIFY2(one.prompt.find(side + one.answer) == std::string::npos, one.solved().c_str());
      if (!asSubject) QVERIFY(one.prompt.find(one.answer + " is ") == std::string::npos && one.prompt.find(one.answer + " exceeds") == std::string::npos &&
                              one.prompt.find(one.answer + " falls") == std::string::npos);
    }
  }

  void code_followsTheCopy() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto one = instance(families()[3], i);
      std::map<std::string, std::string> values;
      const auto words = wordsOf(one.prompt);
      std::size_t at = one.prompt.starts_with("def") ? 2 : 0;
      for (; words[at] != "print" && words[at] != "assert"; at += 2)
        values[words[at]] = values.contains(words[at + 1]) ? values[words[at + 1]] : words[at + 1];
      QCOMPARE(QString::fromStdString(values[words[at + 1]]), QString::fromStdString(one.answer));
    }
  }

  void recall_answerStandsBesideItsThing() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto one = instance(families()[4], i);
      int told = 0;
      for (const auto& choice : one.choices) told += one.prompt.find(choice) != std::string::npos ? 1 : 0;
      QVERIFY(told >= 3);
      QVERIFY(one.prompt.find(one.answer) != std::string::npos);
    }
  }

  void pronouns_agreeWithTheAnswer() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto one = instance(families()[5], i);
      const bool she = one.prompt.find(" She ") != std::string::npos, he = one.prompt.find(" He ") != std::string::npos;
      const auto among = [&](std::span<const std::string_view> names) { return std::find(names.begin(), names.end(), one.answer) != names.end(); };
      QCOMPARE(among(women()), she);
      QCOMPARE(among(men()), he);
      QCOMPARE(one.answer.starts_with("the "), !she && !he);
    }
  }

  void weather_sameSignsSameOutcome() {
    // The law depends on the three signs alone: each triple of words has one outcome whatever the rest of the report says.
    std::map<std::string, std::string> law;
    const std::set<std::string> signs{"clear", "blue", "bright", "dark", "grey", "black", "warm", "mild", "hot", "cold", "icy",
                                      "bitter", "light", "gentle", "weak", "strong", "heavy", "rough"};
    for (std::uint64_t i = 0; i < 3000; ++i) {
      const auto one = instance(families()[6], i);
      std::set<std::string> seen;
      for (const auto& word : wordsOf(one.prompt))
        if (signs.contains(word)) seen.insert(word);
      std::string key;
      for (const auto& word : seen) key += word + " ";
      QCOMPARE(seen.size(), std::size_t{3});
      const auto [known, fresh] = law.emplace(key, one.answer);
      QVERIFY2(fresh || known->second == one.answer, key.c_str());
    }
    QCOMPARE(law.size(), std::size_t{6 * 6 * 6});
  }
};

QTEST_GUILESS_MAIN(GrammarTest)
#include "grammar_test.moc"
