#include "lacuna/study/scale.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "read_results.h"
#include "regression_cells.h"
#include "table_cells.h"

namespace lacuna::study {
namespace {

/// What one study file says that a comparison needs.
struct Part {
  explicit Part(const std::filesystem::path& path) : store(store::Store::open(path, true)), data(*store), effects(store->effects()) {
    model.file = path;
    model.study = store->meta("name");
    model.architecture = store->meta("model_architecture");
    model.parameters = static_cast<std::int64_t>(parseNumber(store->meta("model_parameters")).value_or(0));
    tokenizer = store->meta("model_tokenizer");
    for (const DocumentRow& row : store->documents()) clusterOf[row.id.value] = row.cluster;
    for (const store::MembershipRow& row : store->clusterRecord().memberships) shared[row.cluster.value] = row.documents;
  }

  std::unique_ptr<store::Store> store;
  EffectData data;
  std::vector<EffectRow> effects;
  ScaleModel model;
  std::string tokenizer;
  std::map<std::int64_t, std::int32_t> clusterOf;   ///< by document
  std::map<std::int64_t, std::vector<std::int32_t>> shared;   ///< documents of each cluster, where they may be in several
};

Error apart(const std::string& what, const std::string& hint) { return Error("LAC-1405", "scale: " + what, hint); }

void requireDone(const Part& part) {
  const auto effects = part.store->stage("effects");
  if (!effects || effects->state != "done")
    throw Error("LAC-2005", part.model.file.string() + ": its effects are " + (effects ? "not up to date" : "missing"), "run the study first");
  if (part.model.parameters <= 0) throw apart(part.model.file.string() + ": the size of its model is not known", "run the study again with this version");
}

void requireSameClusters(const Part& a, const Part& b) {
  if (a.clusterOf == b.clusterOf && a.shared == b.shared) return;
  std::int64_t common = 0, same = 0;
  for (const auto& [document, cluster] : a.clusterOf)
    if (const auto other = b.clusterOf.find(document); other != b.clusterOf.end()) {
      ++common;
      same += other->second == cluster ? 1 : 0;
    }
  throw apart(b.model.file.string() + ": its clusters are not those of " + a.model.file.string() + ": of " + std::to_string(a.clusterOf.size()) + " and " +
                  std::to_string(b.clusterOf.size()) + " documents " + std::to_string(common) + " are in both, " + std::to_string(same) + " in the same cluster",
              "run both with the same corpus, embedding, clusters and seed; an embedding by the model's own states gives every model other clusters");
}

/// Tasks that both have must have the same items, reported alike.
std::size_t sharedTasks(const Part& a, const Part& b) {
  std::size_t shared = 0;
  for (const store::TaskItems& items : b.data.items) {
    const store::TaskItems* other = a.data.itemsOf(items.task);
    if (!other) continue;
    if (other->items != items.items || other->groups != items.groups || other->evaluate != items.evaluate)
      throw apart(b.model.file.string() + ": task '" + items.task + "' has other items, or reports others, than in " + a.model.file.string(),
                  "run both with the same task files, tune_share and seed");
    ++shared;
  }
  return shared;
}

void requireComparable(const std::vector<std::unique_ptr<Part>>& parts) {
  for (const auto& part : parts) requireDone(*part);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    requireSameClusters(*parts[0], *parts[i]);
    if (sharedTasks(*parts[0], *parts[i]) == 0)
      throw apart(parts[i]->model.file.string() + ": it has no task in common with " + parts[0]->model.file.string(), "studies are compared on tasks of the same name");
  }
}

/// One architecture and tokenizer: nothing else that a study knows tells models of one corpus order apart.
void nameFamilies(std::vector<std::unique_ptr<Part>>& parts, std::vector<std::string>& notices) {
  const bool known = std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part->tokenizer.empty(); });
  if (!known) notices.emplace_back("a study does not say which tokenizer its model has: families are told by architecture alone");
  std::map<std::string, std::int32_t> families;
  for (auto& part : parts)
    part->model.family = families.emplace(part->model.architecture + (known ? "/" + part->tokenizer : ""), static_cast<std::int32_t>(families.size())).first->second;
  notices.emplace_back("that the models were trained on one corpus in one order is taken on trust; a slope over sizes of different training is confounded");
}

using Key = std::tuple<std::int64_t, std::string, std::string, bool, double>;   ///< cluster, task, method, equal dose, dose
Key keyOf(const ScaleCell& c) { return {c.cluster.value, c.task, c.method, c.equalDose, c.dose}; }

std::string labelIn(const Part& part, ClusterId cluster) {
  for (const ClusterRow& row : part.data.clusters)
    if (row.id == cluster) return row.label;
  return "";
}

std::vector<ScaleCell> cellsOf(const Part& part, std::size_t model, CellNames& names) {
  std::vector<ScaleCell> cells;
  for (const StudyCell& found : studyCells(part.data, part.effects, *part.store, names)) {
    const EffectRow& e = *found.effect;
    ScaleCell cell{model, e.cluster, labelIn(part, e.cluster), e.task, e.method, e.layer, e.dose, e.equalDose, false, e.aceAdjusted, e.n, found.cell};
    cell.cell.model = static_cast<std::int32_t>(model);
    cell.cell.family = part.model.family;
    cell.cell.lnParameters = std::log(static_cast<double>(part.model.parameters));
    cells.push_back(std::move(cell));
  }
  return cells;
}

/// Leaves the cells that two studies have; marks those that all have.
void keepShared(ScaleReport& report) {
  std::map<Key, std::set<std::size_t>> owners;
  for (const ScaleCell& cell : report.cells) owners[keyOf(cell)].insert(cell.model);
  const std::size_t all = report.cells.size();
  std::erase_if(report.cells, [&](const ScaleCell& cell) { return owners.at(keyOf(cell)).size() < 2; });
  if (report.cells.empty())
    throw apart("the studies have no effect in common: no cluster, task, recipe and dose with controls in two of them", "give their specs the same perturbations and controls");
  if (all > report.cells.size()) report.notices.push_back(std::to_string(all - report.cells.size()) + " effects of one study alone were left out");
  for (ScaleCell& cell : report.cells) {
    cell.everywhere = owners.at(keyOf(cell)).size() == report.models.size();
    ++report.models[cell.model].cells;
  }
}

ScaleCurve curveOf(const ScaleCell& like, bool together, const std::vector<effects::EffectCell>& cells) {
  ScaleCurve curve{like.method, together ? "" : like.task, like.dose, like.equalDose, together ? ClusterId() : like.cluster, effects::scaleLaw(cells)};
  return curve;
}

void addCurves(ScaleReport& report) {
  std::map<std::tuple<std::string, bool, double>, std::vector<const ScaleCell*>> recipes;
  std::map<Key, std::vector<const ScaleCell*>> single;
  for (const ScaleCell& cell : report.cells) {
    if (!cell.everywhere) continue;
    recipes[{cell.method, cell.equalDose, cell.dose}].push_back(&cell);
    single[keyOf(cell)].push_back(&cell);
  }
  const auto add = [&](const std::vector<const ScaleCell*>& of, bool together) {
    std::vector<effects::EffectCell> cells;
    for (const ScaleCell* cell : of) cells.push_back(cell->cell);
    report.curves.push_back(curveOf(*of.front(), together, cells));
  };
  for (const auto& [recipe, cells] : recipes) add(cells, true);
  for (const auto& [key, cells] : single) add(cells, false);
}

Table cellsTable(const ScaleReport& report) {
  Table t{"scale", {{"study", "string", ""}, {"model_parameters", "integer", ""}, {"family", "integer", "equal: one architecture and tokenizer"},
                    {"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"task", "string", ""}, {"method", "string", ""}, {"layer", "integer", ""},
                    {"dose", "number", ""}, {"equal_dose", "boolean", ""}, {"in_all_studies", "boolean", ""}, {"ace_adjusted", "number", ""},
                    {"effect", "number", "ace_adjusted over the sd of the clean outcomes"}, {"variance", "number", "of effect"}, {"n", "integer", "items"},
                    {"ln_tokens", "number", "of the cluster"}, {"similarity", "number", "of cluster and task, before centring"}, {"ln_parameters", "number", ""},
                    {"depth", "number", "layer / (layers - 1)"}}, {}};
  for (const ScaleCell& c : report.cells) {
    const ScaleModel& m = report.models[c.model];
    t.rows.push_back(row(m.file.string(), m.parameters, m.family, c.cluster, c.label, c.task, c.method, c.layer, c.dose, c.equalDose, c.everywhere, c.aceAdjusted,
                         c.cell.effect, c.cell.variance, c.n, c.cell.lnTokens, c.cell.similarity, c.cell.lnParameters, c.cell.depth));
  }
  return t;
}

}  // namespace

ScaleReport compareScales(std::span<const std::filesystem::path> studies, const ScaleConfig& config, const RunContext& context) {
  if (studies.size() < 2) throw apart("expected two studies or more, found " + std::to_string(studies.size()), "one study file a model size");
  std::vector<std::unique_ptr<Part>> parts;
  for (const std::filesystem::path& path : studies) {
    context.checkpoint();
    context.report("Reading studies", parts.size(), studies.size());
    parts.push_back(std::make_unique<Part>(path));
  }
  requireComparable(parts);
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a->model.parameters < b->model.parameters; });
  ScaleReport report;
  nameFamilies(parts, report.notices);
  CellNames names;
  for (const auto& part : parts) {
    const std::vector<ScaleCell> cells = cellsOf(*part, report.models.size(), names);
    report.cells.insert(report.cells.end(), cells.begin(), cells.end());
    report.models.push_back(part->model);
  }
  keepShared(report);
  std::vector<effects::EffectCell> cells;
  for (const ScaleCell& cell : report.cells) cells.push_back(cell.cell);
  context.checkpoint();
  report.regression = regressionRows(cells, names, config.level, config.seed);
  addCurves(report);
  return report;
}

void writeScaleCells(const ScaleReport& report, const std::filesystem::path& file) {
  Table table = cellsTable(report);
  table.name = file.stem().string();
  files::writeFileAtomically(file, toCsv(table));
  files::writeFileAtomically(file.string() + "-metadata.json", toCsvMetadata(table, {{"version", LACUNA_VERSION}}));
}

}  // namespace lacuna::study
