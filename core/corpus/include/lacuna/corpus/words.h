#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lacuna::corpus {

/// Lower case of Latin, Greek, Cyrillic and Armenian letters, one code point for one, without locale. Bytes that are no UTF-8 stay.
std::string foldCase(std::string_view utf8);

/// What exact duplicates have in common (methods.md 1): composed (NFC), foldCase, every run of white space one space, none at the ends.
std::string normalisedText(std::string_view utf8);

/// Calls `use` with every word, lower case: a run of letters and digits; in Chinese and Japanese each character is one.
void forEachWord(std::string_view utf8, const std::function<void(std::string_view)>& use);

}  // namespace lacuna::corpus
