#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/embeddings/embed_files.h"

namespace lacuna::cli {
namespace {

struct EmbedOptions {
  std::string encoder, corpus, out, textField, prompt, longDocuments = "truncate", sourceField;
  std::vector<std::string> post;
  int topComponents = 0;
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

nlohmann::ordered_json lengthJson(const embeddings::SourceLength& length) {
  return {{"documents", length.documents}, {"documents_cut", length.cut}, {"tokens", length.tokens}, {"tokens_lost", length.lost}};
}

void printJson(const EmbedOptions& o, const embeddings::SentenceEncoder& encoder, const embeddings::TextReport& report) {
  nlohmann::ordered_json json = {{"out", o.out}, {"shape", {report.reading.documents, encoder.dimensions()}}, {"encoder", encoder.description()},
                                 {"skipped_rows", sumOf(report.reading.bad)}, {"lengths", lengthJson(report.total())}};
  if (!o.sourceField.empty())
    for (const embeddings::SourceLength& length : report.lengths) json["sources"][length.source] = lengthJson(length);
  if (!o.post.empty()) json["degenerate"] = report.degenerate;
  std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void printWords(const EmbedOptions& o, const embeddings::SentenceEncoder& encoder, const embeddings::TextReport& report) {
  std::cout << report.reading.documents << " × " << encoder.dimensions() << " (" << encoder.description() << ") → " << o.out << '\n';
  if (const std::uint64_t skipped = sumOf(report.reading.bad); skipped > 0) std::cout << skipped << " rows are no documents and have no vector\n";
  for (const std::string& example : report.reading.examples) std::cout << "  " << example << '\n';
  if (report.degenerate > 0) std::cout << report.degenerate << " rows have no direction after the steps and are 0\n";
  if (const std::string all = lossInWords(report.total()); !all.empty()) std::cout << all << '\n';
  for (const embeddings::SourceLength& length : report.lengths)
    if (!o.sourceField.empty() && length.cut > 0) std::cout << "  " << (length.source.empty() ? "(none)" : length.source) << ": " << lossInWords(length) << '\n';
}

void embed(const EmbedOptions& o, const Shell& shell) {
  if (embeddings::embedsImages(o.encoder)) return embedPictures(o, shell);
  const auto encoder = embeddings::SentenceEncoder::load(o.encoder, shell.context, {o.prompt, *embeddings::longDocumentsFromName(o.longDocuments)});
  embeddings::EmbedTextsOptions options;
  options.reading.textField = o.textField;
  options.sourceField = o.sourceField;
  options.post = o.post;
  options.topComponents = o.topComponents;
  const embeddings::TextReport report = embeddings::embedTexts(*encoder, o.corpus, options, o.out, shell.context);
  if (shell.json) printJson(o, *encoder, report);
  else printWords(o, *encoder, report);
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
  command->add_option("--long-documents", o->longDocuments, "texts longer than the encoder reads: truncate, or windows over all of it, averaged")
      ->check(CLI::IsMember({"truncate", "windows"}));
  command->add_option("--source-field", o->sourceField, "count what is cut by the values of this field");
  command->add_option("--post", o->post, "steps after the encoder, in order: centre, all-but-the-top; rows then have length 1")
      ->delimiter(',')->allow_extra_args(false)->check(CLI::IsMember({"centre", "all-but-the-top"}));
  command->add_option("--top-components", o->topComponents, "of all-but-the-top; 0: max(1, round(d/100))")->check(CLI::NonNegativeNumber);
}

}  // namespace lacuna::cli
