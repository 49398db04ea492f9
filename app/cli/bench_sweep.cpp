#include <algorithm>
#include <utility>

#include "bench.h"
#include "lacuna/base/error.h"
#include "lacuna/model/forward.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::cli {
namespace {

using nlohmann::json;

struct SweepItems {
  model::Forest forest;                                   ///< prefix, questions, choices
  std::vector<model::ScoredToken> scored;
  std::vector<std::pair<std::size_t, std::size_t>> owner;  ///< item, choice of each scored token
  std::size_t items = 0, choices = 0;
};

SweepItems itemsOf(const json& data, const std::filesystem::path& file) {
  SweepItems out;
  int prefix = -1;
  if (const auto ids = data.at("prefix").get<std::vector<std::int32_t>>(); !ids.empty()) {
    out.forest.push_back({ids, -1, false});
    prefix = 0;
  }
  for (const json& item : data.at("items")) {
    int parent = prefix;
    if (const auto question = item.at("question").get<std::vector<std::int32_t>>(); !question.empty()) {
      out.forest.push_back({question, prefix, false});
      parent = static_cast<int>(out.forest.size()) - 1;
    }
    out.choices = item.at("choices").size();
    for (std::size_t c = 0; c < out.choices; ++c) {
      const auto ids = item["choices"][c].get<std::vector<std::int32_t>>();
      out.forest.push_back({ids, parent, true});
      for (std::size_t t = 0; t < ids.size(); ++t) {
        if (t == 0 && parent < 0) throw Error("LAC-1012", file.string() + ": a choice without anything before it", "give a prefix or a question");
        out.scored.push_back({static_cast<int>(out.forest.size()) - 1, static_cast<int>(t)});
        out.owner.emplace_back(out.items, c);
      }
    }
    ++out.items;
  }
  return out;
}

SweepItems readItems(const std::filesystem::path& file) {
  return readBenchJson(file, [&](const json& data) { return itemsOf(data, file); });
}

std::vector<double> column(const files::NpyArray& a) { return a.values; }

/// The arms of cells.json, the clean one first.
std::vector<model::Arm> armsOf(const json& data, const std::filesystem::path& in) {
  const files::NpyArray neurons = files::readNpy(in / "neurons.npy"), v = files::readNpy(in / "V.npy"), u = files::readNpy(in / "u.npy");
  const std::vector<double> muMlp = column(files::readNpy(in / "mu_mlp.npy")), muResid = column(files::readNpy(in / "mu_resid.npy"));
  const bool includeFirst = data.at("skip_positions").empty();
  if (!includeFirst && data["skip_positions"] != json::array({0}))
    throw Error("LAC-1012", (in / "cells.json").string() + ": /skip_positions: expected [0] or []", "other positions cannot be left out");
  std::vector<model::Arm> arms(1);
  for (const json& cell : data.at("cells")) {
    const auto c = cell.at("cluster").get<std::int64_t>();
    perturbation::Perturbation p;
    p.layer = LayerIndex(data.at("layer").get<std::int64_t>());
    p.epsilon = cell.at("eps").get<double>();
    p.includeFirst = includeFirst;
    const std::string method = cell.at("method").get<std::string>();
    if (method == "mean") {
      p.site = model::Site::MlpHidden;
      p.method = perturbation::Method::Mean;
      for (std::int64_t k = 0; k < neurons.shape[1]; ++k) p.neurons.push_back(static_cast<std::int32_t>(neurons.values[static_cast<std::size_t>(c * neurons.shape[1] + k)]));
      std::sort(p.neurons.begin(), p.neurons.end());
      for (const std::int32_t n : p.neurons) p.centre.push_back(muMlp[static_cast<std::size_t>(n)]);
    } else if (method == "project") {
      p.site = model::Site::ResidPost;
      p.method = perturbation::Method::Project;
      p.basis = Eigen::Map<const MatrixD>(v.values.data() + c * v.shape[1] * v.shape[2], v.shape[1], v.shape[2]);
      p.centre = muResid;
    } else if (method == "shift") {
      p.site = model::Site::ResidPost;
      p.method = perturbation::Method::Shift;
      p.direction.assign(u.values.begin() + c * u.shape[1], u.values.begin() + (c + 1) * u.shape[1]);
      p.rho = data.at("rho").get<double>();
    } else {
      throw Error("LAC-1012", (in / "cells.json").string() + ": unknown method '" + method + "'", "known: mean, project, shift");
    }
    arms.push_back(perturbation::makeArm(p));
  }
  return arms;
}

std::vector<model::Arm> readCells(const std::filesystem::path& in) {
  return readBenchJson(in / "cells.json", [&](const json& data) { return armsOf(data, in); });
}

}  // namespace

void benchSweep(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  const auto model = model::Model::load(o.in / "model", context, {.precision = model::precisionFromName(o.dtype)});
  const SweepItems items = readItems(o.in / "items.json");
  const std::vector<model::Arm> arms = readCells(o.in);
  timer.readDone();
  model::ForwardRequest request;
  request.scored = items.scored;
  const model::ForwardResult result = model::forward(*model, items.forest, arms, request, context);
  std::vector<float> ll(arms.size() * items.items * items.choices);
  for (std::size_t a = 0; a < arms.size(); ++a) {
    std::vector<double> sums(items.items * items.choices, 0.0);
    for (std::size_t s = 0; s < items.scored.size(); ++s)
      sums[items.owner[s].first * items.choices + items.owner[s].second] += static_cast<double>(result.logProbs[a][s]);
    for (std::size_t i = 0; i < sums.size(); ++i) ll[a * sums.size() + i] = static_cast<float>(sums[i]);
  }
  timer.workDone();
  files::writeNpy(o.out / "ll.npy", ll, {static_cast<std::int64_t>(arms.size()), static_cast<std::int64_t>(items.items), static_cast<std::int64_t>(items.choices)});
  timer.write(o, context);
}

}  // namespace lacuna::cli
