#pragma once

#include <string>
#include <string_view>

#include "json_row.h"

namespace lacuna::files {

enum class Dialect {
  Json,    ///< RFC 8259, with numbers of any size
  Python   ///< also what Python writes: texts in single quotes, True, False, None, NaN, infinities, tuples, a comma before the end
};

/// Adds the scalars of one value to `row`, as JsonRowParser does: of an object its own and, unless there is a `prefix` to their names, those
/// one level deep; of a text the field "text". Holds nothing else of it: neither containers nor texts that are in them, whatever their size, nor more
/// than mostFields and one. At most mostLevels deep. Texts must be UTF-8. Returns why the text is no such value, or nothing; `row` is half filled then.
std::string readLiteral(std::string_view text, Dialect dialect, const std::string& prefix, Row& row);

constexpr int mostLevels = 1023;   ///< as simdjson's

}  // namespace lacuna::files
