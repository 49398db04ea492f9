#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/embeddings/embed_files.h"

namespace lacuna::cli {
namespace {

struct EmbedOptions {
  std::string encoder, corpus, out, textField, prompt;
};

std::uint64_t sumOf(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : counts) sum += count;
  return sum;
}

void embedPictures(const EmbedOptions& o, const Shell& shell) {
  const embeddings::ImageReport report = embeddings::embedImages(o.encoder, o.corpus, o.out, shell.context);
  if (shell.json) {
    std::cout << nlohmann::ordered_json{{"out", o.out}, {"shape", {report.images, report.dimensions}}, {"unreadable", report.unreadable}}.dump() << '\n';
    return;
  }
  std::cout << report.images << " × " << report.dimensions << " (class tokens, pictures in the natural order of their paths) → " << o.out << '\n';
  for (const std::string& why : report.unreadable) std::cout << "NaN: " << why << '\n';
}

void embed(const EmbedOptions& o, const Shell& shell) {
  if (embeddings::embedsImages(o.encoder)) return embedPictures(o, shell);
  const auto encoder = embeddings::SentenceEncoder::load(o.encoder, shell.context, {.promptName = o.prompt});
  files::ReadOptions options;
  options.textField = o.textField;
  const files::ReadReport report = embeddings::embedTexts(*encoder, o.corpus, options, o.out, shell.context);
  const std::uint64_t skipped = sumOf(report.bad);
  if (shell.json) {
    std::cout << nlohmann::ordered_json{{"out", o.out}, {"shape", {report.documents, encoder->dimensions()}}, {"encoder", encoder->description()},
                                        {"skipped_rows", skipped}}.dump() << '\n';
    return;
  }
  std::cout << report.documents << " × " << encoder->dimensions() << " (" << encoder->description() << ") → " << o.out << '\n';
  if (skipped > 0) std::cout << skipped << " rows are no documents and have no vector\n";
  for (const std::string& example : report.examples) std::cout << "  " << example << '\n';
}

}  // namespace

void addEmbedCommand(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<EmbedOptions>();
  CLI::App* command = addCommand(app, shell, "embed", "one vector a document, as .npy", [o, &shell] { embed(*o, shell); });
  command->add_option("ENCODER", o->encoder, "folder of a sentence encoder, of any encoder of texts, or of DINOv2")->required();
  command->add_option("--corpus", o->corpus, "corpus, a file or a folder; for DINOv2 a folder of PNG and JPEG")->required();
  addMemoryBudget(command, shell);
  command->add_option("--out", o->out, "float32 [documents, d], in file order")->required();
  command->add_option("--text-field", o->textField, "field of the text (default: found by itself)");
  command->add_option("--prompt", o->prompt, "name of one of the encoder's prompts");
}

}  // namespace lacuna::cli
