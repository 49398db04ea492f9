#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
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
/// A folder for `embedding.folder`: Sentence-BERT or a plain encoder of texts.
ModelLook lookAtEncoder(const std::filesystem::path& folder, const RunContext& context);
/// Whether bf16 is faster than fp32 on this processor.
bool bf16IsFast();

struct CorpusLook : Look {
  std::string textField;                              ///< found by itself unless asked for
  std::vector<std::string> fields;                    ///< metadata
  std::vector<std::string> rows;                      ///< texts of the first three, cut to 400 bytes
  std::uint64_t documents = 0, bad = 0;               ///< of the rows looked at
  std::uint64_t fileBytes = 0;                        ///< of everything under the path, as stored
  std::int64_t files = 0;
  bool complete = false;                              ///< the rows looked at are all there are
};
/// Reads the first 200 rows.
CorpusLook lookAtCorpus(const std::filesystem::path& path, const std::string& textField, const RunContext& context);

struct TaskLook : Look {
  std::string name, format;
  std::int64_t items = 0;
  double chance = 0;
  std::vector<std::string> metrics;
  std::string prompt;                                 ///< of the first item, as the model sees it
};
TaskLook lookAtTask(const std::filesystem::path& file, int shots, const RunContext& context);

/// What a path is to a study that has yet to be made: "study", "model", "encoder", "task", "corpus"; by content, cheaply.
std::string guessInput(const std::filesystem::path& path);

/// Makes a study file that holds a spec and nothing else. Throws LAC-1401 for the spec, LAC-3007 when the file is there already.
void createStudy(const std::string& spec, const std::filesystem::path& file);

}  // namespace lacuna::study
