#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/model/forward.h"

namespace lacuna::activations {

struct ActivationConfig {
  std::vector<model::Capture> sites;
  int maxTokens = 256;                       ///< documents are cut here (recorded)
  std::filesystem::path cacheFolder;         ///< empty: no cache; otherwise results are kept by content hash
};

/// Moments of one site over the reference tokens (documents of role Fit, position 0 left out), methods.md 0.6 and 5.1.
struct SiteStats {
  VectorD mean;            ///< [d]
  VectorD sd;              ///< [d] population
  VectorD meanSquare;      ///< [d] mean of x²
  MatrixD covariance;      ///< [d, d] population; empty when d exceeds ActivationConfig limits
  double rho = 0;          ///< sqrt(mean_t ‖h_t − μ‖² / d)
  std::int64_t tokens = 0;
};

struct SiteActivations {
  model::Capture site;
  MatrixF pooled;          ///< [nDocs, d] mean over tokens 1 … T−1
  SiteStats stats;
};

struct ActivationSet {
  std::vector<SiteActivations> sites;
  std::vector<std::int32_t> tokens;          ///< [nDocs] tokens read, first one included
  std::vector<std::uint8_t> usable;          ///< [nDocs] 0: fewer than two tokens or non-finite states
  std::int64_t truncated = 0;
  const SiteActivations& at(model::Capture site) const;
};

/// One pass of the model over the documents; every site at once. Throws LAC-2002 when > 0.1 % of documents are not finite.
ActivationSet collect(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config,
                      const RunContext& context);

/// The same under perturbations: one set an arm, layers below their first edits run once. The cache folder is not used.
std::vector<ActivationSet> collectUnder(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config,
                                        std::span<const model::Arm> arms, const RunContext& context);

/// States of single tokens, for what is read token by token instead of as a mean over a document.
struct TokenStates {
  std::vector<std::int32_t> documents;       ///< [T] places in the corpus, rising
  std::vector<std::int32_t> positions;       ///< [T] in their texts, 1 or more
  std::vector<MatrixF> states;               ///< [sites] → [T, d]
};
/// At most `perDocument` tokens of every document, position 0 left out, drawn by Philox of the context's seed and the document's id.
/// Throws LAC-2002 when a state is not finite.
TokenStates collectTokens(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, int perDocument,
                          const RunContext& context);

}  // namespace lacuna::activations
