#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace lacuna {

/// XXH3-128 of bytes, as 32 lower-case hex digits. Identifies content; it is no protection against an adversary.
std::string contentHash(std::string_view bytes);
inline std::string contentHash(const std::string& bytes) { return contentHash(std::string_view(bytes)); }
inline std::string contentHash(const char* bytes) { return contentHash(std::string_view(bytes)); }
std::string contentHash(const std::filesystem::path& file);  ///< throws LAC-1105 when unreadable

/// Incremental form; add() of parts is length-prefixed, so ("ab","c") and ("a","bc") differ.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  Hasher& add(std::string_view bytes);
  Hasher& add(double value);
  Hasher& add(std::int64_t value);
  Hasher& add(std::integral auto value) { return add(static_cast<std::int64_t>(value)); }
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace lacuna
