#pragma once

#include <string>

#include "json_row.h"

namespace lacuna::files {

/// What a reader of one file has to say, in the order of the file.
struct RowEvent {
  enum class Kind { Row, Document, Bad, Damaged, Warning };
  Kind kind = Kind::Row;
  Row row;                    ///< of Row; of Document its repairs alone
  std::string text;           ///< of Document the text; else what was wrong
  std::string badKind;        ///< of Bad, as in ReadReport::bad
  std::uint64_t line = 0;     ///< 1-based, for examples
  std::uint64_t rows = 1;     ///< of Bad: how many rows are lost
};

/// Where the rows of one file arrive.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Once this is false nothing more is wanted.
  virtual bool wanted() const = 0;

  void row(Row&& row, std::uint64_t line);
  void bad(const std::string& kind, std::uint64_t line, const std::string& what, std::uint64_t rows = 1);
  /// A document that is its file or a part of it: has no fields.
  void document(std::string&& text, std::uint64_t line);
  void damaged(const std::string& what);
  void warn(const std::string& what);

 protected:
  virtual void take(RowEvent&& event) = 0;
};

}  // namespace lacuna::files
