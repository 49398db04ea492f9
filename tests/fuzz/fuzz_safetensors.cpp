#include <cstdint>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/files/safetensors.h"
#include "scratch_folder.h"

// Any bytes as a .safetensors file: refused, or every tensor can be read.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ScratchFolder folder;
  folder.put("x.safetensors", {reinterpret_cast<const char*>(data), size});
  try {
    const lacuna::files::SafetensorsFile file(folder.path() / "x.safetensors");
    std::vector<float> values;
    for (const auto& tensor : file.tensors()) {
      if (file.readBytes(tensor).size() != tensor.end - tensor.begin || file.find(tensor.name) == nullptr) __builtin_trap();
      if (tensor.elements() > (1 << 20)) continue;  // sub-byte and refused types may count more than they hold
      try {
        values.resize(static_cast<std::size_t>(tensor.elements()));
        file.readFloat(tensor, values);
      } catch (const lacuna::Error&) {
      }
    }
  } catch (const lacuna::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
