#pragma once

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <string>

#include "fixtures.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

/// A fixture in a folder of its own, with a changed config.
class CopiedFixture {
 public:
  explicit CopiedFixture(const std::string& name) {
    for (const auto& entry : std::filesystem::directory_iterator(fixture(name)))
      if (entry.path().filename() != "expected.safetensors") std::filesystem::copy(entry.path(), path() / entry.path().filename());
  }
  std::filesystem::path path() const { return m_folder.path().toStdString(); }
  void patch(const nlohmann::json& change) const {
    auto json = nlohmann::json::parse(lacuna::files::readText(path() / "config.json"));
    json.merge_patch(change);
    std::filesystem::remove(path() / "config.json");
    std::ofstream(path() / "config.json") << json;
  }

 private:
  QTemporaryDir m_folder;
};

/// What a call's error says; "no error" when it succeeds.
template <class Call>
std::string errorOf(const Call& call) {
  try {
    call();
  } catch (const lacuna::Error& error) {
    return error.what();
  }
  return "no error";
}
