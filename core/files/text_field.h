#pragma once

#include <span>
#include <string>

#include "json_row.h"

namespace lacuna::files {

struct TextFieldGuess {
  std::string field;   ///< empty: none could be told, for the reason in `why`
  std::string why;
};

/// The field of the first rows that holds the text (formats.md 5): the well-known names first, then the string field with the largest
/// median length of at least 20 characters that is no address, path, id, hash or time. Two that are as long are not chosen between.
TextFieldGuess guessTextField(std::span<const Row> rows);

}  // namespace lacuna::files
