#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lacuna/corpus/corpus.h"
#include "lacuna/corpus/filter.h"

namespace lacuna::corpus {

/// Counts documents by the values of the fields that may name their source, until it is known which one does.
class SourceTally {
 public:
  explicit SourceTally(std::string named);

  void add(const Metadata& metadata, bool wanted);
  /// What other files have, of the same named field.
  void merge(const SourceTally& more);
  /// For a log, and back. Throws nlohmann's exceptions on anything else.
  nlohmann::json json() const;
  void add(const nlohmann::json& counts);
  /// The named field, or the first well-known one that at least half of the wanted documents have; empty when there is none.
  /// Throws LAC-1103 when no document has the named one.
  std::string field(const std::filesystem::path& corpus) const;
  /// Documents read and wanted, by source; "" are those without one.
  std::vector<SourceCount> counts(const std::string& field) const;

 private:
  struct Counts { std::int64_t raw = 0, wanted = 0; };
  struct Field {
    std::string name;
    std::map<std::string, Counts> values;
    std::int64_t wanted = 0;              ///< wanted documents that have it
  };
  std::vector<Field> m_fields;
  bool m_named;
  Counts m_all;
  std::map<std::string, std::int64_t> m_names;   ///< fields found, for the error
};

}  // namespace lacuna::corpus
