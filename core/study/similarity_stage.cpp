#include <algorithm>
#include <chrono>
#include <cmath>

#include "cells.h"
#include "lacuna/similarity/similarity.h"

namespace lacuna::study {
namespace {

/// The probe's evaluation documents, first `wanted` in the order of the probe sample: fixed by the study, never chosen by result.
std::vector<std::vector<std::int32_t>> tokenised(Workspace& w, std::int64_t wanted) {
  std::vector<std::vector<std::int32_t>> texts;
  const auto limit = static_cast<std::size_t>(w.spec().probeMaxTokens);
  for (const DocumentRow& document : w.store().documents()) {
    if (document.role != "evaluate" || document.tokens < 2) continue;
    std::vector<std::int32_t> ids = w.model().tokenizer().encode(document.text, {false, true}).ids;
    if (ids.size() > limit) ids.resize(limit);
    if (ids.size() >= 2) texts.push_back(std::move(ids));
    if (static_cast<std::int64_t>(texts.size()) >= wanted) break;
  }
  return texts;
}

/// Mean-pooled resid_post of every layer under every arm: [arm][layer] → [documents, width]; position 0 left out.
std::vector<std::vector<MatrixF>> pooledStates(Workspace& w, const std::vector<std::vector<std::int32_t>>& texts,
                                               const std::vector<model::Arm>& arms) {
  const auto layers = static_cast<int>(w.modelInfo().layers);
  model::ForwardRequest request;
  for (int layer = 0; layer < layers; ++layer) request.captures.push_back({model::Site::ResidPost, LayerIndex(layer)});
  std::vector<std::vector<MatrixF>> pooled(arms.size(), std::vector<MatrixF>(static_cast<std::size_t>(layers),
                                                                             MatrixF(static_cast<Eigen::Index>(texts.size()), w.modelInfo().width)));
  constexpr std::size_t kTokens = 2048;
  std::vector<model::ForwardBatch> batches;
  std::vector<std::size_t> firsts;
  for (std::size_t next = 0; next < texts.size();) {
    firsts.push_back(next);
    model::Forest& forest = batches.emplace_back(model::ForwardBatch{{}, arms, request}).forest;
    for (std::size_t tokens = 0; next < texts.size() && (forest.empty() || tokens + texts[next].size() <= kTokens); ++next) {
      tokens += texts[next].size();
      forest.push_back({texts[next], -1, false});
    }
  }
  model::forwardEach(w.model(), batches, w.context(), [&](std::size_t b, model::ForwardResult&& result, const Error* notFinite) {
    if (notFinite) throw *notFinite;
    w.context().checkpoint();
    for (std::size_t a = 0; a < arms.size(); ++a)
      for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
        Eigen::Index row = 0;
        for (std::size_t s = 0; s < batches[b].forest.size(); ++s) {
          const auto length = static_cast<Eigen::Index>(batches[b].forest[s].ids.size());
          pooled[a][layer].row(static_cast<Eigen::Index>(firsts[b] + s)) =
              result.captured[a][layer].middleRows(row + 1, length - 1).cast<double>().colwise().mean().cast<float>();
          row += length;
        }
      }
  });
  return pooled;
}

CkaRow compare(const PlannedRun& run, std::size_t layer, const MatrixF& clean, const MatrixF& perturbed) {
  const similarity::Cka raw = similarity::linearCka(clean, perturbed);
  MatrixF a = clean, b = perturbed;
  similarity::zScore(a, b);
  const similarity::Displacement moved = similarity::displacement(clean, perturbed);
  CkaRow row;
  row.cluster = run.row.cluster;
  row.method = run.row.method;
  row.editedLayer = run.row.layer;
  row.layer = LayerIndex(static_cast<std::int64_t>(layer));
  row.epsilon = run.row.epsilon;
  row.biased = raw.biased;
  row.debiased = raw.debiased;
  row.zScored = similarity::linearCka(a, b).debiased;
  row.displacement = moved.relativeRms;
  row.cosine = moved.meanCosine;
  row.n = clean.rows();
  row.status = statistics::statusName(raw.status);
  return row;
}

CkaMatrix layerMatrix(const PlannedRun& run, const std::vector<MatrixF>& clean, const std::vector<MatrixF>& perturbed, int threads) {
  const auto layers = static_cast<Eigen::Index>(clean.size());
  CkaMatrix matrix{run.row.cluster, run.row.method, run.row.epsilon, MatrixD(layers, layers)};
  const auto all = similarity::linearCkaMatrix(clean, perturbed, threads);
  for (Eigen::Index i = 0; i < layers; ++i)
    for (Eigen::Index j = 0; j < layers; ++j) matrix.debiased(i, j) = all[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)].debiased;
  return matrix;
}

}  // namespace

void runSimilarityStage(Workspace& w, const std::string& key) {
  const auto begin = std::chrono::steady_clock::now();
  const Material material(w.store());
  const std::vector<Block> blocks = planBlocks(material, w.spec(), livingClusters(w.store()), key);
  const auto texts = tokenised(w, w.spec().ckaDocuments);
  std::vector<CkaRow> rows;
  std::vector<CkaMatrix> matrices;
  for (std::size_t b = 0; b < blocks.size() && !texts.empty(); ++b) {
    w.context().report("Comparing representations", b, blocks.size());
    std::vector<const PlannedRun*> runs;
    std::vector<model::Arm> arms(1);  // the clean arm first
    for (const PlannedRun& run : blocks[b].runs)
      if (!run.target.hash.empty()) {
        runs.push_back(&run);
        arms.push_back(perturbation::makeArm(run.target.set));
      }
    if (runs.empty()) continue;
    const auto pooled = pooledStates(w, texts, arms);
    for (std::size_t r = 0; r < runs.size(); ++r) {
      for (std::size_t layer = 0; layer < pooled[0].size(); ++layer)
        rows.push_back(compare(*runs[r], layer, pooled[0][layer], pooled[r + 1][layer]));
      if (!runs[r]->controls.empty() || runs.size() == 1) matrices.push_back(layerMatrix(*runs[r], pooled[0], pooled[r + 1], w.context().threads));
    }
  }
  w.context().report("Comparing representations", blocks.size(), blocks.size());
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    w.store().putCka(rows, matrices);
    w.store().putStage({"similarity", "done", key, std::to_string(texts.size()) + " documents", "", wall.count()});
  });
}

}  // namespace lacuna::study
