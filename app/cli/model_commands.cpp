#include <cctype>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/model/forward.h"
#include "lacuna/perturbation/fold.h"
#include "perturb_option.h"

namespace lacuna::cli {
namespace {

struct ModelOptions {
  std::string model, text, pair, ids, idsFile, site, perturb, out, stop;
  int layer = -1, maxNew = 64;
  bool noSpecial = false;
};

std::vector<std::int32_t> parseIds(const std::string& text, const std::string& where) {
  std::vector<std::int32_t> ids;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ',' || std::isspace(static_cast<unsigned char>(text[at]))) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && text[end] != ',' && !std::isspace(static_cast<unsigned char>(text[end]))) ++end;
    const auto value = parseNumber(std::string_view(text).substr(at, end - at));
    if (!value || *value < 0 || *value > 2147483647.0 || *value != static_cast<double>(static_cast<std::int32_t>(*value)))
      throw Error("LAC-1004",
                  where + ": expected token ids separated by commas or blanks, found '" +
                      text.substr(at, std::min<std::size_t>(end - at, 40)) + "'",
                  "for example 1,2,3");
    ids.push_back(static_cast<std::int32_t>(*value));
    at = end;
  }
  if (ids.empty()) throw Error("LAC-1004", where + ": no token ids", "give at least one");
  return ids;
}

/// The ids of --ids or --ids-file; none for --text.
std::optional<std::vector<std::int32_t>> givenIds(const ModelOptions& o) {
  const int given = static_cast<int>(!o.text.empty()) + static_cast<int>(!o.ids.empty()) + static_cast<int>(!o.idsFile.empty());
  if (given != 1) throw Error("LAC-1004", "give exactly one of --text, --ids and --ids-file", "see --help");
  if (!o.ids.empty()) return parseIds(o.ids, "--ids");
  if (!o.idsFile.empty()) return parseIds(files::readText(o.idsFile), o.idsFile);
  return std::nullopt;
}

/// What the result will take, before any weight is read; ids need no tokenizer. A single pass uses every layer once: nothing is gained by
/// holding them.
model::LoadOptions loadOptions(const ModelOptions& o, const std::optional<std::vector<std::int32_t>>& ids, model::Precision precision) {
  if (!ids) return {0, model::Residence::TablesInFiles, true, precision};
  const model::ModelInfo info = model::describeModel(o.model);
  const auto tokens = static_cast<std::uint64_t>(ids->size());
  const std::uint64_t result = o.site.empty() ? static_cast<std::uint64_t>(info.vocabulary) : static_cast<std::uint64_t>(std::max(info.mlpWidth, info.width));
  const auto states = static_cast<std::uint64_t>(4 * info.width + info.mlpWidth + (info.heads + 3 * info.kvHeads) * info.headDim);
  return {4 * tokens * (result + states) + (std::uint64_t{2} << 20), model::Residence::TablesInFiles, false, precision};
}

void tokenize(const ModelOptions& o, const Shell& shell) {
  const auto tokenizer = text::Tokenizer::load(o.model);
  const text::Encoding e = tokenizer->encode(o.text, {!o.noSpecial, false}, o.pair.empty() ? std::nullopt : std::optional<std::string_view>(o.pair));
  nlohmann::ordered_json tokens = nlohmann::json::array(), offsets = nlohmann::json::array();
  for (std::size_t i = 0; i < e.ids.size(); ++i) {
    tokens.push_back(e.tokens[i]);
    offsets.push_back({e.offsets[i][0], e.offsets[i][1]});
  }
  if (shell.json) {
    std::cout << nlohmann::ordered_json{{"ids", e.ids}, {"tokens", tokens}, {"offsets", offsets}, {"type_ids", e.typeIds}}.dump(
                     -1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
    return;
  }
  for (std::size_t i = 0; i < e.ids.size(); ++i)
    std::cout << e.ids[i] << '\t' << tokens[i].get<std::string>() << '\t' << e.offsets[i][0] << ".." << e.offsets[i][1] << '\n';
}

model::Arm armOf(const ModelOptions& o) { return o.perturb.empty() ? model::Arm{} : perturbationArm(o.perturb); }

void logits(const ModelOptions& o, const Shell& shell) {
  const auto given = givenIds(o);
  const auto model = model::Model::load(o.model, shell.context, loadOptions(o, given, model::precisionFromName(shell.dtype)));
  const model::Forest forest = {{given ? *given : model->tokenizer().encode(o.text, {!o.noSpecial, false}).ids, -1, false}};
  model::ForwardRequest request;
  if (!o.site.empty()) {
    const auto site = model::siteFromName(o.site);
    if (!site) throw Error("LAC-1202", "--site " + o.site + ": unknown", "known: resid_pre, resid_post, mlp_hidden, attn_out, mlp_out, last_hidden");
    if (*site != model::Site::LastHidden && (o.layer < 0 || o.layer >= model->info().layers))
      throw Error("LAC-1202",
                  "--layer " + std::to_string(o.layer) + ": the model has layers 0 to " + std::to_string(model->info().layers - 1),
                  "choose one of them");
    request.captures.push_back({*site, LayerIndex(*site == model::Site::LastHidden ? model->info().layers - 1 : o.layer)});
  } else {
    for (int i = 0; i < static_cast<int>(forest[0].ids.size()); ++i) request.logitsAt.push_back({0, i});
  }
  const model::Arm arm = armOf(o);
  const model::ForwardResult result = model::forward(*model, forest, std::span(&arm, 1), request, shell.context);
  const MatrixF& out = o.site.empty() ? result.logits[0] : result.captured[0][0];
  files::writeNpy(o.out, out);
  if (shell.json)
    std::cout << nlohmann::ordered_json{{"shape", {out.rows(), out.cols()}},
                                        {"edited_rows", result.edits[0].rows},
                                        {"candidate_rows", result.edits[0].candidates}}
                     .dump()
              << '\n';
}

void generate(const ModelOptions& o, const Shell& shell) {
  const auto given = givenIds(o);
  const auto model = model::Model::load(o.model, shell.context, {.precision = model::precisionFromName(shell.dtype)});
  const std::vector<std::int32_t> prompt = given ? *given : model->tokenizer().encode(o.text, {!o.noSpecial, false}).ids;
  model::GenerateOptions options;
  options.maxNewTokens = o.maxNew;
  options.stopIds = model->info().eos;
  if (!o.stop.empty())
    options.stop = [&, stream = text::DecodeStream(model->tokenizer(), true), written = std::string()](std::span<const std::int32_t> ids) mutable {
      return (written += stream.step(ids.back())).find(o.stop) != std::string::npos;
    };
  const auto continuation = model::generate(*model, std::span(&prompt, 1), armOf(o), options, shell.context).front();
  std::string text = model->hasTokenizer() ? model->tokenizer().decode(continuation, true) : "";
  if (!o.stop.empty()) text = text.substr(0, text.find(o.stop));
  std::vector<std::int32_t> all = prompt;
  all.insert(all.end(), continuation.begin(), continuation.end());
  if (shell.json)
    std::cout << nlohmann::ordered_json{{"prompt_ids", prompt}, {"new_ids", continuation}, {"ids", all}, {"text", text}}.dump(
                     -1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
  else if (model->hasTokenizer())
    std::cout << text << '\n';
  else
    for (std::size_t i = 0; i < all.size(); ++i) std::cout << all[i] << (i + 1 < all.size() ? ' ' : '\n');
}

void edit(const ModelOptions& o, const Shell& shell) {
  const perturbation::PerturbationSet set = readPerturbations(o.perturb);
  perturbation::writeEditedModel(o.model, set, o.out, shell.context);
  if (shell.json) std::cout << nlohmann::ordered_json{{"out", o.out}, {"edits", perturbation::describe(set)}}.dump() << '\n';
}

void addInput(CLI::App* command, ModelOptions& o) {
  command->add_option("MODEL", o.model, "model folder")->required();
  command->add_option("--text", o.text, "text to start from");
  command->add_option("--ids", o.ids, "token ids, separated by commas");
  command->add_option("--ids-file", o.idsFile, "file of token ids");
  command->add_option("--perturb", o.perturb, "perturbation as JSON file");
  command->add_flag("--no-special", o.noSpecial, "add no special tokens to the text");
}

}  // namespace

void addModelCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<ModelOptions>();
  CLI::App* tokens = addCommand(app, shell, "tokenize", "ids, tokens and byte offsets of a text", [o, &shell] { tokenize(*o, shell); });
  tokens->add_option("MODEL", o->model, "folder with the tokenizer")->required();
  tokens->add_option("--text", o->text, "text")->required();
  tokens->add_option("--pair", o->pair, "second text");
  tokens->add_flag("--no-special", o->noSpecial, "add no special tokens");

  CLI::App* scored = addCommand(app, shell, "logits", "next-token logits, or hidden states at a site, as .npy", [o, &shell] { logits(*o, shell); });
  addInput(scored, *o);
  addMemoryBudget(scored, shell);
  addDtype(scored, shell);
  scored->add_option("--site", o->site, "resid_pre, resid_post, mlp_hidden, attn_out, mlp_out, last_hidden");
  scored->add_option("--layer", o->layer, "block, 0-based");
  scored->add_option("--out", o->out, "float32 [T, V] or [T, d]")->required();

  CLI::App* generated = addCommand(app, shell, "generate", "greedy continuation", [o, &shell] { generate(*o, shell); });
  addInput(generated, *o);
  addMemoryBudget(generated, shell);
  addDtype(generated, shell);
  generated->add_option("--max-new", o->maxNew, "new tokens at most")->check(CLI::PositiveNumber);
  generated->add_option("--stop", o->stop, "stop string");

  CLI::App* edited = addCommand(app, shell, "edit", "a copy of a model whose weights hold the perturbation", [o, &shell] { edit(*o, shell); });
  edited->add_option("MODEL", o->model, "model folder")->required();
  edited->add_option("--perturb", o->perturb, "perturbation as JSON file; all tokens, the first one included")->required();
  edited->add_option("--out", o->out, "new folder")->required();
}

}  // namespace lacuna::cli
