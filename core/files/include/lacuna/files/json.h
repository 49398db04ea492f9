#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace lacuna::files {

/// One JSON document of a model or tokenizer folder, checked while it is built: UTF-8, at most `largestBytes`, at most 64 levels
/// deep, no key twice in an object, every number finite. What is wrong throws `code` with file, byte and what was found;
/// a file that cannot be read throws LAC-1105.
nlohmann::json readJson(const std::filesystem::path& path, const std::string& code, std::uint64_t largestBytes = std::uint64_t{1} << 28);
/// The same for a text at hand; `where` names it in errors.
nlohmann::json parseJson(std::string_view text, const std::string& where, const std::string& code);

}  // namespace lacuna::files
