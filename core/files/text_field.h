#pragma once

#include <span>
#include <string>

#include "json_row.h"

namespace lacuna::files {

/// The field that holds the documents, guessed from the first rows (formats.md 5): a well-known name, or the string
/// field with the longest median text. Empty when none fits.
std::string findTextField(std::span<const Row> rows);

}  // namespace lacuna::files
