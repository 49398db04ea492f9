#include "lacuna/base/hash.h"

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <vector>

#include <xxhash.h>

#include "lacuna/base/error.h"
#include "lacuna/base/hash64.h"

namespace lacuna {
namespace {

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};
using StatePtr = std::unique_ptr<XXH3_state_t, FreeState>;

StatePtr newState() {
  StatePtr state(XXH3_createState());
  LACUNA_CHECK(state != nullptr);
  XXH3_128bits_reset(state.get());
  return state;
}

std::string toHex(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace

std::uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string contentHash(std::string_view bytes) { return toHex(XXH3_128bits(bytes.data(), bytes.size())); }

std::string contentHash(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const auto unreadable = [&] {
    return Error("LAC-1105", "cannot read '" + file.string() + "'", "check that the file exists and may be read");
  };
  if (!in || std::filesystem::is_directory(file)) throw unreadable();
  const StatePtr state = newState();
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw unreadable();
  return toHex(XXH3_128bits_digest(state.get()));
}

struct Hasher::State {
  StatePtr xxh = newState();

  // The kind keeps a number apart from a text of the same bytes; lengths and numbers go in little-endian.
  void add(char kind, const void* bytes, std::size_t size) {
    std::array<unsigned char, 9> prefix{static_cast<unsigned char>(kind)};
    for (std::size_t i = 0; i < 8; ++i) prefix[i + 1] = static_cast<unsigned char>(std::uint64_t{size} >> (8 * i));
    XXH3_128bits_update(xxh.get(), prefix.data(), prefix.size());
    XXH3_128bits_update(xxh.get(), bytes, size);
  }
  void addNumber(char kind, std::uint64_t bits) {
    std::array<unsigned char, 8> bytes;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(bits >> (8 * i));
    add(kind, bytes.data(), bytes.size());
  }
};

Hasher::Hasher() : m_state(std::make_unique<State>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher& Hasher::add(std::string_view bytes) {
  m_state->add('s', bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::add(double value) {
  m_state->addNumber('d', std::bit_cast<std::uint64_t>(value));
  return *this;
}

Hasher& Hasher::add(std::int64_t value) {
  m_state->addNumber('i', static_cast<std::uint64_t>(value));
  return *this;
}

std::string Hasher::hex() const { return toHex(XXH3_128bits_digest(m_state->xxh.get())); }

}  // namespace lacuna
