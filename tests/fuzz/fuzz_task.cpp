#include <cmath>
#include <cstdint>
#include <string>

#include "lacuna/base/error.h"
#include "lacuna/tasks/tasks.h"
#include "scratch_folder.h"

// Any bytes as a task: the first byte chooses a sidecar's format for the rest as its data, a data file found by its content, or a sidecar.
// Read, or refused with a way out; what was read holds together.

namespace {

constexpr const char* kFormats[] = {"gsm8k", "bigbench", "bbh", "realtoxicityprompts", "crows_pairs", "multiple_choice", "generation"};
constexpr const char* kNames[] = {"data.jsonl", "data.json", "data.csv", "data.txt"};

void check(const lacuna::tasks::Task& task) {
  if (task.items.empty() || task.name.empty() || std::isnan(chanceLevel(task))) __builtin_trap();
  for (const auto& item : task.items) {
    const bool chooses = task.kind == lacuna::tasks::Kind::MultipleChoice;
    if (chooses && (item.gold < 0 || item.gold >= static_cast<int>(item.choices.size()))) __builtin_trap();
  }
}

std::filesystem::path prepared(const ScratchFolder& scratch, std::uint8_t kind, std::string_view rest) {
  if (kind >= 0xF0) {
    scratch.put("data.jsonl", "{\"question\": \"q\", \"choices\": [\"a\", \"b\"], \"answer\": 1}\n");
    scratch.put("sidecar.json", rest);
    return scratch.path() / "sidecar.json";
  }
  const char* const name = kNames[kind % 4];
  scratch.put(name, rest);
  const unsigned format = (kind / 4u) % 8;
  if (format == 7) return scratch.path() / name;
  scratch.put("sidecar.json", std::string("{\"format\": \"") + kFormats[format] + "\", \"name\": \"x\", \"file\": \"" + name + "\", \"mode\": \"" +
                                  (format == 2 && kind & 0x80 ? "cot" : "direct") + "\", \"fewshot\": {\"file\": \"" + name + "\"}}");
  return scratch.path() / "sidecar.json";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ScratchFolder scratch;
  if (size == 0) return 0;
  scratch.clear();
  const auto path = prepared(scratch, data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  lacuna::tasks::looksLikeTask(path);
  for (const int shots : {0, 2}) {
    try {
      check(lacuna::tasks::readTask(path, {.fewshotFile = {}, .shots = shots, .sampler = {}}));
    } catch (const lacuna::Error& error) {
      if (error.hint().empty()) __builtin_trap();
    }
  }
  return 0;
}
