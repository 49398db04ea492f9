#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "sidecar.h"

namespace lacuna::tasks {

/// One record of a data file; `index` is its position there.
struct DataRecord {
  std::int64_t index = 0;
  Json value;
  std::int64_t identity = 0;   ///< equal for equal records (of the files read by one RecordReader)
};

/// A data file: its records and, for BIG-bench, the keys around them.
struct DataFile {
  std::filesystem::path path;
  std::vector<DataRecord> records;
  Json header = Json::object();
};

/// Reads the files of one task; numbers equal records of different files alike.
class RecordReader {
 public:
  explicit RecordReader(std::string format) : m_format(std::move(format)) {}
  /// Throws LAC-1301 with file and line.
  DataFile read(const std::filesystem::path& path);

 private:
  std::int64_t identityOf(const Json& record);
  std::string m_format;
  std::map<std::string, std::int64_t> m_known;
};

/// A record as the formats understand it.
struct Question {
  std::string text;                          ///< question with its choices, as it stands in the prompt
  std::string counterfactual;                ///< the question with the record's `counterfactual` in it; empty: none
  std::string answer;                        ///< as it stands in an example
  std::vector<std::string> choices, references;
  int gold = -1;
  std::map<std::string, double> choiceScores;
  std::string group, category;
  bool antistereo = false;
  double toxicity = std::numeric_limits<double>::quiet_NaN();   ///< RealToxicityPrompts: of the file's own continuation
};

/// Reads one record of a format. Throws LAC-1301 naming file, record and field.
class QuestionReader {
 public:
  QuestionReader(const Sidecar& sidecar, const DataFile& data);
  Question read(const DataRecord& record, const std::filesystem::path& file) const;

 private:
  const Sidecar& m_sidecar;
  const Json& m_header;   ///< of the task's own BIG-bench file: prefixes, separators
};

/// Fields of a record by dotted path ("prompt.text"); text of strings, JSON of the rest. Missing: nothing.
std::optional<std::string> fieldText(const Json& record, const std::string& path);

/// BIG-bench's prefixes with their defaults.
std::string headerText(const Json& header, const char* key, const char* absent);

}  // namespace lacuna::tasks
