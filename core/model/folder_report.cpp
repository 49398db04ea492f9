#include "lacuna/model/folder_report.h"

#include <algorithm>

#include "encoder_families.h"
#include "folder_checks.h"
#include "inspect.h"
#include "lacuna/model/encoder.h"
#include "lacuna/text/text.h"

namespace lacuna::model {
namespace {

namespace fs = std::filesystem;

/// Runs one part of the look; what it finds wrong is noted, and the next part runs all the same.
template <class Body>
bool attempt(FolderReport& report, const Body& body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    report.problems.push_back(error);
  } catch (const fs::filesystem_error& error) {
    report.problems.emplace_back("LAC-1105", error.what(), "check that the folder may be read");
  }
  return false;
}

void note(const std::vector<std::string>& warnings, FolderReport& report) {
  report.warnings.insert(report.warnings.end(), warnings.begin(), warnings.end());
}

template <class Info>
void copySizes(const Info& info, FolderReport& report) {
  report.architecture = info.architecture;
  report.family = info.family;
  report.layers = info.layers;
  report.width = info.width;
  report.mlpWidth = info.mlpWidth;
  report.heads = info.heads;
  report.vocabulary = info.vocabulary;
  report.maxPositions = info.maxPositions;
  report.parameters = info.parameters;
}

void lookAtDecoder(const fs::path& folder, FolderReport& report) {
  const Described described = describeFolder(folder);
  copySizes(described.info, report);
  report.kvHeads = described.info.kvHeads;
  report.dtype = described.info.dtype;
  const FolderWeights weights(folder, described.family->prefixes);
  const auto unexpected = weights.check(described.tensors);
  note(weights.files().warnings(), report);
  if (!unexpected.empty()) report.warnings.push_back(unusedTensors(unexpected));
}

void lookAtEncoder(const fs::path& folder, FolderReport& report) {
  const EncoderCheck check = checkEncoder(folder);
  copySizes(check.info, report);
  report.kvHeads = check.info.heads;
  report.role = check.info.vision ? FolderRole::Vision : FolderRole::Encoder;
  note(check.warnings, report);
}

void lookAtWeights(const fs::path& folder, const RunContext& context, const ReportOptions& options, FolderReport& report) {
  const files::WeightFiles weights(folder);
  report.dtype = inspectDtype(weights);
  report.storedBytes = weights.totalBytes();
  if (!options.readWeights) return;
  if (const NonFiniteWeights found = scanWeights(folder, context); found.count > 0) report.warnings.push_back(found.text());
}

void lookAtTokenizer(const fs::path& folder, FolderReport& report) {
  const auto tokenizer = text::Tokenizer::load(folder);
  report.tokenizerKind = tokenizer->kind();
  report.tokens = tokenizer->vocabularySize();
  if (report.vocabulary > 0 && report.tokens > report.vocabulary)
    throw Error("LAC-1003", folder.string() + ": the tokenizer has " + std::to_string(report.tokens) + " tokens, the embedding " +
                                std::to_string(report.vocabulary) + " rows", "use the tokenizer that came with the weights");
}

void warnOfCode(const fs::path& folder, FolderReport& report) {
  std::error_code ignored;
  bool code = false;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) code = code || entry.path().extension() == ".py";
  if (code || Config::read(folder).has("auto_map"))
    report.warnings.push_back("the folder brings code of its own (auto_map or .py files); it is never run");
}

/// A config.json that only names the tokenizer's class, as folders of tokenizers have it.
bool describesNoModel(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(folder / "config.json", failed)) return true;
  try {
    const Config config = Config::read(folder);
    return !config.has("architectures") && config.json().size() <= 2;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string roleName(FolderRole role) {
  switch (role) {
    case FolderRole::Decoder: return "decoder";
    case FolderRole::Encoder: return "encoder";
    case FolderRole::Vision: return "vision encoder";
    case FolderRole::Tokenizer: return "tokenizer";
    case FolderRole::None: break;
  }
  return "unknown";
}

FolderReport reportFolder(const fs::path& folder, const RunContext& context, const ReportOptions& options) {
  FolderReport report;
  const bool weights = hasWeights(folder), tokenizer = text::hasTokenizer(folder);
  if (!weights && tokenizer && describesNoModel(folder)) {
    report.role = FolderRole::Tokenizer;
    attempt(report, [&] { lookAtTokenizer(folder, report); });
    return report;
  }
  const bool readable = attempt(report, [&] {
    const Config read = Config::read(folder);
    report.role = encoderFamilyOf(read) != nullptr ? FolderRole::Encoder : FolderRole::Decoder;
    if (report.role == FolderRole::Decoder) familyOf(read);
    warnOfCode(folder, report);
  });
  if (readable) attempt(report, [&] { report.role == FolderRole::Decoder ? lookAtDecoder(folder, report) : lookAtEncoder(folder, report); });
  if (!readable && !weights) {  // which other weights lie there, and how to convert them, comes first
    attempt(report, [&] { const files::WeightFiles others(folder); });
    std::rotate(report.problems.begin(), report.problems.end() - 1, report.problems.end());
  }
  if (weights && report.sound()) attempt(report, [&] { lookAtWeights(folder, context, options, report); });
  if (tokenizer) attempt(report, [&] { lookAtTokenizer(folder, report); });
  return report;
}

}  // namespace lacuna::model
