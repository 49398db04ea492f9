#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/base/error.h"
#include "lacuna/clusters/clusters.h"
#include "lacuna/files/files.h"
#include "lacuna/model/forward.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/probes/probes.h"

/// Thin doors to the engine for measuring it beside other tools: no kernel, shortcut or precision of their own.
namespace lacuna::cli {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

struct BenchOptions { std::filesystem::path in, out; };

json readJson(const std::filesystem::path& file) {
  json value = json::parse(files::readText(file), nullptr, false);
  if (value.is_discarded()) throw Error("LAC-1012", file.string() + ": not valid JSON", "see the benchmark's description");
  return value;
}

/// One report.json: seconds of work, reading and writing.
struct Timer {
  Clock::time_point begin = Clock::now();
  double read = 0, work = 0;
  void readDone() { read = since(begin); begin = Clock::now(); }
  void workDone() { work = since(begin); begin = Clock::now(); }
  void write(const BenchOptions& o, const RunContext& context, json more = json::object()) const {
    json report = {{"seconds", work}, {"read_seconds", read}, {"write_seconds", since(begin)}, {"threads", context.threadCount()},
                   {"dtype", "fp32"}, {"version", LACUNA_VERSION}};
    report.update(more);
    files::writeFileAtomically(o.out / "report.json", report.dump(2) + "\n");
  }
};

MatrixF matrix(const files::NpyArray& a, const std::filesystem::path& file) {
  if (a.shape.size() != 2) throw Error("LAC-1012", file.string() + ": expected two dimensions, found " + std::to_string(a.shape.size()), "see the benchmark's description");
  return Eigen::Map<const MatrixD>(a.values.data(), a.shape[0], a.shape[1]).cast<float>();
}
std::vector<std::int32_t> integers(const std::filesystem::path& file) {
  const files::NpyArray a = files::readNpy(file);
  return {a.values.begin(), a.values.end()};
}

struct SweepItems {
  model::Forest forest;                                   ///< prefix, questions, choices
  std::vector<model::ScoredToken> scored;
  std::vector<std::pair<std::size_t, std::size_t>> owner;  ///< item, choice of each scored token
  std::size_t items = 0, choices = 0;
};

SweepItems readItems(const std::filesystem::path& file) {
  const json data = readJson(file);
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

std::vector<double> column(const files::NpyArray& a) { return a.values; }

/// The arms of cells.json, the clean one first.
std::vector<model::Arm> readCells(const std::filesystem::path& in) {
  const json data = readJson(in / "cells.json");
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

void sweep(const BenchOptions& o, const RunContext& context) {
  Timer timer;
  const auto model = model::Model::load(o.in / "model", context);
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

void probesBench(const BenchOptions& o, const RunContext& context) {
  Timer timer;
  const json config = readJson(o.in / "probes.json");
  probes::LogisticProblem problem;
  problem.x = matrix(files::readNpy(o.in / "X.npy"), o.in / "X.npy");
  const std::vector<std::int32_t> labels = integers(o.in / "labels.npy"), folds = integers(o.in / "folds.npy");
  const auto lambdas = config.at("lambdas").get<std::vector<double>>();
  problem.tolerance = config.at("tolerance").get<double>();
  problem.maxIterations = 20000;
  timer.readDone();
  const int clusters = *std::max_element(labels.begin(), labels.end()) + 1, foldCount = *std::max_element(folds.begin(), folds.end()) + 1;
  const auto n = problem.x.rows(), columns = static_cast<Eigen::Index>(clusters) * static_cast<Eigen::Index>(lambdas.size()) * foldCount;
  problem.targets.resize(n, columns);
  problem.weights.resize(n, columns);
  Eigen::Index c = 0;
  for (int k = 0; k < clusters; ++k)
    for (const double lambda : lambdas)
      for (int f = 0; f < foldCount; ++f, ++c) {
        double own = 0, all = 0;
        for (std::size_t i = 0; i < labels.size(); ++i)
          if (folds[i] != f) {
            ++all;
            own += labels[i] == k ? 1 : 0;
          }
        for (Eigen::Index i = 0; i < n; ++i) {
          const auto at = static_cast<std::size_t>(i);
          const bool mine = labels[at] == k;
          problem.targets(i, c) = mine ? 1.0F : 0.0F;
          problem.weights(i, c) = folds[at] == f ? 0.0F : static_cast<float>(all / (2 * (mine ? own : all - own)));
        }
        problem.lambdas.push_back(lambda);
      }
  const probes::LogisticSolution solution = probes::solveLogistic(problem, context);
  timer.workDone();
  const auto d = problem.x.cols();
  std::vector<float> out(static_cast<std::size_t>(columns * (d + 1)));
  for (Eigen::Index j = 0; j < columns; ++j) {
    for (Eigen::Index i = 0; i < d; ++i) out[static_cast<std::size_t>(j * (d + 1) + i)] = static_cast<float>(solution.w(i, j));
    out[static_cast<std::size_t>(j * (d + 1) + d)] = static_cast<float>(solution.b[j]);
  }
  files::writeNpy(o.out / "W.npy", out, {clusters, static_cast<std::int64_t>(lambdas.size()), foldCount, d + 1});
  timer.write(o, context, {{"not_converged", std::count(solution.converged.begin(), solution.converged.end(), 0)}});
}

void silhouette(const BenchOptions& o, const RunContext& context) {
  Timer timer;
  const MatrixF x = matrix(files::readNpy(o.in / "X.npy"), o.in / "X.npy");
  const std::vector<std::int32_t> labels = integers(o.in / "labels.npy");
  timer.readDone();
  const std::vector<double> s = clusters::cosineSilhouettes(x, labels, context);
  double sum = 0, negative = 0, n = 0;
  std::map<std::int32_t, std::pair<double, double>> byCluster;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (labels[i] < 0) continue;
    sum += s[i];
    negative += s[i] < 0 ? 1 : 0;
    ++n;
    byCluster[labels[i]].first += s[i];
    byCluster[labels[i]].second += 1;
  }
  double macro = 0;
  for (const auto& [label, total] : byCluster) macro += total.first / total.second;
  timer.workDone();
  files::writeNpy(o.out / "silhouette.npy", std::vector<float>(s.begin(), s.end()), {static_cast<std::int64_t>(s.size())});
  files::writeFileAtomically(o.out / "summary.json", json{{"mean", sum / n}, {"macro", macro / static_cast<double>(byCluster.size())}, {"share_negative", negative / n}}.dump() + "\n");
  timer.write(o, context);
}

std::filesystem::path corpusInput(const std::filesystem::path& in) {
  for (const char* name : {"corpus.jsonl.zst", "corpus.json.gz", "corpus"})
    if (std::filesystem::exists(in / name)) return in / name;
  throw Error("LAC-1101", in.string() + ": expected corpus.jsonl.zst, corpus.json.gz or a folder corpus/", "see the benchmark's description");
}

void corpusBench(const BenchOptions& o, const RunContext& context) {
  Timer timer;
  const auto wanted = readJson(o.in / "sample.json").at("rows").get<std::vector<std::int64_t>>();
  timer.readDone();
  std::vector<std::int64_t> lengths;
  std::string sample;
  std::size_t next = 0;
  const files::ReadReport report = files::readRecords(corpusInput(o.in), {}, context, [&](files::Record&& record) {
    if (next < wanted.size() && static_cast<std::int64_t>(lengths.size()) == wanted[next]) {
      sample += json(record.text).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
      ++next;
    }
    lengths.push_back(static_cast<std::int64_t>(record.text.size()));
    return true;
  });
  timer.workDone();
  files::writeNpy(o.out / "lengths.npy", lengths);
  files::writeFileAtomically(o.out / "sample.jsonl", sample);
  std::uint64_t bad = 0;
  for (const auto& [kind, count] : report.bad) bad += count;
  timer.write(o, context, {{"documents", lengths.size()}, {"bad_rows", bad}, {"bytes", report.bytes}});
}

}  // namespace

void addBenchCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<BenchOptions>();
  CLI::App* bench = app.add_subcommand("bench", "one measured piece of work on given arrays");
  bench->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, void (*work)(const BenchOptions&, const RunContext&)) {
    CLI::App* command = addCommand(*bench, shell, name, help, [o, &shell, work] {
      std::filesystem::create_directories(o->out);
      try {
        work(*o, shell.context);
      } catch (const json::exception& e) {
        throw Error("LAC-1012", o->in.string() + ": " + e.what(), "see the benchmark's description");
      }
    });
    command->add_option("--in", o->in, "folder of the input")->required();
    command->add_option("--out", o->out, "empty folder for the output")->required();
  };
  add("sweep", "perturbations × items at one layer of a decoder", sweep);
  add("probes", "L2 logistic probes: clusters × lambda × folds", probesBench);
  add("silhouette", "exact cosine silhouettes", silhouette);
  add("corpus", "compressed JSON lines to documents", corpusBench);
}

}  // namespace lacuna::cli
