#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lacuna::files {

inline constexpr std::string_view npyMagic{"\x93NUMPY", 6};

/// Everything before the data of a .npy 1.0 file; a multiple of 64 bytes, at least `atLeast`.
std::string npyHeader(const char* descr, std::span<const std::int64_t> shape, std::size_t atLeast = 0);

}  // namespace lacuna::files
