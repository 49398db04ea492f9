#pragma once

#include <exception>
#include <string>

namespace lacuna {

/// The one exception that leaves a stage. The message says file, place, expected and found; the hint says what to do.
class Error : public std::exception {
 public:
  /// code: stable, "LAC-1001"; see docs/errors.md.
  Error(std::string code, std::string message, std::string hint = {});

  const std::string& code() const noexcept { return m_code; }
  const std::string& message() const noexcept { return m_message; }
  const std::string& hint() const noexcept { return m_hint; }
  /// "LAC-1001: message (hint)"
  const char* what() const noexcept override { return m_what.c_str(); }

 private:
  std::string m_code, m_message, m_hint, m_what;
};

/// Thrown when a stop was asked for. Never shown as an error.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

/// A broken invariant of the program itself: says where and aborts.
[[noreturn]] void checkFailed(const char* condition, const char* file, int line);

#define LACUNA_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::lacuna::checkFailed(#condition, __FILE__, __LINE__))

}  // namespace lacuna
