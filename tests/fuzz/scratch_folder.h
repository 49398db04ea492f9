#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

/// A folder in memory that one fuzzing process fills again and again.
class ScratchFolder {
 public:
  ScratchFolder() : m_path("/dev/shm/lacuna-fuzz-" + std::to_string(::getpid())) { std::filesystem::create_directories(m_path); }
  ~ScratchFolder() { std::filesystem::remove_all(m_path); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return m_path; }
  void clear() const {
    for (const auto& entry : std::filesystem::directory_iterator(m_path)) std::filesystem::remove(entry.path());
  }
  void put(const char* name, std::string_view bytes) const {
    std::ofstream(m_path / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path m_path;
};
