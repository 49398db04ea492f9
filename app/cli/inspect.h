#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "lacuna/base/run_context.h"

namespace lacuna::cli {

/// What a path is (model, tokenizer, corpus, task, safetensors, study), whether it is sound, and its sizes. Problems are listed under
/// "problems" as {code, message, hint}; nothing is loaded that need not be. Models say their role ("decoder", "encoder", "vision
/// encoder", "sentence encoder"), sizes and memory; `full` reads every weight. Keys of a corpus: docs/formats.md.
nlohmann::ordered_json inspectPath(const std::filesystem::path& path, bool full, const RunContext& context);

/// The same for people: a paragraph for models, "key: value" lines for the rest.
std::string asLines(const nlohmann::ordered_json& json);

}  // namespace lacuna::cli
