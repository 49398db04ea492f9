#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "sidecar.h"

namespace lacuna::tasks {

/// One record of a data file; `index` is its position there.
struct DataRecord {
  std::int64_t index = 0;
  std::string place;           ///< where it stands, behind the file's name: ":12", ": row 3", ": /examples/4"
  std::size_t part = 0;        ///< which of the file's headers is its own
  Json value;
  std::int64_t identity = 0;   ///< equal for equal records (of the files read by one RecordReader)
};

/// A data file, or a folder of BIG-bench sub-tasks: its records and, for BIG-bench, the keys around them.
struct DataFile {
  std::filesystem::path path;
  std::vector<DataRecord> records;
  std::vector<Json> headers{Json::object()};   ///< one a sub-task
  std::vector<std::string> parts{""};          ///< names of the sub-tasks
  std::unordered_set<std::int64_t> seen;       ///< BIG-bench: identities of the records
  std::string description;                     ///< BBH's file of chain-of-thought prompts: what stands before its examples
  const Json& header() const { return headers.front(); }
};

/// Reads the files of one task; numbers equal records of different files alike.
class RecordReader {
 public:
  explicit RecordReader(const Sidecar& sidecar) : m_format(sidecar.format), m_chainOfThought(sidecar.chainOfThought), m_fields(sidecar.fields) {}
  /// Throws LAC-1301 with file and line.
  DataFile read(const std::filesystem::path& path);

 private:
  std::int64_t identityOf(const Json& record);
  void readFile(const std::filesystem::path& path, DataFile& into);
  void readExamples(const std::filesystem::path& path, const Json& json, DataFile& into);
  void take(Json value, std::int64_t index, std::string place, std::size_t part, DataFile& into);
  std::string m_format;
  bool m_chainOfThought;
  std::map<std::string, Json> m_fields;
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
  const DataFile& m_data;   ///< the task's own: BIG-bench's prefixes and separators
};

/// task.json of a BIG-bench folder, or of the folders in it, by name. Throws LAC-1301 when there is none.
std::vector<std::pair<std::string, std::filesystem::path>> subTasks(const std::filesystem::path& folder);

/// Fields of a record by dotted path ("prompt.text"); text of strings, JSON of the rest. Missing: nothing.
const Json* fieldAt(const Json& record, const std::string& path);
std::optional<std::string> fieldText(const Json& record, const std::string& path);

/// BIG-bench's prefixes with their defaults.
std::string headerText(const Json& header, const char* key, const char* absent);

}  // namespace lacuna::tasks
