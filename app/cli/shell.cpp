#include "shell.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/terminal.h"
#include "lacuna/base/log.h"
#include "lacuna/base/numbers.h"

namespace lacuna::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

void onInterrupt(int) {
  if (g_interrupted) _exit(130);  // a second Ctrl-C always wins
  g_interrupted = 1;
}

std::string clock(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  return whole < 60 ? std::to_string(whole) + " s" : std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

/// One line on stderr, rewritten at most ten times a second: stage, share, time left.
class ProgressLine {
 public:
  void show(const Progress& p) {
    const auto now = std::chrono::steady_clock::now();
    if (p.stage != m_stage) {
      m_stage = p.stage;
      m_begin = now;
    } else if (p.done < p.total && now - m_last < std::chrono::milliseconds(100)) {
      return;
    }
    m_last = now;
    const double elapsed = std::chrono::duration<double>(now - m_begin).count();
    std::string line = p.stage;
    if (p.total > 0) line += "  " + std::to_string(100 * p.done / p.total) + " %";
    if (p.done > 0 && p.done < p.total && elapsed > 3)
      line += "  ≈ " + clock(elapsed * static_cast<double>(p.total - p.done) / static_cast<double>(p.done)) + " left";
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    m_shown = true;
  }
  ~ProgressLine() {
    if (m_shown) std::fprintf(stderr, "\r\033[K");
  }

 private:
  std::string m_stage;
  std::chrono::steady_clock::time_point m_begin, m_last;
  bool m_shown = false;
};

int runWork(Shell& shell) {
  std::stop_source stop;
  shell.context.stop = stop.get_token();
  // The handler only sets a flag: this thread turns it into a stop request.
  std::jthread watcher([&](std::stop_token done) {
    while (!done.stop_requested() && !g_interrupted) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (g_interrupted) stop.request_stop();
  });
  algebra::setBlasThreads(shell.context.threadCount());
  try {
    ProgressLine line;
    if (isatty(STDERR_FILENO)) shell.context.progress = [&](const Progress& p) { line.show(p); };
    shell.work();
    std::cout.flush();
    if (!std::cout) throw Error("LAC-3002", "the output could not be written", "check free space and the pipe");
    return 0;
  } catch (const Cancelled&) {
    std::cerr << "cancelled; what was finished is kept\n";
    return 130;
  } catch (const Error& e) {
    std::cerr << forTerminal(e.code() + ": " + e.message()) << '\n';
    if (!e.hint().empty()) std::cerr << "  → " << forTerminal(e.hint()) << '\n';
    return 1;
  } catch (const std::exception& e) {
    std::cerr << "LAC-9001: unexpected: " << forTerminal(e.what()) << '\n';
    return 1;
  }
}

}  // namespace

CLI::App* addCommand(CLI::App& parent, Shell& shell, const std::string& name, const std::string& help, std::function<void()> work) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_flag("--json", shell.json, "print the result as JSON");
  command->add_flag("-v,--verbose", shell.verbosity, "log what is done; twice for details");
  command->add_option("--threads", shell.context.threads, "at most this many threads (default: all cores)")->check(CLI::Range(1, 1024));
  command->callback([&shell, work = std::move(work)] { shell.work = work; });
  return command;
}

void addMemoryBudget(CLI::App* command, Shell& shell) {
  command->add_option_function<std::string>(
      "--memory-budget",
      [&shell](const std::string& text) {
        const auto unit = text.find_first_not_of("0123456789.");
        const auto number = parseNumber(text.substr(0, unit));
        const std::string name = unit == std::string::npos ? "" : text.substr(unit);
        if (!number || !(*number > 0) || (name != "MiB" && name != "GiB"))
          throw CLI::ValidationError("--memory-budget", "expected a number with MiB or GiB, such as 512MiB or 2GiB, found '" + text + "'");
        shell.context.memoryBudget = static_cast<std::uint64_t>(*number * (name == "GiB" ? 1024.0 * 1024 * 1024 : 1024.0 * 1024));
      },
      "memory the program may take: a number with MiB or GiB (default: 80 % of what is free); a larger model is read layer by layer");
}

void addDtype(CLI::App* command, Shell& shell) {
  command->add_option("--dtype", shell.dtype, "of the model's products: fp32, or bf16 (faster on processors with AMX tiles)")->check(CLI::IsMember({"fp32", "bf16"}));
}

int runProgram(CLI::App& app, Shell& shell, int argc, char** argv) {
  std::signal(SIGINT, onInterrupt);
  std::signal(SIGTERM, onInterrupt);
  app.set_version_flag("--version", app.get_name() + " " + LACUNA_VERSION);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (shell.verbosity > 0) log::setLevel(shell.verbosity > 1 ? log::Level::Debug : log::Level::Info);
  return runWork(shell);
}

}  // namespace lacuna::cli

