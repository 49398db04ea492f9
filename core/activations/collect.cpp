#include <algorithm>
#include <atomic>
#include <cmath>

#include "cache.h"
#include "lacuna/activations/activations.h"
#include "lacuna/base/error.h"
#include "moments.h"

namespace lacuna::activations {
namespace {

constexpr std::size_t kBatchTokens = 4096;
constexpr double kTolerableShare = 0.001;  // of documents with non-finite states (methods.md 0.4)

struct Texts {
  std::vector<std::vector<std::int32_t>> ids;   ///< [nDocs], cut to maxTokens
  std::int64_t truncated = 0;
};

Texts tokenise(const corpus::Corpus& corpus, const model::Model& model, int maxTokens, const RunContext& context) {
  std::vector<std::string> texts;
  texts.reserve(corpus.documents.size());
  for (const corpus::Document& d : corpus.documents) texts.push_back(d.text);
  Texts out;
  out.ids = model.tokenizer().encodeBatch(texts, {false, true}, context.threadCount());
  const model::ModelInfo& info = model.info();
  const auto limit = static_cast<std::size_t>(info.learnedPositions ? std::min<std::int64_t>(maxTokens, info.maxPositions) : maxTokens);
  for (std::vector<std::int32_t>& ids : out.ids)
    if (ids.size() > limit) {
      ids.resize(limit);
      ++out.truncated;
    }
  return out;
}

/// Mean of rows first … last of a state, in fp64; false when any is not finite.
bool poolRows(const MatrixF& states, Eigen::Index first, Eigen::Index count, MatrixF& pooled, Eigen::Index document) {
  const VectorD mean = states.middleRows(first, count).cast<double>().colwise().sum().transpose() / static_cast<double>(count);
  pooled.row(document) = mean.cast<float>().transpose();
  return mean.allFinite();
}

/// Controls of neurons need no covariance, and that of a wide MLP is large.
bool keepsCovariance(const model::Capture& site) { return site.site != model::Site::MlpHidden; }

struct Batch { model::Forest forest; std::vector<std::size_t> documents; };

/// Documents of like length share a batch only by chance; order is kept, so that progress is steady and sums are reproducible.
std::vector<Batch> batchesOf(const Texts& texts) {
  std::vector<Batch> batches;
  std::size_t tokens = kBatchTokens;
  for (std::size_t i = 0; i < texts.ids.size(); ++i) {
    if (texts.ids[i].size() < 2) continue;
    if (tokens + texts.ids[i].size() > kBatchTokens) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().forest.push_back({texts.ids[i], -1, false});
    batches.back().documents.push_back(i);
    tokens += texts.ids[i].size();
  }
  return batches;
}

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

ActivationSet compute(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, const RunContext& context) {
  const Texts texts = tokenise(corpus, model, config.maxTokens, context);
  const auto documents = static_cast<Eigen::Index>(corpus.documents.size());
  ActivationSet out = emptySet(corpus, model, config);
  out.truncated = texts.truncated;
  for (std::size_t i = 0; i < texts.ids.size(); ++i) out.tokens[i] = static_cast<std::int32_t>(texts.ids[i].size());
  std::vector<Moments> moments;
  for (const model::Capture& site : config.sites) moments.emplace_back(model.info().siteWidth(site.site), keepsCovariance(site));
  model::ForwardRequest request;
  request.captures = config.sites;
  const model::Arm clean;
  const std::vector<Batch> batches = batchesOf(texts);
  std::int64_t notFinite = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    context.checkpoint();
    context.report("Reading hidden states", b, batches.size());
    const model::ForwardResult result = model::forward(model, batches[b].forest, std::span(&clean, 1), request, context);
    std::vector<std::atomic<bool>> finite(batches[b].documents.size());
    for (auto& flag : finite) flag = true;
    parallelFor(static_cast<std::int64_t>(config.sites.size()), context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t s = begin; s < end; ++s) {
        const auto at = static_cast<std::size_t>(s);
        const MatrixF& states = result.captured[0][at];
        Eigen::Index row = 0;
        for (std::size_t k = 0; k < batches[b].documents.size(); ++k) {
          const std::size_t document = batches[b].documents[k];
          const auto count = static_cast<Eigen::Index>(batches[b].forest[k].ids.size());
          const bool ok = poolRows(states, row + 1, count - 1, out.sites[at].pooled, static_cast<Eigen::Index>(document));
          if (!ok) finite[k] = false;
          if (ok && corpus.documents[document].role == corpus::Role::Fit) moments[at].add(states.middleRows(row + 1, count - 1));
          row += count;
        }
      }
    });
    for (std::size_t k = 0; k < finite.size(); ++k) {
      out.usable[batches[b].documents[k]] = finite[k] ? 1 : 0;
      notFinite += finite[k] ? 0 : 1;
    }
  }
  context.report("Reading hidden states", batches.size(), batches.size());
  if (static_cast<double>(notFinite) > kTolerableShare * static_cast<double>(documents))
    throw Error("LAC-2002", std::to_string(notFinite) + " of " + std::to_string(documents) + " documents have hidden states that are not finite",
                "the weights may have overflowed in fp16; use a bf16 or fp32 checkpoint");
  for (std::size_t s = 0; s < moments.size(); ++s) out.sites[s].stats = moments[s].finish();
  return out;
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
