#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "grammar.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/demo/demo.h"

namespace lacuna::demo {
namespace {

using Json = nlohmann::ordered_json;
constexpr int MixedInHundred = 12, OpenedInHundred = 30, ClosedInHundred = 20, LeastWords = 26;

struct Document { std::string text, source; Register reg; std::vector<std::string> solved; };

std::size_t countWords(const std::string& text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    words += !blank && !inside ? 1 : 0;
    inside = !blank;
  }
  return words;
}

/// A document: instances of its family, or of two families in turn, until it is long enough; at times with an opener or a closer.
Document writeDocument(Rng& rng) {
  const auto all = families();
  Document document;
  document.reg = rng.below(2) == 0 ? Register::Plain : Register::Formal;
  std::vector<const Family*> parts{&pick(rng, all)};
  if (rng.below(100) < MixedInHundred) {
    const Family* second = &pick(rng, all);
    while (second == parts[0]) second = &pick(rng, all);
    parts.push_back(second);
  }
  document.source = parts.size() > 1 ? "mixed" : std::string(parts[0]->name);
  if (rng.below(100) < OpenedInHundred) document.text = writeOpener(rng, document.reg) + "\n";
  const std::size_t wanted = LeastWords + rng.below(30);
  for (std::size_t i = 0; i < parts.size() || countWords(document.text) < wanted; ++i) {
    const Instance instance = parts[i % parts.size()]->write(rng, document.reg);
    document.text += (i > 0 ? "\n" : "") + instance.told();
    document.solved.push_back(instance.solved());
  }
  if (rng.below(100) < ClosedInHundred) document.text += "\n" + writeCloser(rng, document.reg);
  return document;
}

/// Writes corpus.jsonl; gives every solved problem told in it, for the tasks to stay clear of.
std::unordered_set<std::string> writeDocuments(const std::filesystem::path& folder, const CorpusRecipe& recipe,
                                               const RunContext& context) {
  std::unordered_set<std::string> texts, solved;
  std::string lines;
  for (std::int64_t i = 0; i < recipe.documents; ++i) {
    if (i % 1000 == 0) { context.checkpoint(); context.report("Writing the corpus", static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(recipe.documents)); }
    Rng rng(recipe.seed, "lab/document", static_cast<std::uint64_t>(i));
    Document document = writeDocument(rng);
    while (!texts.insert(document.text).second) document = writeDocument(rng);
    solved.insert(document.solved.begin(), document.solved.end());
    const std::string number = std::to_string(i);
    lines += Json{{"id", "doc-" + std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number}, {"text", document.text},
                  {"source", document.source}, {"register", document.reg == Register::Plain ? "plain" : "formal"}}.dump() + "\n";
  }
  files::writeFileAtomically(folder / "corpus.jsonl", lines);
  return solved;
}

/// "template" and not "group": items are drawn from the grammar one by one and share no passage, so each is its own group.
Json taskItem(const Instance& instance) {
  if (instance.choices.empty()) return {{"question", instance.prompt}, {"answer", instance.answer}, {"template", instance.group}};
  const auto gold = std::find(instance.choices.begin(), instance.choices.end(), instance.answer) - instance.choices.begin();
  return {{"question", instance.prompt}, {"choices", instance.choices}, {"answer", gold}, {"template", instance.group}};
}

void writeTask(const std::filesystem::path& folder, const Family& family, const CorpusRecipe& recipe,
               const std::unordered_set<std::string>& known) {
  std::unordered_set<std::string> used;
  std::string lines;
  Rng rng(recipe.seed, "lab/task/" + std::string(family.name));
  Instance instance;
  for (std::int64_t i = 0; i < recipe.itemsPerTask; ++i) {
    do instance = family.write(rng, i % 2 == 0 ? Register::Plain : Register::Formal);
    while (known.contains(instance.solved()) || !used.insert(instance.solved()).second);
    lines += taskItem(instance).dump() + "\n";
  }
  const std::string name(family.name);
  Json sidecar{{"format", instance.choices.empty() ? "gsm8k" : "multiple_choice"}, {"name", name}, {"file", name + ".jsonl"},
               {"prompt", "{question}"}, {"target_delimiter", " "}};
  if (instance.choices.empty()) sidecar["generation"] = {{"max_new_tokens", 40}, {"until", {"\n"}}};
  files::writeFileAtomically(folder / (name + ".jsonl"), lines);
  files::writeFileAtomically(folder / (name + ".json"), sidecar.dump(2) + "\n");
}

}  // namespace

void writeDemoCorpus(const std::filesystem::path& folder, const CorpusRecipe& recipe, const RunContext& context) {
  std::error_code failed;
  std::filesystem::create_directories(folder / "tasks", failed);
  if (failed) throw Error("LAC-3002", "cannot make the folder " + (folder / "tasks").string() + ": " + failed.message());
  const auto known = writeDocuments(folder, recipe, context);
  for (const Family& family : families()) {
    context.checkpoint();
    writeTask(folder / "tasks", family, recipe, known);
  }
}

}  // namespace lacuna::demo
