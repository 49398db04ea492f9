#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"

/// What the parts of a new study are, looked at before anything runs. What is wrong is in `problems`, each with code and way out;
/// nothing here throws for bad input, only Cancelled.
namespace lacuna::study {

struct Look {
  std::vector<std::string> warnings;
  std::vector<Error> problems;
  bool sound() const { return problems.empty(); }
};

/// A model folder: the subject of a study, or an encoder of texts.
struct ModelLook : Look {
  std::string role, architecture, dtype, tokenizer;   ///< role as model::roleName, or "sentence encoder"; tokenizer: its kind, empty: none
  std::int64_t layers = 0, width = 0, parameters = 0, tokens = 0;
  std::uint64_t bytesFp32 = 0, bytesBf16 = 0;         ///< of the weights in memory
  std::uint64_t freeBytes = 0;                        ///< what the system can give now
};
/// LAC-1002 when it is no decoder: a study perturbs decoders.
ModelLook lookAtModel(const std::filesystem::path& folder, const RunContext& context);
/// A folder for `embedding.folder`: Sentence-BERT or a plain encoder of texts; an encoder of pictures has the role "vision encoder".
ModelLook lookAtEncoder(const std::filesystem::path& folder, const RunContext& context);
/// Whether bf16 is faster than fp32 on this processor.
bool bf16IsFast();

/// A field of the metadata in the rows looked at, or the host of one with addresses ("url.host").
struct FieldLook {
  std::string name;
  bool derived = false, numeric = false;              ///< numeric: every value is a number
  std::int64_t rows = 0;                              ///< that have it
  std::int64_t different = 0;                         ///< values, counted up to 65
  std::vector<std::pair<std::string, std::int64_t>> values;   ///< with their rows, the most frequent first; none where more than 64 differ
};

class LookedRows;

struct CorpusInput {
  std::vector<std::filesystem::path> paths;
  std::string textField, textUnit = "file";           ///< as in the spec
};
struct CorpusLook : Look {
  std::string textField;                              ///< found by itself unless asked for
  std::vector<std::string> fields;                    ///< metadata
  std::vector<FieldLook> groups;                      ///< by name
  std::vector<std::string> rows;                      ///< texts of the first three, cut to 400 bytes
  std::uint64_t documents = 0, bad = 0;               ///< of the rows looked at
  std::uint64_t fileBytes = 0;                        ///< of everything under the paths, as stored
  std::int64_t files = 0;
  bool complete = false;                              ///< the rows looked at are all there are
  std::shared_ptr<const LookedRows> kept;             ///< for rowsPassing; null where nothing could be read
};
/// Reads the first 200 rows.
CorpusLook lookAtCorpus(const CorpusInput& input, const RunContext& context);
/// How many of the rows looked at each filter wants; −1 for an expression that is none.
std::vector<std::int64_t> rowsPassing(const CorpusLook& look, const std::vector<std::string>& filters, const RunContext& context);

struct TaskLook : Look {
  std::string name, format;
  std::int64_t items = 0;
  double chance = 0;
  std::vector<std::string> metrics;
  std::string prompt;                                 ///< of the first item, as the model sees it
};
TaskLook lookAtTask(const std::filesystem::path& file, int shots, const RunContext& context);

/// What a path is to a study that has yet to be made: "study", "spec", "model", "encoder", "task", "corpus"; by content, cheaply.
std::string guessInput(const std::filesystem::path& path);

/// The spec of a study file, or a spec file: canonical, every path absolute, for a new study like it. Throws LAC-1401, LAC-3001 … 3004.
std::string specOf(const std::filesystem::path& file);

/// Makes a study file that holds a spec and nothing else. Throws LAC-1401 for the spec, LAC-3007 when the file is there already.
void createStudy(const std::string& spec, const std::filesystem::path& file);

}  // namespace lacuna::study
