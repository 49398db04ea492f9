#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What a generated text is taken to answer. Each rule is the regular expression of the reference harness, written as a scanner:
/// linear in the text, no library.
namespace lacuna::tasks {

inline constexpr const char* kInvalid = "[invalid]";   ///< what the harness writes when nothing matches

/// First match of `#### (\-?[0-9\.\,]+)`.
std::string gsm8kStrict(std::string_view text);
/// Last match of `(-?[$0-9.,]{2,})|(-?[0-9]+)`, stripped.
std::string gsm8kFlexible(std::string_view text);
/// Deletes `,`, `\$`, `(?s).*#### `, `\.$` in this order and lower-cases: both sides of GSM8K's comparison.
std::string gsm8kNormalised(std::string_view text);

/// Text after the first "the answer is " (the whole when there is none) up to the next, stripped, first line, one final "." dropped.
std::string bbhAnswer(std::string_view text);
/// First match of `(?<=the answer is )(.*)(?=.)`, stripped: always without the last character of its line.
std::string bbhGetAnswer(std::string_view text);

/// Cut at the first occurrence of each stop string, one after the other; empty stop strings are ignored.
std::string cutAtStops(std::string_view text, const std::vector<std::string>& until);
/// transformers' clean_up_tokenization.
std::string cleanedUp(std::string text);

/// BIG-bench: the first 128 characters, cut at `stop` when there is one, first match of `regex`, stripped; no match: empty.
/// An empty regex means `[^\.\?\!\;\n]+`, unless there is a stop string. Throws LAC-1301 on a bad regex.
std::string bigbenchAnswer(std::string_view text, const std::string& stop = {}, const std::string& regex = {});

}  // namespace lacuna::tasks
