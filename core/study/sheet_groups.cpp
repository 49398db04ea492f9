#include "sheet_groups.h"

#include <array>
#include <charconv>

#include "lacuna/base/hash.h"
#include "lacuna/base/rng.h"

namespace lacuna::study {
namespace {

constexpr std::uint32_t kClustersAtMost = 1U << 20;   // a number above it comes of a name that was not written here

std::string tagOf(const std::string& clustering) { return contentHash("sheet/" + clustering).substr(0, 4); }

/// A Feistel network of four rounds over 32 bits, its rounds in either order.
std::uint32_t permuted(std::uint32_t value, std::uint64_t seed, const std::string& tag, bool backwards) {
  const std::uint64_t key = Rng(seed, "sheet/group/" + tag).nextU64();
  std::uint32_t left = value >> 16, right = value & 0xffff;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::uint32_t round = backwards ? 3 - i : i, mixed = backwards ? left : right;
    const std::uint32_t out = philox4x32({mixed, round, 0, 0}, {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)})[0] & 0xffff;
    const std::uint32_t other = (backwards ? right : left) ^ out;
    left = backwards ? other : mixed;
    right = backwards ? mixed : other;
  }
  return left << 16 | right;
}

std::string hex(std::uint32_t value) {
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[value >> shift & 15];
  return digits;
}

std::optional<std::uint32_t> parsed(const std::string& text, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string groupName(ClusterId cluster, std::uint64_t seed, const std::string& clustering) {
  const std::string tag = tagOf(clustering);
  return "g" + tag + "-" + hex(permuted(static_cast<std::uint32_t>(cluster.value), seed, tag, false));
}

std::optional<SheetGroup> groupOf(const std::string& name, std::uint64_t seed, const std::string& clustering) {
  if (const auto number = parsed(name, 10)) return *number < kClustersAtMost ? std::optional(SheetGroup{ClusterId(*number), ""}) : std::nullopt;
  if (name.size() != 14 || name[0] != 'g' || name[5] != '-') return std::nullopt;
  const std::string tag = name.substr(1, 4);
  const auto code = parsed(name.substr(6), 16);
  const std::uint32_t cluster = code ? permuted(*code, seed, tag, true) : kClustersAtMost;
  if (cluster >= kClustersAtMost) return std::nullopt;
  return SheetGroup{ClusterId(cluster), tag == tagOf(clustering) ? "" : "sheet " + tag};
}

}  // namespace lacuna::study
