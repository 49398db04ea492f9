#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace lacuna::files {

/// The files of a corpus: those named, and all below the folders named, in the natural order of their paths, each once. Hidden ones are
/// left out; links are followed, a folder that holds itself once. What else is left out is said in `warnings`. Throws LAC-1101.
std::vector<std::filesystem::path> listFiles(std::span<const std::filesystem::path> paths, std::vector<std::string>& warnings);

}  // namespace lacuna::files
