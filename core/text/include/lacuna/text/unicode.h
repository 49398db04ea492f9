#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The few rules of Python's str that the reference metrics lean on. All texts are UTF-8; a byte that is no part of a
/// well-formed sequence counts as one character of its own.
namespace lacuna::text {

std::vector<char32_t> codePoints(std::string_view text);
void appendUtf8(std::string& text, char32_t c);
/// Number of code points (Python's len).
std::int64_t characters(std::string_view text);
/// The first n code points.
std::string_view firstCharacters(std::string_view text, std::int64_t n);

bool isSpace(char32_t c);   ///< str.isspace
bool isWord(char32_t c);    ///< \w: letters, digits, underscore

std::string_view rightStripped(std::string_view text);  ///< str.rstrip()
std::string_view stripped(std::string_view text);       ///< str.strip()
std::string lower(std::string_view text);               ///< str.lower()

/// Unicode's composed normal form (NFC). Invalid UTF-8 stays as it is.
std::string composed(std::string_view text);

}  // namespace lacuna::text
