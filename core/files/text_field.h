#pragma once

#include <span>
#include <string>
#include <string_view>

#include "json_row.h"

namespace lacuna::files {

struct TextFieldGuess {
  std::string field;   ///< empty: none could be told, for the reason in `why`
  std::string why;
};

/// One of the names that a text field has as a rule.
bool isWellKnownTextField(std::string_view name);

/// A row that tells something about the text field: has a text that is not blank and, by its name, no address, path, id, hash or time.
bool isGoodRow(const Row& row);

/// The field of the first rows that holds the text (formats.md 5), from the good ones if there are any: the well-known names first, those
/// that are null in half of the rows too, then the string field with the largest median length of at least 20 characters that is no
/// address, path, id, hash or time. Two that are as long are not chosen between.
TextFieldGuess guessTextField(std::span<const Row> rows);

}  // namespace lacuna::files
