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

/// Puts the states of batches into one set an arm, document by document and site by site.
class Collector {
 public:
  Collector(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, std::span<const model::Arm> arms,
            const RunContext& context)
      : m_corpus(corpus), m_model(model), m_context(context), m_arms(arms), m_sites(config.sites.size()), m_out(arms.size(), emptySet(corpus, model, config)) {
    for (std::size_t a = 0; a < arms.size(); ++a)
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

  std::vector<ActivationSet> finish(const Texts& texts) {
    const auto documents = m_corpus.documents.size();
    if (static_cast<double>(m_notFinite) > kTolerableShare * static_cast<double>(documents))
      throw Error("LAC-2002", std::to_string(m_notFinite) + " of " + std::to_string(documents) + " documents have hidden states that are not finite",
                  "the weights may have overflowed in fp16; use a bf16 or fp32 checkpoint");
    for (std::size_t a = 0; a < m_out.size(); ++a) {
      m_out[a].truncated = texts.truncated;
      for (std::size_t i = 0; i < texts.ids.size(); ++i) m_out[a].tokens[i] = static_cast<std::int32_t>(texts.ids[i].size());
      for (std::size_t s = 0; s < m_sites; ++s) m_out[a].sites[s].stats = m_moments[a * m_sites + s].finish();
    }
    return std::move(m_out);
  }

 private:
  /// Gives the batches that have a state that is not finite; they leave no trace.
  std::vector<std::size_t> run(std::span<const Batch> batches) {
    std::vector<model::ForwardBatch> toRun;
    for (const Batch& batch : batches) toRun.push_back({batch.forest, m_arms, m_request});
    std::vector<std::size_t> spoilt;
    std::size_t done = 0;
    m_context.report("Reading hidden states", done, batches.size());
    model::forwardEach(m_model, toRun, m_context, [&](std::size_t b, model::ForwardResult&& result, const Error* notFinite) {
      if (notFinite || !take(batches[b], result.captured)) spoilt.push_back(b);
      m_context.checkpoint();
      m_context.report("Reading hidden states", ++done, batches.size());
    });
    return spoilt;
  }

  bool take(const Batch& batch, const std::vector<std::vector<MatrixF>>& states) {
    std::atomic<bool> finite = true;
    eachState([&](std::size_t arm, std::size_t site) {
      if (!states[arm][site].allFinite()) finite = false;
    });
    if (!finite) return false;
    eachState([&](std::size_t arm, std::size_t site) { takeSite(batch, arm, site, states[arm][site]); });
    for (ActivationSet& set : m_out)
      for (const std::size_t document : batch.documents) set.usable[document] = 1;
    return true;
  }

  template <class Use> void eachState(Use&& use) const {
    parallelFor(static_cast<std::int64_t>(m_moments.size()), m_context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto k = static_cast<std::size_t>(begin); k < static_cast<std::size_t>(end); ++k) use(k / m_sites, k % m_sites);
    });
  }

  void takeSite(const Batch& batch, std::size_t arm, std::size_t site, const MatrixF& states) {
    Eigen::Index row = 0;
    for (std::size_t k = 0; k < batch.documents.size(); ++k) {
      const auto count = static_cast<Eigen::Index>(batch.forest[k].ids.size());
      const auto read = states.middleRows(row + 1, count - 1);   // position 0 is an attention sink (methods.md 0.6)
      m_out[arm].sites[site].pooled.row(static_cast<Eigen::Index>(batch.documents[k])) =
          (read.cast<double>().colwise().sum() / static_cast<double>(count - 1)).cast<float>();
      if (m_corpus.documents[batch.documents[k]].role == corpus::Role::Fit) m_moments[arm * m_sites + site].add(read);
      row += count;
    }
  }

  const corpus::Corpus& m_corpus;
  const model::Model& m_model;
  const RunContext& m_context;
  std::span<const model::Arm> m_arms;
  std::size_t m_sites;
  std::vector<ActivationSet> m_out;          ///< [arms]
  std::vector<Moments> m_moments;            ///< [arms · sites]
  model::ForwardRequest m_request;
  std::size_t m_notFinite = 0;
};

}  // namespace

const SiteActivations& ActivationSet::at(model::Capture site) const {
  for (const SiteActivations& s : sites)
    if (s.site.site == site.site && s.site.layer == site.layer) return s;
  throw Error("LAC-2005", "no activations of " + model::siteName(site.site) + " at layer " + std::to_string(site.layer.value), "collect that site first");
}

std::vector<ActivationSet> collectUnder(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config,
                                        std::span<const model::Arm> arms, const RunContext& context) {
  const Texts texts = tokenise(corpus, model, config.maxTokens, context);
  const std::vector<Batch> batches = batchesOf(texts, tokenBudget(model.info(), config.sites, arms.size()));
  Collector collector(corpus, model, config, arms, context);
  collector.add(batches);
  return collector.finish(texts);
}

ActivationSet collect(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, const RunContext& context) {
  const model::Arm clean;
  const auto compute = [&] { return std::move(collectUnder(corpus, model, config, std::span(&clean, 1), context).front()); };
  if (config.cacheFolder.empty()) return compute();
  const std::filesystem::path file = config.cacheFolder / (cacheKey(corpus, model, config) + ".activations");
  if (auto cached = readCache(file, emptySet(corpus, model, config))) return std::move(*cached);
  ActivationSet out = compute();
  writeCache(file, out);
  return out;
}

}  // namespace lacuna::activations
