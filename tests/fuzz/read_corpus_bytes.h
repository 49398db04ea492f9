#pragma once

#include <cstdint>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "scratch_folder.h"

/// Any bytes as a file of a corpus: read with one thread and with three, what is delivered is text, and the report adds up.
inline void readCorpusBytes(const char* name, std::string_view bytes, const char* textField) {
  using namespace lacuna;
  static const ScratchFolder folder;
  folder.put(name, bytes);
  files::ReadOptions options;
  options.textField = textField;
  options.maxLineBytes = 1 << 16;
  options.mayBeEmpty = true;
  for (const int threads : {1, 3}) {
    RunContext context;
    context.threads = threads;
    std::uint64_t seen = 0;
    try {
      const files::ReadReport report = files::readRecords(folder.path() / name, options, context, [&](files::Record&& record) {
        std::uint64_t replaced = 0;
        if (record.text.empty() || files::sanitiseUtf8(record.text, &replaced) != record.text) __builtin_trap();
        ++seen;
        return true;
      });
      std::uint64_t inFiles = 0;
      for (const auto& file : report.files) inFiles += file.documents;
      if (report.documents != seen || inFiles != seen || report.examples.size() > 20) __builtin_trap();
    } catch (const Error& error) {
      if (error.hint().empty()) __builtin_trap();
    }
  }
}
