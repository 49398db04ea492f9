#pragma once

#include <string>
#include <vector>

namespace lacuna::test {

/// RFC 4180 read by its grammar, with LF or CRLF as the end of a record; for checking what the program wrote. Throws a text on a fault.
inline std::vector<std::vector<std::string>> readRfc4180(const std::string& bytes) {
  std::vector<std::vector<std::string>> records;
  std::size_t at = 0;
  while (at < bytes.size()) {
    records.emplace_back();
    for (;;) {
      std::string field;
      if (at < bytes.size() && bytes[at] == '"') {
        for (++at;; ++at) {
          if (at >= bytes.size()) throw std::string("a quoted field does not end");
          if (bytes[at] == '"' && (++at >= bytes.size() || bytes[at] != '"')) break;
          field += bytes[at];
        }
      } else {
        for (; at < bytes.size() && bytes[at] != ',' && bytes[at] != '\n' && bytes[at] != '\r'; ++at) {
          if (bytes[at] == '"') throw std::string("a quote inside a bare field");
          field += bytes[at];
        }
      }
      records.back().push_back(field);
      if (at < bytes.size() && bytes[at] == ',') {
        ++at;
        continue;
      }
      if (at < bytes.size() && bytes[at] == '\r') ++at;
      if (at < bytes.size() && bytes[at++] != '\n') throw std::string("text after a quoted field");
      break;
    }
  }
  return records;
}

}  // namespace lacuna::test
