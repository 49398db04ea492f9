#include <algorithm>
#include <atomic>
#include <cmath>

#include "batches.h"
#include "cache.h"
#include "lacuna/activations/activations.h"
#include "lacuna/base/error.h"
#include "moments.h"

namespace lacuna::activations {
namespace {

constexpr double kTolerableShare = 0.001;  // of documents with non-finite states (methods.md 0.4)

/// Controls of neurons need no covariance, and that of a wide MLP is large.
bool keepsCovariance(const model::Capture& site) { return site.site != model::Site::MlpHidden; }

/// Zeros of the right shapes.
ActivationSet emptySet(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config) {
  ActivationSet out;
  const auto documents = static_cast<Eigen::Index>(corpus.documents.size());
  out.usable.assign(corpus.documents.size(), 0);
  out.tokens.assign(corpus.documents.size(), 0);
  for (const model::Capture& site : config.sites) {
    const std::int64_t width = model.info().siteWidth(site.site);
    out.sites.push_back({site, MatrixF::Zero(documents, width), Moments(width, keepsCovariance(site)).finish()});
  }
  return out;
}

/// Puts the states of batches into a set, document by document and site by site.
class Collector {
 public:
  Collector(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, const RunContext& context)
      : m_corpus(corpus), m_model(model), m_context(context), m_out(emptySet(corpus, model, config)) {
    for (const model::Capture& site : config.sites) m_moments.emplace_back(model.info().siteWidth(site.site), keepsCovariance(site));
    m_request.captures = config.sites;
  }

  /// Every document's states, in the order of the documents where sums are taken.
  void add(std::span<const Batch> batches) {
    const std::vector<std::size_t> spoilt = run(batches);
    // One document spoils a batch: alone, the others are as good as ever (a forward depends on no neighbour).
    std::vector<Batch> alone;
    for (const std::size_t b : spoilt)
      for (std::size_t k = 0; k < batches[b].documents.size(); ++k) alone.push_back({{batches[b].forest[k]}, {batches[b].documents[k]}});
    if (!alone.empty()) m_notFinite += run(alone).size();
  }

  ActivationSet finish(const Texts& texts) {
    const auto documents = m_corpus.documents.size();
    if (static_cast<double>(m_notFinite) > kTolerableShare * static_cast<double>(documents))
      throw Error("LAC-2002", std::to_string(m_notFinite) + " of " + std::to_string(documents) + " documents have hidden states that are not finite",
                  "the weights may have overflowed in fp16; use a bf16 or fp32 checkpoint");
    m_out.truncated = texts.truncated;
    for (std::size_t i = 0; i < texts.ids.size(); ++i) m_out.tokens[i] = static_cast<std::int32_t>(texts.ids[i].size());
    for (std::size_t s = 0; s < m_moments.size(); ++s) m_out.sites[s].stats = m_moments[s].finish();
    return std::move(m_out);
  }

 private:
  /// Gives the batches that have a state that is not finite; they leave no trace.
  std::vector<std::size_t> run(std::span<const Batch> batches) {
    const model::Arm clean;
    std::vector<model::ForwardBatch> toRun;
    for (const Batch& batch : batches) toRun.push_back({batch.forest, std::span(&clean, 1), m_request});
    std::vector<std::size_t> spoilt;
    std::size_t done = 0;
    m_context.report("Reading hidden states", done, batches.size());
    model::forwardEach(m_model, toRun, m_context, [&](std::size_t b, model::ForwardResult&& result, const Error* notFinite) {
      if (notFinite || !take(batches[b], result.captured.at(0))) spoilt.push_back(b);
      m_context.checkpoint();
      m_context.report("Reading hidden states", ++done, batches.size());
    });
    return spoilt;
  }

  bool take(const Batch& batch, const std::vector<MatrixF>& states) {
    std::atomic<bool> finite = true;
    parallelFor(static_cast<std::int64_t>(states.size()), m_context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t s = begin; s < end; ++s)
        if (!states[static_cast<std::size_t>(s)].allFinite()) finite = false;
    });
    if (!finite) return false;
    parallelFor(static_cast<std::int64_t>(states.size()), m_context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t s = begin; s < end; ++s) takeSite(batch, static_cast<std::size_t>(s), states[static_cast<std::size_t>(s)]);
    });
    for (const std::size_t document : batch.documents) m_out.usable[document] = 1;
    return true;
  }

  void takeSite(const Batch& batch, std::size_t site, const MatrixF& states) {
    Eigen::Index row = 0;
    for (std::size_t k = 0; k < batch.documents.size(); ++k) {
      const auto count = static_cast<Eigen::Index>(batch.forest[k].ids.size());
      const auto read = states.middleRows(row + 1, count - 1);   // position 0 is an attention sink (methods.md 0.6)
      m_out.sites[site].pooled.row(static_cast<Eigen::Index>(batch.documents[k])) =
          (read.cast<double>().colwise().sum() / static_cast<double>(count - 1)).cast<float>();
      if (m_corpus.documents[batch.documents[k]].role == corpus::Role::Fit) m_moments[site].add(read);
      row += count;
    }
  }

  const corpus::Corpus& m_corpus;
  const model::Model& m_model;
  const RunContext& m_context;
  ActivationSet m_out;
  std::vector<Moments> m_moments;
  model::ForwardRequest m_request;
  std::size_t m_notFinite = 0;
};

ActivationSet compute(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, const RunContext& context) {
  const Texts texts = tokenise(corpus, model, config.maxTokens, context);
  const std::vector<Batch> batches = batchesOf(texts, tokenBudget(model.info(), config.sites));
  Collector collector(corpus, model, config, context);
  collector.add(batches);
  return collector.finish(texts);
}

}  // namespace

const SiteActivations& ActivationSet::at(model::Capture site) const {
  for (const SiteActivations& s : sites)
    if (s.site.site == site.site && s.site.layer == site.layer) return s;
  throw Error("LAC-2005", "no activations of " + model::siteName(site.site) + " at layer " + std::to_string(site.layer.value), "collect that site first");
}

ActivationSet collect(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, const RunContext& context) {
  if (config.cacheFolder.empty()) return compute(corpus, model, config, context);
  const std::filesystem::path file = config.cacheFolder / (cacheKey(corpus, model, config) + ".activations");
  if (auto cached = readCache(file, emptySet(corpus, model, config))) return std::move(*cached);
  ActivationSet out = compute(corpus, model, config, context);
  writeCache(file, out);
  return out;
}

}  // namespace lacuna::activations
