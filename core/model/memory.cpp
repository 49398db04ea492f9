#include "memory.h"

#include <unistd.h>

#include <fstream>

#include "lacuna/base/numbers.h"

namespace lacuna::model {

std::uint64_t availableMemory() {
  std::ifstream file("/proc/meminfo");
  for (std::string key; file >> key;) {
    if (key == "MemAvailable:") {
      std::uint64_t kibibytes = 0;
      file >> kibibytes;
      return kibibytes << 10;
    }
    file.ignore(256, '\n');
  }
  return 0;
}

std::uint64_t residentMemory() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string sizeText(std::uint64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return mebibytes < 1024 ? formatFixed(mebibytes, 1) + " MiB" : formatFixed(mebibytes / 1024, 2) + " GiB";
}

}  // namespace lacuna::model
