#include "lacuna/base/error.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace lacuna {

Error::Error(std::string code, std::string message, std::string hint)
    : m_code(std::move(code)), m_message(std::move(message)), m_hint(std::move(hint)), m_what(m_code + ": " + m_message) {
  if (!m_hint.empty()) m_what += " (" + m_hint + ")";
}

void checkFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "lacuna: internal check failed: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace lacuna
