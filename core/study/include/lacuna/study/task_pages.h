#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/study/examples.h"
#include "lacuna/study/results.h"

/// What a task asks and what becomes of its items under a run (workbench.md V-17). Texts are read from the task's files, numbers from the
/// stored outcomes.
namespace lacuna::study {

struct TokenPiece { std::string text; bool scored = false; };
/// One text as the model reads it, token by token.
struct TokenText { std::vector<TokenPiece> pieces; bool gold = false; };

struct TaskPage {
  std::string name, format, file;
  std::string description;                   ///< of the sidecar; may be empty
  std::int64_t items = 0, reported = 0, shots = 0;
  std::vector<std::string> metrics;
  std::string metric;                        ///< of `clean`: what counts right answers; empty when nothing does
  Ranged clean;                              ///< of the reported items, BCa over groups
  std::int64_t n = 0, groups = 0;
  double chance = 0;                         ///< floor of `metric`; 0 for generation
  Ranged margin;                             ///< primary outcome of the same items
};

/// One item rendered; a choice each, or the gold answer.
struct ItemView {
  std::int64_t item = 0;                     ///< position in the task's data file
  std::vector<TokenText> texts;
  std::string status = "ok";                 ///< why there is nothing to show: "blank_context", "no_reference", …
};

/// What a run changed, item by item; the largest loss of margin first.
struct Examples {
  std::string task, metric;                  ///< metric: of the scores; empty: flips cannot be told
  std::vector<ExampleRow> rows;
};

}  // namespace lacuna::study
