#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lacuna::log {

enum class Level { Debug, Info, Warning, Error };

void write(Level level, std::string_view message);
inline void debug(std::string_view m) { write(Level::Debug, m); }
inline void info(std::string_view m) { write(Level::Info, m); }
inline void warning(std::string_view m) { write(Level::Warning, m); }
inline void error(std::string_view m) { write(Level::Error, m); }

void setLevel(Level level);  ///< what goes to stderr; default Warning
/// Also hands every line to `sink`; an empty function removes it. Used by the window's log pane and by the tests.
void setSink(std::function<void(Level, const std::string&)> sink);

}  // namespace lacuna::log
