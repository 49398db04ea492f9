#include "lacuna/base/log.h"

#include <mutex>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include "lacuna/base/terminal.h"

namespace lacuna::log {
namespace {

spdlog::level::level_enum toSpdlog(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warning: return spdlog::level::warn;
    case Level::Error: break;
  }
  return spdlog::level::err;
}

struct State {
  spdlog::logger logger{"lacuna", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
  std::mutex mutex;  // guards sink
  std::function<void(Level, const std::string&)> sink;

  State() {
    logger.set_pattern("%^%l%$: %v");
    logger.set_level(spdlog::level::warn);
    logger.flush_on(spdlog::level::warn);
  }
};

// Never destroyed: threads that outlive main() may still log.
State& state() {
  static State* const instance = new State;
  return *instance;
}

}  // namespace

void write(Level level, std::string_view message) {
  State& s = state();
  const std::string shown = forTerminal(message);
  s.logger.log(toSpdlog(level), spdlog::string_view_t(shown.data(), shown.size()));
  std::function<void(Level, const std::string&)> sink;
  {
    const std::lock_guard lock(s.mutex);
    sink = s.sink;
  }
  if (sink) sink(level, std::string(message));  // outside the lock: a sink may log
}

void setLevel(Level level) { state().logger.set_level(toSpdlog(level)); }

void setSink(std::function<void(Level, const std::string&)> sink) {
  const std::lock_guard lock(state().mutex);
  state().sink = std::move(sink);
}

}  // namespace lacuna::log
