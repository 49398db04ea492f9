#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "lacuna/base/run_context.h"

namespace lacuna::cli {

struct InspectOptions {
  bool full = false;                         ///< all of a corpus, every weight of a model
  bool corpus = false;                       ///< whatever it looks like
  std::string textField, textUnit, filter;   ///< of a corpus; empty: found by itself, "file", no filter
};

/// What a path is (model, tokenizer, corpus, task, safetensors, study), whether it is sound, and its sizes. Problems are listed under
/// "problems" as {code, message, hint}; nothing is loaded that need not be. Models say their role ("decoder", "encoder", "vision
/// encoder", "sentence encoder"), sizes and memory. Several paths are one corpus; its keys: docs/corpora.md.
nlohmann::ordered_json inspectPaths(std::span<const std::filesystem::path> paths, const InspectOptions& options, const RunContext& context);

/// The same for what is known to be a corpus.
nlohmann::ordered_json inspectCorpus(std::span<const std::filesystem::path> paths, const InspectOptions& options, const RunContext& context);

/// The same for people: a paragraph for models and corpora, "key: value" lines for the rest.
std::string asLines(const nlohmann::ordered_json& json);

}  // namespace lacuna::cli
