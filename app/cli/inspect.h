#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "lacuna/base/run_context.h"

namespace lacuna::cli {

/// What a path is (model, tokenizer, corpus, task, safetensors, study), whether it is sound, and its sizes. Problems are listed under
/// "problems" as {code, message, hint}; nothing is loaded that need not be. Keys of a corpus: formats of docs/formats.md.
nlohmann::ordered_json inspectPath(const std::filesystem::path& path, bool full, const RunContext& context);

/// The same for people: "key: value" lines, nested objects indented.
std::string asLines(const nlohmann::ordered_json& json);

}  // namespace lacuna::cli
