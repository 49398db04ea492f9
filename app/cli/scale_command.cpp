#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/base/numbers.h"
#include "lacuna/study/scale.h"

namespace lacuna::cli {
namespace {

struct ScaleOptions {
  std::vector<std::string> studies;
  std::string out;
  study::ScaleConfig config;
};

std::string text(double value, int decimals) { return std::isfinite(value) ? formatFixed(value, decimals) : "-"; }

std::string kindName(statistics::Scaling kind) {
  if (kind == statistics::Scaling::Constant) return "constant";
  return kind == statistics::Scaling::LogLinear ? "line in ln N" : "power law";
}

/// "0.05 + 12·N^-0.25"
std::string formula(const statistics::ScalingFit& fit) {
  if (fit.status != statistics::Status::Ok) return "-";
  if (fit.kind == statistics::Scaling::Constant) return text(fit.offset, 4);
  if (fit.kind == statistics::Scaling::LogLinear) return text(fit.offset, 4) + " + " + text(fit.slope, 4) + "·ln N";
  return text(fit.offset, 4) + " + " + text(fit.slope, 4) + "·N^-" + text(fit.exponent, 4);
}

std::string of(const study::ScaleCurve& curve) {
  return curve.method + (curve.equalDose ? ", δ " : ", ε ") + formatNumber(curve.dose) +
         (curve.task.empty() ? ", all clusters and tasks" : ", cluster " + std::to_string(curve.cluster.value) + " / " + curve.task);
}

void printCurves(const study::ScaleReport& report) {
  for (const study::ScaleCurve& curve : report.curves) {
    if (!curve.task.empty()) continue;   // one a cell: JSON has them
    std::cout << of(curve) << '\n';
    for (std::size_t i = 0; i < curve.law.sizes.size(); ++i)
      std::cout << std::setw(16) << formatFixed(curve.law.sizes[i], 0) << std::setw(12) << text(curve.law.effects[i], 4) << "  ± " << text(curve.law.se[i], 4) << '\n';
    std::cout << "  " << statistics::statusName(curve.law.status) << ": "
              << (curve.law.reason.empty() ? kindName(curve.law.chosen.kind) + ", " + formula(curve.law.chosen) : curve.law.reason) << '\n';
  }
}

void printRegression(const std::vector<study::RegressionRow>& rows) {
  std::cout << "estimator       term                  estimate        se       low      high         p\n";
  for (const study::RegressionRow& r : rows)
    std::cout << std::left << std::setw(16) << r.model << std::setw(20) << r.term << std::right << std::setw(10) << text(r.estimate, 4) << std::setw(10)
              << text(r.se, 4) << std::setw(10) << text(r.low, 4) << std::setw(10) << text(r.high, 4) << std::setw(10) << text(r.p, 4)
              << (r.status == "OK" ? "" : "  " + r.status) << '\n';
  if (!rows.empty() && !rows.front().reason.empty()) std::cout << rows.front().reason << '\n';
}

void print(const study::ScaleReport& report) {
  for (const study::ScaleModel& m : report.models)
    std::cout << std::setw(14) << m.parameters << "  " << m.architecture << "  family " << m.family << "  " << m.cells << " effects  " << m.file.string() << '\n';
  printRegression(report.regression);
  std::cout << "effect (control-adjusted ACE over the sd of the clean outcomes) against model size\n";
  printCurves(report);
  for (const std::string& notice : report.notices) std::cout << "note: " << notice << '\n';
}

nlohmann::ordered_json fitJson(const statistics::ScalingFit& fit) {
  return {{"kind", kindName(fit.kind)}, {"offset", fit.offset}, {"slope", fit.slope}, {"exponent", fit.exponent}, {"loss", fit.loss}, {"aicc", fit.aicc},
          {"status", statistics::statusName(fit.status)}};
}

nlohmann::ordered_json curveJson(const study::ScaleCurve& c) {
  nlohmann::ordered_json json = {{"method", c.method}, {"dose", c.dose}, {"equal_dose", c.equalDose}, {"cluster", nullptr}, {"task", nullptr}};
  if (!c.task.empty()) json["cluster"] = c.cluster.value, json["task"] = c.task;
  json.update({{"sizes", c.law.sizes}, {"effects", c.law.effects}, {"se", c.law.se}, {"chosen", fitJson(c.law.chosen)}, {"constant", fitJson(c.law.constant)},
               {"line", fitJson(c.law.line)}, {"power", fitJson(c.law.power)}, {"status", statistics::statusName(c.law.status)}, {"reason", c.law.reason}});
  return json;
}

nlohmann::ordered_json toJson(const study::ScaleReport& report) {
  nlohmann::ordered_json json = {{"models", nlohmann::json::array()}, {"cells", report.cells.size()}, {"regression", nlohmann::json::array()},
                                 {"curves", nlohmann::json::array()}, {"notices", report.notices}};
  for (const study::ScaleModel& m : report.models)
    json["models"].push_back({{"file", m.file.string()}, {"study", m.study}, {"architecture", m.architecture}, {"parameters", m.parameters}, {"family", m.family},
                              {"cells", m.cells}});
  for (const study::RegressionRow& r : report.regression)
    json["regression"].push_back({{"model", r.model}, {"term", r.term}, {"estimate", r.estimate}, {"se", r.se}, {"low", r.low}, {"high", r.high}, {"p", r.p},
                                  {"vif", r.vif}, {"n", r.n}, {"n_clusters", r.clusters}, {"status", r.status}, {"reason", r.reason}});
  for (const study::ScaleCurve& curve : report.curves) json["curves"].push_back(curveJson(curve));
  return json;
}

}  // namespace

void addScaleCommand(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<ScaleOptions>();
  CLI::App* scale = addCommand(app, shell, "scale", "effects of several studies against the size of their models", [o, &shell] {
    const std::vector<std::filesystem::path> files(o->studies.begin(), o->studies.end());
    const study::ScaleReport report = study::compareScales(files, o->config, shell.context);
    if (!o->out.empty()) study::writeScaleCells(report, o->out);
    if (shell.json) std::cout << toJson(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    else print(report);
  });
  scale->add_option("STUDY", o->studies, "study files of models of different size: same clusters, tasks, perturbations and controls")->required()->expected(2, 1000);
  scale->add_option("--out", o->out, "CSV of the effects that were compared, with all that the regression read");
  scale->add_option("--level", o->config.level, "of the intervals")->check(CLI::Range(0.5, 0.999));
  scale->add_option("--seed", o->config.seed, "of the wild bootstrap");
}

}  // namespace lacuna::cli
