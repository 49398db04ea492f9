#pragma once

#include <filesystem>

#include "lacuna/study/looks.h"

namespace lacuna::study {

/// What is wrong with an input is its look's problem.
template <class SomeLook, class Work>
SomeLook looked(SomeLook look, const Work& work) {
  try {
    work(look);
  } catch (const Error& error) {
    look.problems.push_back(error);
  } catch (const std::filesystem::filesystem_error& error) {
    look.problems.emplace_back("LAC-1105", error.what(), "check that the path can be read");
  }
  return look;
}

inline void requirePath(const std::filesystem::path& path) {
  if (std::error_code failed; !std::filesystem::exists(path, failed)) throw Error("LAC-1105", path.string() + ": no such file or folder", "check the path");
}

}  // namespace lacuna::study
