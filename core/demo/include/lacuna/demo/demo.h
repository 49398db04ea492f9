#pragma once

#include <cstdint>
#include <filesystem>

#include "lacuna/base/run_context.h"

namespace lacuna::demo {

/// The demo's corpus: documents of own grammars in named families, and tasks that ask for each family's ability.
struct CorpusRecipe { std::int64_t documents = 24000; std::uint64_t seed = 1; std::int64_t itemsPerTask = 120; };
/// Writes corpus.jsonl ({"id","text","source","register"}) and tasks/<family>.json(l). No document occurs twice, and no solved item of a
/// task is told in any document. The same recipe gives the same bytes. Throws LAC-3002.
void writeDemoCorpus(const std::filesystem::path& folder, const CorpusRecipe& recipe, const RunContext& context);

}  // namespace lacuna::demo
